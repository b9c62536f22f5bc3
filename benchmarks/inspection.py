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

from phonegrade.core.arrays import RGB
from phonegrade.core.devices.catalogue import ASSUMED_DEVICE
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface, View
from phonegrade.inference.defects.extract import extract
from phonegrade.inference.defects.records import measure_instances
from phonegrade.inference.defects.segment import padded, segment
from phonegrade.inference.inspector import Inspector, scale_of
from phonegrade.inference.locating.device import locate_device
from phonegrade.inference.locating.surface import rectify_surface
from phonegrade.inference.photo.decode import decode, decode_file
from phonegrade.inference.quality import check_quality

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


def run_stages(file: PhotoFile, inspector: Inspector, watch: Stopwatch) -> RGB:
    """Time the stages of `Inspector.inspect` one by one; return what the segmenter was given.

    The device is assumed; the photo must not be so coarse as to be decoded twice.
    """
    photo = watch.time("decode", lambda: decode_file(file, inspector.limits))
    view = None if file.surface is None else file.surface.view
    located = watch.time(
        "locate",
        lambda: locate_device(
            photo,
            inspector.locator,
            inspector.boundary_refiner,
            lambda view: inspector.segmenter_of(view).card,
            promised=view,
            surface=file.surface,
            device=ASSUMED_DEVICE,
        ),
    )
    segmenter = inspector.segmenter_of(located.view)
    card = segmenter.card
    surface = watch.time("rectify", lambda: rectify_surface(photo, located, card))
    scale = scale_of(surface, None)
    watch.time("check quality", lambda: check_quality(surface, scale, view, file.surface, None))
    probability = watch.time("segment", lambda: segment(surface.canvas.rgb, segmenter))
    extracted = watch.time("extract", lambda: extract(probability, surface, card, None))
    watch.time("measure", lambda: measure_instances(extracted.placed, surface, card, "d"))
    return padded(surface.canvas.rgb, card.size_multiple)


def run_floor(file: PhotoFile, view: View, image: RGB, inspector: Inspector, watch: Stopwatch) -> None:
    """Time what no code of ours can save: the JPEG at half its size, and the network of `view` on the same canvas."""
    half = LONG_SIDE_PX // 2
    watch.time(DECODE, lambda: simplejpeg.decode_jpeg(file.data, "RGB", min_height=half, min_width=1, min_factor=2))
    session = inspector.segmenter_of(view).session
    watch.time(BARE, lambda: session.run(["probability"], {"image": image[None]}))


def peak_memory_mb(file: PhotoFile, models: Path, threads: int) -> tuple[int, int, int]:
    """Peak resident memory of this process in MB: as it is, with both models open, after one photo. Linux only."""
    cv2.setNumThreads(threads)
    before = _peak_mb()
    inspector = Inspector.load(models, threads)
    loaded = _peak_mb()
    inspector.inspect(file)
    return before, loaded, _peak_mb()


def _peak_mb() -> int:
    # not `getrusage`, whose peak a child process inherits from its parent
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="timed runs after one that warms up (default 15)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the networks and of OpenCV (default 1)")
    parser.add_argument("--models", type=Path, default=ROOT / "models" / "weights", help="folder of the ONNX files")
    parser.add_argument("--samples", type=Path, default=ROOT / "samples", help="folder of front.jpg, back.jpg, ...")
    arguments = parser.parse_args()
    cv2.setNumThreads(arguments.threads)
    inspector = Inspector.load(arguments.models, arguments.threads)
    photos = [PhotoFile(s, twelve_megapixels(arguments.samples / f"{s}.jpg"), s) for s in Surface]
    front = photos[0]
    watch = Stopwatch(arguments.threads)
    for run in range(arguments.runs + 1):
        current = Stopwatch(arguments.threads) if run == 0 else watch
        image = run_stages(front, inspector, current)
        run_floor(front, View.FRONT, image, inspector, current)
        current.time(WHOLE, lambda: inspector.inspect(front))
        current.time("six photos, whole", lambda: [inspector.inspect(photo) for photo in photos])
    print(
        f"12 MP front, {len(front.data) / 1e6:.1f} MB JPEG, canvas {image.shape[1]} x {image.shape[0]}, "
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
        asked = pool.submit(peak_memory_mb, front, arguments.models, arguments.threads)
        before, loaded, after = asked.result()
    print(f"peak memory of one photo: {after} MB, of which the program {before} and the open models {loaded - before}")


if __name__ == "__main__":
    main()
