"""Times the renderer: photos by route and samples, and the studio's training tiles; and the memory that each takes.

    python benchmarks/render.py --runs 6

Every route runs in a process of its own, so that its peak memory is its own. Times are CPU seconds over all threads,
medians over runs after one that warms up: a machine with two free cores does twice what the table says of one.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import cv2

from phonegrade.configs.render_settings import load_scenarios
from phonegrade.core.devices.catalogue import rendered_devices
from phonegrade.core.errors import SetupError
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.placement import TileFormat
from phonegrade.rendering.camera import draw_pose
from phonegrade.rendering.phone import draw_phone
from phonegrade.rendering.photo import Route, render_photo
from phonegrade.rendering.shoot import draw_screen
from phonegrade.rendering.streams import Stream, stream
from phonegrade.rendering.tile_studio import TileStudio

PHOTO_PX = 768
SURFACES = (Surface.FRONT, Surface.BACK, Surface.RIGHT)
SAMPLES = (8, 16, 32)
CROPS_PX = (320, 512)
TILES_PER_SURFACE = 24
SEED = 0


@dataclass(frozen=True)
class Result:
    """Median CPU seconds of one piece of work, and the peak memory of the process that did it."""

    seconds: float
    peak_mib: float


def photo_costs(preset: str, route: Route, samples: int, runs: int) -> Iterator[float]:
    """CPU seconds of each of `runs` square photos and of one before that warms up: new phone, surface by surface."""
    scenarios = list(load_scenarios(preset).scenarios.values())
    known = rendered_devices()
    for run in range(runs + 1):
        settings, surface = scenarios[run % len(scenarios)].model_copy(update={"samples": samples}), SURFACES[run % 3]
        rng = stream(Stream.SHOT, SEED, run, 0, 0)
        phone = draw_phone(known[int(rng.integers(len(known)))], settings, (SEED, run))
        pose = draw_pose(phone.size_mm(surface), settings.camera, rng)
        focal_px = 0.85 * PHOTO_PX * pose.distance_mm / max(pose.size_mm)
        middle = (PHOTO_PX / 2, PHOTO_PX / 2)
        square = replace(pose, photo_hw=(PHOTO_PX, PHOTO_PX), focal_px=focal_px, principal_px=middle)
        start = time.process_time()
        render_photo(phone, surface, draw_screen(settings, surface, rng), square, settings, route, rng)
        yield time.process_time() - start


def tile_costs(preset: str, crop_px: int, runs: int) -> Iterator[float]:
    """CPU seconds a tile, baking included, of each of `runs` surfaces and of one before that warms up."""
    studio = TileStudio(load_scenarios(preset), TileFormat(crop_px), SEED)
    for run in range(runs + 1):
        start = time.process_time()
        for _ in studio.tiles(run, TILES_PER_SURFACE):
            pass
        yield (time.process_time() - start) / TILES_PER_SURFACE


def measure(costs: Callable[..., Iterator[float]], *arguments: object) -> Result | str:
    """The median of all but the first cost; the reason where the machine cannot do it."""
    cv2.setNumThreads(1)
    try:
        seconds = statistics.median(list(costs(*arguments))[1:])
    except SetupError as error:
        return str(error)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Result(seconds, peak / (1024**2 if sys.platform == "darwin" else 1024))


def measured(costs: Callable[..., Iterator[float]], *arguments: object) -> Result | str:
    """`measure` in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, costs, *arguments).result()


def line(name: str, result: Result | str, unit_s: float, unit: str) -> str:
    """One row of the table: `unit_s` over the cost is how many a `unit` takes."""
    if isinstance(result, str):
        return f"{name:<26}cannot be measured here: {result}"
    return f"{name:<26}{result.seconds:>9.3f}{unit_s / result.seconds:>11.0f} {unit:<16}{result.peak_mib:>8.0f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=6, help="timed photos or surfaces a row, after one (default 6)")
    parser.add_argument("--preset", default="mixed", help="what phones are photographed in (default mixed)")
    parser.add_argument("--rasterised-only", action="store_true", help="leave out path tracing")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(f"preset {arguments.preset}, {PHOTO_PX}x{PHOTO_PX} px photos, medians of {arguments.runs} runs")
    print(f"{'':<26}{'CPU s':>9}{'a core':>11}{'':<17}{'peak':>8}")
    routes = [("photo, rasterised", Route.RASTERISED, 1)]
    if not arguments.rasterised_only:
        routes += [(f"photo, path-traced, {samples:>2} spp", Route.PATH_TRACED, samples) for samples in SAMPLES]
    for name, route, samples in routes:
        result = measured(photo_costs, arguments.preset, route, samples, arguments.runs)
        print(line(name, result, 3600, "photos an hour"), flush=True)
    for crop_px in CROPS_PX:
        result = measured(tile_costs, arguments.preset, crop_px, arguments.runs)
        print(line(f"studio tile, {crop_px} px", result, 1, "tiles a second"), flush=True)


if __name__ == "__main__":
    main()
