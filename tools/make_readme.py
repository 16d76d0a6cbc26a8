"""README.md from nbs/index.ipynb, with its pictures from the chapters.

usage: make_readme.py [--check]    (--check changes nothing, and exits with 1 if README.md or a picture is out of date)
A chapter's cell that starts with `# picture: NAME` lends its first picture to nbs/pictures/NAME.jpeg;
index.ipynb links it as `pictures/NAME.jpeg`. Cells marked `#| hide` are left out.
"""
import base64
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT/'nbs'

def pictures():
    "File to content for every cell that lends its picture"
    found = {}
    for path in sorted(NBS.glob('[0-9]*.ipynb')):
        for cell in nbformat.read(path, as_version=4).cells:
            name = re.match(r'# picture: ([\w-]+)\s', cell.source) if cell.cell_type == 'code' else None
            if not name: continue
            images = [output['data']['image/jpeg'] for output in cell.outputs if 'image/jpeg' in output.get('data', {})]
            if not images: sys.exit(f'{path.name}: the cell "# picture: {name[1]}" has no saved picture: run it with tools/run_notebooks.py')
            found[NBS/'pictures'/f'{name[1]}.jpeg'] = base64.b64decode(images[0])
    return found

def readme():
    "The text of README.md"
    book = nbformat.read(NBS/'index.ipynb', as_version=4)
    book.cells = [cell for cell in book.cells if not cell.source.startswith('#| hide')]
    text = MarkdownExporter().from_notebook_node(book)[0]
    linked = re.sub(r'\]\((?!https?:|#)([^)]+)\)', r'](nbs/\1)', text)
    return '<!-- made from nbs/index.ipynb by tools/make_readme.py: change it there -->\n\n' + linked.replace('](nbs/../', '](').strip() + '\n'

def main():
    "Write what differs, or say so"
    wanted = pictures() | {ROOT/'README.md': readme().encode()}
    missing = [link for link in re.findall(r'\]\(((?!https?:|#)[^)#]+)', wanted[ROOT/'README.md'].decode())
               if not (ROOT/link).exists() and ROOT/link not in wanted]
    if missing: sys.exit(f'README.md links what is not there: {", ".join(missing)}')
    stale = [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]
    stale += [path for path in (NBS/'pictures').glob('*') if path not in wanted]
    if not stale: return
    names = ', '.join(str(path.relative_to(ROOT)) for path in stale)
    if '--check' in sys.argv: sys.exit(f'out of date, run `make readme`: {names}')
    (NBS/'pictures').mkdir(exist_ok=True)
    for path in stale: path.write_bytes(wanted[path]) if path in wanted else path.unlink()
    print(f'written: {names}')

if __name__ == '__main__': main()
