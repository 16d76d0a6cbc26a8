"""Run chapters top to bottom, each in a fresh process and an empty folder, and save their outputs into them.

usage: run_notebooks.py [--flags slow] [--timeout 1200] [--installed] NOTEBOOK...
Progress bars and warnings on stderr are left out of the saved outputs. With --installed the chapters run against the
installed package instead of this checkout, as tests, and nothing is saved. Exit status 1 if any chapter fails.
"""
import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

ROOT = Path(__file__).resolve().parent.parent

def skipped(cell, flags):
    "True for cells that carry a flag of settings.ini (`tst_flags`) which was not asked for"
    marks = set(re.findall(r'^#\|\s*(\w+)(?::\s*(\w+))?', cell.source, re.M))
    if ('eval', 'false') in marks: return True
    return any(mark in {'cuda', 'slow', 'net', 'bench'} - flags for mark, _ in marks)

def tidy(output):
    "Drop what would differ from one run to the next"
    if output.output_type == 'stream' and output.name == 'stderr': return None
    if output.output_type == 'execute_result': output.execution_count = None
    return output

def run_notebook(path, flags, timeout, save):
    "Run `path` in a fresh kernel in an empty folder and, if asked, save what its cells printed and drew; raises on the first error"
    book = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(book, timeout=timeout, kernel_name='python3', resources={'metadata': {'path': folder}})
        with client.setup_kernel():
            for index, cell in enumerate(book.cells):
                if cell.cell_type != 'code' or skipped(cell, flags): continue
                client.execute_cell(cell, index)
                cell.outputs = [kept for kept in map(tidy, cell.outputs) if kept is not None]
                cell.execution_count = None
                cell.metadata.pop('execution', None)
    if save: nbformat.write(book, path)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('notebooks', nargs='+', type=Path)
    parser.add_argument('--flags', default='', help='flagged cells to run as well, for example "slow cuda"')
    parser.add_argument('--timeout', type=int, default=1200, help='seconds that one cell may take')
    parser.add_argument('--installed', action='store_true', help='run against the installed package, as tests; save nothing')
    args = parser.parse_args()
    os.environ['NO_ALBUMENTATIONS_UPDATE'] = '1'
    if args.installed: os.environ['IN_TEST'] = '1'
    else: os.environ['PYTHONPATH'] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get('PYTHONPATH')]))
    failed = 0
    for path in args.notebooks:
        start = time.perf_counter()
        try: run_notebook(path, set(args.flags.split()), args.timeout, save=not args.installed)
        except (CellExecutionError, CellTimeoutError) as error:
            failed += 1
            print(f'{path.name}: failed\n{error}', file=sys.stderr)
        print(f'{path.name}: {time.perf_counter() - start:.1f} s')
    sys.exit(bool(failed))

if __name__ == '__main__': main()
