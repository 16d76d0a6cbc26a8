"""The tests that take longer: the chapters' slow cells, then every chapter against the built wheel in an empty folder.

usage: test_slow.py [--skip-cells] [--skip-wheel]    (exit status 1 if a part fails)
"""
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

def call(*command, cwd=ROOT, **environment):
    "Run a command, let its output through, tell whether it went well"
    print('$', ' '.join(Path(word).name if os.path.isabs(word) else word for word in map(str, command)), flush=True)
    return subprocess.run(list(map(str, command)), cwd=cwd, env=os.environ | environment).returncode == 0

def slow_cells():
    "Chapters that have slow cells, with these cells, two chapters at a time"
    books = [path for path in sorted((ROOT/'nbs').glob('[0-9]*.ipynb')) if '"#| slow' in path.read_text()]
    pattern = '|'.join(path.stem for path in books)
    return call(Path(sys.executable).parent/'nbdev_test', '--flags', 'slow', '--file_re', f'({pattern})', '--n_workers', '2', '--timing', OMP_NUM_THREADS='1')

def wheel_chapters():
    "Build the wheel, install it into an empty environment that borrows this one's libraries, run every chapter there"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if not call(sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', folder/'dist', ROOT): return False
        venv.create(folder/'env', with_pip=True)
        (empty := folder/'empty').mkdir()
        python = folder/'env'/'bin'/'python'
        site = subprocess.run([python, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], capture_output=True, text=True, check=True)
        (Path(site.stdout.strip())/'borrowed.pth').write_text(sysconfig.get_path('purelib') + '\n')
        if not call(python, '-m', 'pip', 'install', '--quiet', '--no-deps', *(folder/'dist').glob('*.whl')): return False
        where = subprocess.run([python, '-c', 'import roadseg; print(roadseg.__file__)'], cwd=empty, capture_output=True, text=True, check=True)
        if str(folder) not in where.stdout: print(f'the chapters would run against {where.stdout.strip()}, not the wheel'); return False
        return call(python, ROOT/'tools'/'run_notebooks.py', '--installed', *sorted((ROOT/'nbs').glob('[0-9]*.ipynb')), cwd=empty)

def main():
    "Run the parts, tell how long each took"
    parts = dict(cells=slow_cells, wheel=wheel_chapters)
    results = {}
    for name, part in parts.items():
        if f'--skip-{name}' in sys.argv: continue
        start = time.perf_counter()
        results[name] = part()
        print(f'{name}: {"fine" if results[name] else "failed"} after {time.perf_counter() - start:.0f} s', flush=True)
    print(f'{sum(results.values())} passed, {len(results) - sum(results.values())} failed')
    sys.exit(not all(results.values()))

if __name__ == '__main__': main()
