"""Times a 12 MP photo from bytes to defects, stage by stage, against what cannot be saved: decode and bare network.

    python benchmarks/inspection.py --runs 15

Uses the shipped models and the photos of samples/, enlarged to 12 MP; prints medians, a ratio and the peak memory.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, surface_size_mm
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.defects.extract import Reader
from phonegrade.inference.defects.instances import find_instances
from phonegrade.inference.defects.merge import single_scratches
from phonegrade.inference.defects.segment import padded, segment
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.locating.locate import locate
from phonegrade.inference.locating.outline import fit_outline
from phonegrade.inference.locating.rectify import to_canvas, whole_photo
from phonegrade.inference.locating.surface import WORK_PX, Survey, find_device
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.photo.downscale import downscaled

ROOT = Path(__file__).resolve().parents[1]
LONG_SIDE_PX = 4032
JPEG_QUALITY = 90
WHOLE, DECODE, BARE = "one photo, whole", "half-scale decode", "bare session run"
Result = TypeVar("Result")


class Stopwatch:
    """Milliseconds of each named stage, over all runs.

    On one thread by the processor's time, which neighbours on the machine hardly change; on more by the wall's.
    """

    def __init__(self, threads: int) -> None:
        self.clock = time.process_time if threads == 1 else time.perf_counter
        self.ms: dict[str, list[float]] = {}

    def time(self, stage: str, work: Callable[[], Result]) -> Result:
        """Run `work` and note how long it took."""
        start = self.clock()
        result = work()
        self.ms.setdefault(stage, []).append((self.clock() - start) * 1e3)
        return result

    def table(self) -> str:
        """One line a stage: median, fastest, slowest, runs."""
        lines = [f"{'stage':<22}{'median':>9}{'fastest':>9}{'slowest':>9}{'runs':>6}   ms"]
        for stage, ms in self.ms.items():
            lines.append(f"{stage:<22}{statistics.median(ms):>9.1f}{min(ms):>9.1f}{max(ms):>9.1f}{len(ms):>6}")
        return "\n".join(lines)

    def ratios(self) -> list[float]:
        """Of each run, the whole photo over its half-scale decode and bare session run."""
        runs = zip(self.ms[WHOLE], self.ms[DECODE], self.ms[BARE], strict=True)
        return [whole / (decoded + bare) for whole, decoded, bare in runs]


def twelve_megapixels(path: Path) -> bytes:
    """The photo enlarged to a phone camera's 4032 px, as a JPEG."""
    rgb = decode(path.read_bytes()).rgb
    scale = LONG_SIDE_PX / max(rgb.shape[:2])
    large = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(large), JPEG_QUALITY, "RGB", "420"))


def run_stages(data: bytes, surface: Surface, inspector: Inspector, watch: Stopwatch) -> NDArray[np.uint8]:
    """The stages of `Inspector.inspect`, one by one, each timed; gives what the segmenter was fed."""
    view = surface.view
    segmenter = inspector.segmenter_of(view)
    card = segmenter.card
    photo = watch.time("decode", lambda: decode(data))
    work, _ = watch.time("shrink", lambda: downscaled(photo.rgb, WORK_PX))
    where = watch.time("locate", lambda: locate(work, inspector.locator))
    watch.time("outline", lambda: fit_outline(work, where, view, inspector.locator, inspector.boundary_refiner))
    _, fit = find_device(photo.rgb, inspector.locator, inspector.boundary_refiner, view)
    outline, size_mm = fit.outline, surface_size_mm(ASSUMED_DEVICE, surface)
    if outline is None:
        canvas = watch.time("rectify", lambda: whole_photo(photo.rgb))
    else:
        quad = outline.quad
        canvas = watch.time("rectify", lambda: to_canvas(photo.rgb, quad, size_mm, card.px_per_mm))
    probability = watch.time("segment", lambda: segment(canvas.rgb, segmenter))
    seen = Survey(photo, fit, view, outline, size_mm, canvas)

    def read() -> None:
        stride, px_per_mm = card.output_stride, canvas.about_px_per_mm
        found = find_instances(probability, seen.inside(stride), card, px_per_mm, None, seen.chipped(stride))
        Reader(photo, canvas, seen.zones(stride), "d", card, seen.display_is_lit()).read(
            single_scratches(found, px_per_mm)
        )

    watch.time("instances", read)
    return padded(canvas.rgb, card.size_multiple)


def run_floor(data: bytes, image: NDArray[np.uint8], surface: Surface, inspector: Inspector, watch: Stopwatch) -> None:
    """What no code of ours can save: the JPEG at half its size, and the network on the same canvas."""
    half = LONG_SIDE_PX // 2
    watch.time(DECODE, lambda: simplejpeg.decode_jpeg(data, "RGB", min_height=half, min_width=1, min_factor=2))
    session = inspector.segmenter_of(surface.view).session
    watch.time(BARE, lambda: session.run(["probability"], {"image": image[None]}))


def peak_memory_mb(data: bytes, surface: Surface, models: Path, threads: int) -> tuple[int, int, int]:
    """Peak resident memory of this process in MB: as it is, with both models open, after one photo. Linux only."""
    cv2.setNumThreads(threads)
    before = _peak_mb()
    inspector = Inspector.load(models, threads)
    loaded = _peak_mb()
    inspector.inspect(data, "f", surface=surface)
    return before, loaded, _peak_mb()


def _peak_mb() -> int:
    # not `getrusage`, whose peak a child process inherits from its parent
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="timed runs after one that warms up (default 15)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the networks and of OpenCV (default 1)")
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder of the ONNX files")
    parser.add_argument("--samples", type=Path, default=ROOT / "samples", help="folder of front.jpg, back.jpg, ...")
    arguments = parser.parse_args()
    cv2.setNumThreads(arguments.threads)
    inspector = Inspector.load(arguments.models, arguments.threads)
    photos = {surface: twelve_megapixels(arguments.samples / f"{surface}.jpg") for surface in Surface}
    front = photos[Surface.FRONT]
    watch = Stopwatch(arguments.threads)
    for run in range(arguments.runs + 1):
        current = Stopwatch(arguments.threads) if run == 0 else watch
        image = run_stages(front, Surface.FRONT, inspector, current)
        run_floor(front, image, Surface.FRONT, inspector, current)
        current.time(WHOLE, lambda: inspector.inspect(front, "f", surface=Surface.FRONT))
        current.time("six photos, whole", lambda: [inspector.inspect(p, s, surface=s) for s, p in photos.items()])
    print(
        f"12 MP front, {len(front) / 1e6:.1f} MB JPEG, canvas {image.shape[1]} x {image.shape[0]}, "
        f"{arguments.threads} thread(s), {'processor' if arguments.threads == 1 else 'wall'} time, "
        f"medians of {arguments.runs} runs"
    )
    print(watch.table())
    ratios = watch.ratios()
    print(
        f"one photo / ({DECODE} + {BARE}): {statistics.median(ratios):.2f}, "
        f"from {min(ratios):.2f} to {max(ratios):.2f} over the runs"
    )
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = pool.submit(peak_memory_mb, front, Surface.FRONT, arguments.models, arguments.threads)
        before, loaded, after = asked.result()
    print(f"peak memory of one photo: {after} MB, of which the program {before} and the open models {loaded - before}")


if __name__ == "__main__":
    main()
