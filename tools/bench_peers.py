"""roadseg beside its peers: the same network, tile (512) and overlap (128), megapixels per second and peak memory.

usage: bench_peers.py [--sizes 2000 10000] [--rounds 3] [--only NAME ...] [--stand-in] [--minutes 10] [--out peers]
Needs `pip install -r tools/bench_requirements.txt`; a peer that isn't installed is left out, with a line that says so.
Every figure comes from a process of its own, one at a time, in rounds, so that a busy machine slows all alike. The clock
runs from the picture in memory (or the file) to the finished probability (or file), after imports, loading and one tile
to warm up; memory is the process's largest resident size, imports included. Speeds are compared per second of processor
time, since a busy machine gives one process more of itself than the next. What results.json in --out already holds is
not measured again, and after --minutes nothing new is begun. With --stand-in a filter of 28 numbers takes the network's
place: its speed means nothing, but memory shows what each way of stitching needs by itself, in seconds instead of
minutes.
"""
import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TILE, OVERLAP, BLANK = 512, 128, 0.3        # pixels, pixels, share of the `blank` raster that is white

# name: (what it is, takes 'array' or 'file', raster, package that it needs)
CONTESTANTS = {
    'monai': ('MONAI, gaussian, float32', 'array', 'full', 'monai'),
    'monai-constant': ('MONAI, constant, float32', 'array', 'full', 'monai'),
    'monai-last': ('MONAI, gaussian, float32, channels last', 'array', 'full', 'monai'),
    'ours': ('predict_image, float32', 'array', 'full', None),
    'monai-blank': ('MONAI, gaussian, float32', 'array', 'blank', 'monai'),
    'ours-blank': ('predict_image, as it comes', 'array', 'blank', None),
    'ours-full': ('predict_image, as it comes', 'array', 'full', None),
    'geoai': ('geoai predict_geotiff, float32', 'file', 'full', 'geoai'),
    'geoai-semantic': ('geoai semantic_inference_on_geotiff, float32', 'file', 'full', 'geoai'),
    'ours-file': ('predict_raster, float32', 'file', 'full', None),
    'ours-file-full': ('predict_raster, as it comes', 'file', 'full', None),
    'ours-file-blank': ('predict_raster, as it comes', 'file', 'blank', None),
}

def draw_rasters(folder, size):
    "full_SIZE and blank_SIZE, each as .npy and .tif, from one drawn scene repeated"
    import numpy as np
    from roadseg.raster import import_rasterio
    from roadseg.scenes import draw_scene
    rasterio = import_rasterio()
    scene = draw_scene(3, 1024, blank=False).image
    image = np.tile(scene, (-(-size//1024), -(-size//1024), 1))[:size, :size]
    for name in ('full', 'blank'):
        if (folder/f'{name}_{size}.tif').exists(): continue
        if name == 'blank': image[int((1 - BLANK)*size):] = 255
        np.save(folder/f'{name}_{size}.npy', image)
        with rasterio.open(folder/f'{name}_{size}.tif', 'w', driver='GTiff', width=size, height=size, count=3, dtype='uint8', tiled=True, compress='deflate',
                           crs='EPSG:26986', transform=rasterio.Affine(1, 0, 2e5, 0, -1, 9e5)) as target: target.write(image.transpose(2, 0, 1))

def resident_mb(peak=False):
    "Resident memory of this process, now or at most so far"
    status = Path('/proc/self/status')
    if status.exists(): return int(status.read_text().split('VmHWM:' if peak else 'VmRSS:')[1].split()[0])/1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/2**(20 if sys.platform == 'darwin' else 10)

def load(name, stand_in):
    "The shipped network, or a filter in its place, and the card"
    import torch
    from roadseg.pretrained import load_pretrained
    if name.startswith('ours-file'):             # as the command does at its start: one heap for all threads
        from roadseg.predict import reuse_memory
        reuse_memory(heaps=1)
    model, card = load_pretrained()
    if not stand_in: return model, card
    torch.manual_seed(0)
    return torch.nn.Conv2d(3, 1, 3, padding=1).eval(), card

def array_way(name, model, card):
    "Function: image uint8 (height, width, 3) -> probability float32 (height, width)"
    import torch
    if name.startswith('ours'):
        from roadseg.predict import predict_image
        asked = dict(precision='float32', nodata=None) if name == 'ours' else {}
        return lambda image: predict_image(model, image, tile=TILE, overlap=OVERLAP, **asked)
    from monai.inferers import sliding_window_inference
    mode = 'constant' if name == 'monai-constant' else 'gaussian'
    network = (lambda tile: model(tile.contiguous(memory_format=torch.channels_last))) if name == 'monai-last' else model
    def predict(image):
        with torch.inference_mode():
            images = torch.from_numpy(image).permute(2, 0, 1)[None].float()/255
            return sliding_window_inference(images, (TILE, TILE), 1, network, overlap=OVERLAP/TILE, mode=mode).sigmoid()[0, 0].numpy()
    return predict

def file_way(name, model, card):
    "Function: (source, destination) of GeoTIFFs"
    import torch
    if name.startswith('ours'):
        from roadseg.raster import predict_raster
        asked = dict(precision='float32', find_blank=False) if name == 'ours-file' else {}
        return lambda source, destination: predict_raster(model, card, source, destination, tile=TILE, overlap=OVERLAP, overwrite=True, say=lambda line: None, **asked)
    if name == 'geoai':
        from geoai.inference import predict_geotiff
        network = torch.nn.Sequential(model, torch.nn.Sigmoid())
        return lambda source, destination: predict_geotiff(network, str(source), str(destination), TILE, OVERLAP, batch_size=1, device='cpu', verbose=False)
    from geoai.train import semantic_inference_on_geotiff
    class TwoClasses(torch.nn.Module):
        def __init__(self): super().__init__(); self.model = model
        def forward(self, images): return torch.nn.functional.pad(self.model(images), (0, 0, 0, 0, 1, 0))     # softmax of (0, logit) is its sigmoid
    network, cpu = TwoClasses(), torch.device('cpu')
    return lambda source, destination: semantic_inference_on_geotiff(network, str(source), str(destination), TILE, OVERLAP, batch_size=1, num_classes=2,
                                                                     device=cpu, probability_threshold=card['threshold'], quiet=True)

def run_one(name, size, folder, stand_in):
    "Measure one contestant in this process; a dict of figures"
    warnings.simplefilter('ignore')
    import numpy as np
    import torch
    model, card = load(name, stand_in)
    raster = folder/f'{CONTESTANTS[name][2]}_{size}'
    if CONTESTANTS[name][1] == 'array':
        predict = array_way(name, model, card)
        predict(np.random.default_rng(0).integers(0, 250, (TILE, TILE, 3), dtype=np.uint8))
        image = np.load(raster.with_suffix('.npy'))
        start_mb, start, cpu = resident_mb(), time.perf_counter(), time.process_time()
        found = predict(image)
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
        peak_mb = resident_mb(peak=True)
    else:
        from roadseg.raster import import_rasterio
        predict, destination = file_way(name, model, card), folder/f'{name}.tif'
        predict(folder/'full_512.tif', destination)
        start_mb, start, cpu = resident_mb(), time.perf_counter(), time.process_time()
        predict(raster.with_suffix('.tif'), destination)
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
        peak_mb = resident_mb(peak=True)
        with import_rasterio().open(destination) as source: found = source.read(1).astype(np.float32)
        if name.startswith('ours'): found = (found - 1)/254
        if name == 'geoai-semantic': found = found.astype(np.float32)
        destination.unlink()
    with np.errstate(invalid='ignore'): road_share = float((found > card['threshold']).mean())
    return dict(threads=torch.get_num_threads(), seconds=seconds, cpu_seconds=cpu_seconds, mp_per_s=size*size/1e6/seconds, peak_mb=peak_mb, start_mb=start_mb, road_share=road_share)

def machine():
    "What these figures depend on"
    import torch
    cpu = next((line.split(':')[1].strip() for line in Path('/proc/cpuinfo').read_text().splitlines() if line.startswith('model name')), platform.processor()) if Path('/proc/cpuinfo').exists() else platform.processor()
    found = {}
    for name in ('torch', 'monai', 'geoai-py', 'roadseg'):
        try: found[name] = version(name)
        except PackageNotFoundError: found[name] = 'source' if name == 'roadseg' else 'none'
    return dict(cpu=cpu, threads=torch.get_num_threads(), bf16=bool(torch.cpu._is_avx512_bf16_supported()), versions=found)

def summary(rows, network):
    "Figures of one network as a table: the best speed of all rounds, how many processors it had then, and the largest memory"
    import pandas as pd
    table = pd.DataFrame([row for row in rows if row['network'] == network])
    table['processors'], table['mp_per_cpu_s'] = table.cpu_seconds/table.seconds, table['size']**2/1e6/table.cpu_seconds
    fastest = table.loc[table.groupby(['size', 'name']).mp_per_s.idxmax(), ['size', 'name', 'threads', 'processors', 'mp_per_s', 'road_share']]
    fastest = fastest.merge(table.groupby(['size', 'name']).mp_per_cpu_s.max().reset_index())
    best = fastest.merge(table.groupby(['size', 'name']).agg(peak_mb=('peak_mb', 'max'), start_mb=('start_mb', 'max'), rounds=('round', 'size')).reset_index())
    best.insert(1, 'contestant', best.name.map(lambda name: CONTESTANTS[name][0]))
    best.insert(2, 'raster', best.name.map(lambda name: CONTESTANTS[name][2]))
    rank = {name: place for place, name in enumerate(CONTESTANTS)}
    return best.sort_values(['size', 'name'], key=lambda column: column.map(rank) if column.name == 'name' else column).reset_index(drop=True)

# what is claimed: name, (contestant, figure), (contestant, figure), bound; speed: at least, memory: at most
TARGETS = (('float32, speed beside MONAI', 'mp_per_cpu_s', 'ours', 'monai', 1.0), ('float32, speed beside MONAI with channels last', 'mp_per_cpu_s', 'ours', 'monai-last', 1.0),
           ('as it comes, 30 % blank, speed beside MONAI', 'mp_per_cpu_s', 'ours-blank', 'monai-blank', 1.3), ('as it comes, nothing blank, speed beside MONAI', 'mp_per_cpu_s', 'ours-full', 'monai', 1.3),
           ('files, float32, speed beside geoai', 'mp_per_cpu_s', 'ours-file', 'geoai', None), ('files, float32, memory beside geoai', 'peak_mb', 'ours-file', 'geoai', 0.25),
           ('files, as it comes, memory beside geoai', 'peak_mb', 'ours-file-full', 'geoai', 0.25),
           ('files, float32, memory beside geoai semantic', 'peak_mb', 'ours-file', 'geoai-semantic', 0.25), ('files, as it comes, memory beside geoai semantic', 'peak_mb', 'ours-file-full', 'geoai-semantic', 0.25), ('arrays, float32, memory beside MONAI', 'peak_mb', 'ours', 'monai', None))

def ratios(rows, network):
    "Ratios of each claim: speed per second of processor time, the best round of each; memory, the largest of each"
    import pandas as pd
    table, found = summary(rows, network), []
    for claim, figure, mine, theirs, bound in TARGETS:
        for size, of_size in table.groupby('size'):
            values = of_size.groupby('name')[figure].max()
            if not {mine, theirs} <= set(values.index) or (figure != 'peak_mb' and network != 'shipped'): continue
            ratio = values[mine]/values[theirs]
            asked = '' if bound is None or (figure == 'peak_mb' and size < 10_000) else f'{"at least" if figure != "peak_mb" else "at most"} {bound:g}'
            met = '' if not asked else 'yes' if (ratio >= bound) == (figure != 'peak_mb') else 'no'
            found.append(dict(size=size, claim=claim, ratio=round(float(ratio), 2), asked=asked, met=met))
    return pd.DataFrame(found)

def main():
    "Draw the rasters, run the contestants one by one, keep and print what they say"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--sizes', type=int, nargs='+', default=[2000], help='sides of the rasters in pixels (%(default)s)')
    parser.add_argument('--rounds', type=int, default=3, help='how often each runs (%(default)s)')
    parser.add_argument('--only', nargs='+', choices=CONTESTANTS, default=list(CONTESTANTS), metavar='NAME', help=', '.join(CONTESTANTS))
    parser.add_argument('--stand-in', action='store_true', help='a filter instead of the network')
    parser.add_argument('--minutes', type=float, default=float('inf'), help='begin nothing new after this long')
    parser.add_argument('--out', type=Path, default=Path('peers'), help='folder for rasters and results.json (%(default)s)')
    parser.add_argument('--one', nargs=2, metavar=('NAME', 'SIZE'), help=argparse.SUPPRESS)
    args = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if args.one: print(json.dumps(run_one(args.one[0], int(args.one[1]), args.out, args.stand_in))); return
    args.out.mkdir(parents=True, exist_ok=True)
    for size in {TILE, *args.sizes}: draw_rasters(args.out, size)
    results, network = args.out/'results.json', 'stand-in' if args.stand_in else 'shipped'
    found = json.loads(results.read_text()) if results.exists() else dict(machine=machine(), rows=[])
    there = {package for package in ('monai', 'geoai') if find_spec(package)}
    for name in args.only:
        if CONTESTANTS[name][3] not in {None, *there}: print(f'{CONTESTANTS[name][3]} is not installed: {name} is left out (pip install -r tools/bench_requirements.txt)')
    known = {(row['name'], row['size'], row['round'], row['network']) for row in found['rows']}
    end = time.monotonic() + 60*args.minutes
    for size in args.sizes:
        for turn in range(args.rounds):
            for name in [name for name in args.only if CONTESTANTS[name][3] in {None, *there} and (name, size, turn, network) not in known]:
                if time.monotonic() > end: continue
                done = subprocess.run([sys.executable, __file__, '--one', name, str(size), '--out', args.out, *['--stand-in']*args.stand_in],
                                      capture_output=True, text=True, env=os.environ | dict(NO_ALBUMENTATIONS_UPDATE='1', HF_HUB_OFFLINE='1'))
                if done.returncode: sys.exit(f'{name} at {size} failed:\n{done.stderr[-2000:]}')
                found['rows'].append(dict(name=name, size=size, round=turn, network=network) | json.loads(done.stdout.splitlines()[-1]))
                results.write_text(json.dumps(found, indent=1))
                row = found['rows'][-1]
                print(f'{size} px, round {turn + 1}, {name}: {row["mp_per_s"]:.2f} MP/s on {row["cpu_seconds"]/row["seconds"]:.1f} processors, peak {row["peak_mb"]:.0f} MB ({row["start_mb"]:.0f} MB at the start)', flush=True)
    print(summary(found['rows'], network).round(2).to_string(), ratios(found['rows'], network).to_string(), json.dumps(found['machine']), sep='\n\n')

if __name__ == '__main__': main()
