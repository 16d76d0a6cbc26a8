"""Stamp the Colab badge and the Colab install cell into every chapter, from settings.ini.

usage: stamp_notebooks.py [--check]    (--check changes nothing, and exits with 1 if a chapter's stamp is out of date)
The badge stands under the chapter's title, the install cell is the first cell after it.
"""
import sys
from configparser import ConfigParser
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
BADGE, INSTALL = '[![Open in Colab]', '# In Colab: install roadseg'

def settings():
    "The [DEFAULT] section of settings.ini"
    parser = ConfigParser(delimiters=['='])
    parser.read(ROOT/'settings.ini', encoding='utf-8')
    return parser['DEFAULT']

def badge(cfg, name):
    "The line under the title"
    return (f'{BADGE}(https://colab.research.google.com/assets/colab-badge.svg)]'
            f'(https://colab.research.google.com/github/{cfg["user"]}/{cfg["repo"]}/blob/{cfg["branch"]}/nbs/{name})')

def install(cfg):
    "The cell that does nothing outside Colab; what Colab brings stays at the version it has"
    return f'''{INSTALL} and what this chapter needs; elsewhere this cell does nothing
import sys
if 'google.colab' in sys.modules:
    !pip list --format=freeze | grep -E '^(torch|torchvision|numpy|ipykernel)==' > /tmp/keep.txt
    !pip install -q -c /tmp/keep.txt "{cfg["lib_name"]}[nb,geo] @ git+{cfg["git_url"]}@{cfg["branch"]}"'''

def stamped(book, cfg, name):
    "The cells of `book` with badge and install cell in place"
    cells = [cell for cell in book.cells if not (cell.cell_type == 'code' and cell.source.startswith(INSTALL))]
    title = next(i for i, cell in enumerate(cells) if cell.cell_type == 'markdown' and cell.source.startswith('# '))
    lines = [line for line in cells[title].source.splitlines() if not line.startswith(BADGE)]
    after = next((i for i, line in enumerate(lines) if line.startswith('> ')), 0) + 1
    rest = '\n'.join(lines[after:]).strip('\n')
    cells[title].source = '\n'.join([*lines[:after], '', badge(cfg, name), '', rest]).rstrip()
    cell = nbformat.v4.new_code_cell(install(cfg), id='colab')
    return cells[:title+1] + [cell] + cells[title+1:]

def main():
    "Stamp, or check, all chapters"
    cfg, stale = settings(), []
    for path in sorted((ROOT/cfg['nbs_path']).glob('[0-9]*.ipynb')):
        book = nbformat.read(path, as_version=4)
        before = [(cell.cell_type, cell.source) for cell in book.cells]
        book.cells = stamped(book, cfg, path.name)
        if [(cell.cell_type, cell.source) for cell in book.cells] == before: continue
        stale.append(path.name)
        if '--check' not in sys.argv: nbformat.write(book, path)
    if stale: print(('out of date, run tools/stamp_notebooks.py: ' if '--check' in sys.argv else 'stamped: ') + ', '.join(stale))
    sys.exit('--check' in sys.argv and bool(stale))

if __name__ == '__main__': main()
