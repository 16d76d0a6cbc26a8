"""Is the house in order? Export in step, notebooks clean, README and stamps in step, outputs tidy, imports downward.

usage: check_house.py    (changes nothing; exit status 1 if a check fails)
"""
import ast
import filecmp
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT/'nbs').glob('[0-9]*.ipynb'))

def run(*command, cwd=ROOT):
    "Output of a command that fails; nothing if it goes well"
    done = subprocess.run([sys.executable, *command], cwd=cwd, capture_output=True, text=True)
    return [(done.stdout + done.stderr).strip() or ' '.join(command)] if done.returncode else []

def export_in_step():
    "Clean and export a copy, then compare"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)/'copy'
        copy.mkdir()
        shutil.copy(ROOT/'settings.ini', copy)
        shutil.copytree(ROOT/'nbs', copy/'nbs', ignore=shutil.ignore_patterns('.ipynb_checkpoints'))
        (copy/'roadseg').mkdir()
        failed = run('-c', 'from nbdev.clean import nbdev_clean; nbdev_clean()', cwd=copy)
        failed += run('-c', 'from nbdev.export import nb_export; from nbdev.doclinks import nbdev_export; nbdev_export()', cwd=copy)
        if failed: return failed
        dirty = [path.name for path in (ROOT/'nbs').glob('*.ipynb') if not filecmp.cmp(path, copy/'nbs'/path.name, shallow=False)]
        names = {path.name for path in (ROOT/'roadseg').glob('*.py')} | {path.name for path in (copy/'roadseg').glob('*.py')}
        stale = [name for name in names if not all((side/'roadseg'/name).exists() for side in (ROOT, copy))
                 or not filecmp.cmp(ROOT/'roadseg'/name, copy/'roadseg'/name, shallow=False)]
    return [f'{name}: not clean, run `make export`' for name in sorted(dirty)] + [f'roadseg/{name}: out of step, run `make export`' for name in sorted(stale)]

def imports_downward():
    "A chapter imports from lower numbers only, and the package needs none of the notebooks' tools"
    number = {path.stem[3:]: int(path.stem[:2]) for path in CHAPTERS}
    wrong = []
    for path in (ROOT/'roadseg').glob('*.py'):
        if path.stem.startswith('_'): continue
        for node in ast.walk(ast.parse(path.read_text())):
            module = (node.module or '') if isinstance(node, ast.ImportFrom) else ''
            own = module.removeprefix('roadseg.') if module.startswith('roadseg.') or getattr(node, 'level', 0) else None
            if own in number and number[own] >= number[path.stem]: wrong.append(f'{path.name} imports {own}, which comes later')
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [module]
            wrong += [f'{path.name} imports {name}, which the installed package must not need' for name in names
                      if name.split('.')[0] in ('fastcore', 'nbdev', 'IPython', 'execnb')]
    return wrong

def outputs_tidy():
    "Saved outputs: there, small, no errors, no warnings, no paths of one machine"
    wrong = []
    for path in [*CHAPTERS, ROOT/'nbs'/'index.ipynb']:
        cells = [cell for cell in json.loads(path.read_text())['cells'] if cell['cell_type'] == 'code']
        text = json.dumps([cell['outputs'] for cell in cells])
        if len(text) > 500_000: wrong.append(f'{path.name}: {len(text)//1024} KB of outputs')
        if any(cell['outputs'] for cell in cells) is False and len(cells) > 5: wrong.append(f'{path.name}: no saved outputs')
        if '"output_type": "error"' in text: wrong.append(f'{path.name}: a saved output is an error')
        if 'Warning' in text: wrong.append(f'{path.name}: a saved output shows a warning')
        for found in sorted(set(re.findall(r'/(?:work|root|home|tmp|opt|content)/[\w./-]+', text))): wrong.append(f'{path.name}: a saved output shows the path {found}')
    return wrong

CHECKS = dict(export_in_step=export_in_step, imports_downward=imports_downward, outputs_tidy=outputs_tidy,
              stamps_in_step=lambda: run('tools/stamp_notebooks.py', '--check'),
              readme_in_step=lambda: run('tools/make_readme.py', '--check'),
              ruff=lambda: run('-m', 'ruff', 'check', '--quiet', 'roadseg', 'tools'))

def main():
    "Run all checks and tell what each found"
    failed = 0
    for name, check in CHECKS.items():
        found = check()
        failed += bool(found)
        print(f'{name}: {"fine" if not found else ""}')
        for line in found: print(f'  {line}')
    print(f'{len(CHECKS) - failed} passed, {failed} failed')
    sys.exit(bool(failed))

if __name__ == '__main__': main()
