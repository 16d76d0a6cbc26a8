"""The reference recipe beside the new one: same pictures, same start, same seconds. Tables, plot and figures go into a folder.

usage: bench.py [--data FOLDER] [--out bench] [--full | --seconds 180 --marks 4] [--device auto] [--weights random]
Without --data the pictures are those of $ROADSEG_DATA, and without that they are drawn. The quick form takes under ten
minutes on two cores; --full is for a GPU: half an hour each, judged 20 times.
"""
import argparse
import os
import shlex
import sys
from pathlib import Path

from roadseg.benchmark import results_page, run_benchmark
from roadseg.data import InputError

def main():
    "Read the arguments, run the race, print its tables"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', default=os.environ.get('ROADSEG_DATA'), help='folder of pairs; none: drawn scenes')
    parser.add_argument('--out', default='bench', help='folder for everything (%(default)s)')
    parser.add_argument('--full', action='store_true', help='1800 seconds each, 20 marks')
    parser.add_argument('--seconds', type=float, help='budget of each recipe (180)')
    parser.add_argument('--marks', type=int, help='how often each is judged (4)')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or mps')
    parser.add_argument('--weights', default='random', help='start of both encoders: random, imagenet or a file')
    parser.add_argument('--workers', type=int, help='loading processes of the new recipe (0 on a CPU, up to 8 on a GPU)')
    for name in ('crop', 'batch-size', 'crops-per-image'): parser.add_argument(f'--{name}', type=int, help='of the new recipe')
    args = parser.parse_args()
    seconds, marks = (1800, 20) if args.full else (180, 4)
    changes = {name: value for name in ('crop', 'batch_size', 'crops_per_image') if (value := getattr(args, name)) is not None}
    typed = {name: value for name, value in vars(args).items() if value not in (None, False, '') and (name == 'data' or value != parser.get_default(name))}
    words = [word for name, value in typed.items() for word in ('--' + name.replace('_', '-'), Path(str(value)).name) if word != 'True']
    try: results = run_benchmark(args.data or None, args.out, args.seconds or seconds, args.marks or marks, args.device, args.weights, args.workers,
                                 command=shlex.join(['python', 'tools/bench.py', *words]), **changes)
    except InputError as error: sys.exit(f'bench: error: {error}')
    print(results_page(results))
    print(f'{args.out}: results.json, results.md, race.jpg, and the networks of each mark')

if __name__ == '__main__': main()
