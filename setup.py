"Everything comes from settings.ini, so that nbdev and pip read one and the same file; every `*_requirements` key is an extra"
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=['='])
parser.read(here/'settings.ini', encoding='utf-8')
cfg = parser['DEFAULT']

extras = {key.removesuffix('_requirements'): value.split() for key, value in cfg.items() if key.endswith('_requirements')}
extras['dev'] = sorted({requirement for requirements in extras.values() for requirement in requirements})

setup(
    name=cfg['lib_name'], version=cfg['version'], description=cfg['description'], keywords=cfg['keywords'],
    author=cfg['author'], author_email=cfg['author_email'], license='Apache-2.0', url=cfg['git_url'],
    long_description=(here/'README.md').read_text(encoding='utf-8'), long_description_content_type='text/markdown',
    packages=['roadseg', 'roadseg.weights'], package_data={'roadseg.weights': ['*']},
    python_requires='>=' + cfg['min_python'], install_requires=cfg['requirements'].split(), extras_require=extras,
    entry_points={'console_scripts': cfg['console_scripts'].split(), 'nbdev': ['roadseg=roadseg._modidx:d']},
    classifiers=['Development Status :: 3 - Alpha', 'Intended Audience :: Developers', 'Natural Language :: English',
                 'Topic :: Scientific/Engineering :: GIS', 'Programming Language :: Python :: 3'],
    zip_safe=False,
)
