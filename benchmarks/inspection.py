"""Times a 12 MP photo from bytes to defects, stage by stage, and one whole device of six photos.

    python benchmarks/inspection.py --runs 15

Uses the shipped models and the photos of samples/, enlarged to 12 MP; prints medians.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import simplejpeg

from phonegrade.configs.catalogue import ASSUMED_DEVICE, surface_size_mm
from phonegrade.configs.vocabulary import Surface
from phonegrade.inference.decode import decode
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.instances import find_instances
from phonegrade.inference.locate import locate
from phonegrade.inference.merge import merge_scratches
from phonegrade.inference.outline import fit_outline
from phonegrade.inference.records import Reader
from phonegrade.inference.rectify import to_canvas, whole_photo
from phonegrade.inference.segment import segment
from phonegrade.inference.survey import Survey

ROOT = Path(__file__).resolve().parents[1]
LONG_SIDE_PX = 4032
JPEG_QUALITY = 90
Result = TypeVar("Result")


class Stopwatch:
    """Milliseconds of each named stage, over all runs."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = {}

    def time(self, stage: str, work: Callable[[], Result]) -> Result:
        """Run `work` and note how long it took."""
        start = time.perf_counter()
        result = work()
        self.ms.setdefault(stage, []).append((time.perf_counter() - start) * 1e3)
        return result

    def table(self) -> str:
        """One line a stage: median, fastest, slowest, runs."""
        lines = [f"{'stage':<22}{'median':>9}{'fastest':>9}{'slowest':>9}{'runs':>6}   ms"]
        for stage, ms in self.ms.items():
            lines.append(f"{stage:<22}{statistics.median(ms):>9.1f}{min(ms):>9.1f}{max(ms):>9.1f}{len(ms):>6}")
        return "\n".join(lines)


def twelve_megapixels(path: Path) -> bytes:
    """The photo enlarged to a phone camera's 4032 px, as a JPEG."""
    rgb = decode(path.read_bytes()).rgb
    scale = LONG_SIDE_PX / max(rgb.shape[:2])
    large = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(large), JPEG_QUALITY, "RGB", "420"))


def run_stages(data: bytes, surface: Surface, inspector: Inspector, watch: Stopwatch) -> None:
    """The stages of `Inspector.inspect`, one by one, each timed."""
    card, view = inspector.segmenter.card, surface.view
    photo = watch.time("decode", lambda: decode(data))
    location = watch.time("locate", lambda: locate(photo.rgb, inspector.locator))
    threshold = inspector.locator.card.body_threshold
    fit = watch.time("outline", lambda: fit_outline(photo.rgb, location, view, threshold))
    outline, size_mm = fit.outline, surface_size_mm(ASSUMED_DEVICE, surface)
    if outline is None:
        canvas = watch.time("rectify", lambda: whole_photo(photo.rgb))
    else:
        quad = outline.quad
        canvas = watch.time("rectify", lambda: to_canvas(photo.rgb, quad, size_mm, card.px_per_mm))
    probability = watch.time("segment", lambda: segment(canvas.rgb, inspector.segmenter))
    seen = Survey(photo, location, fit, view, outline, size_mm, canvas)

    def read() -> None:
        stride, px_per_mm = card.output_stride, canvas.px_per_mm
        found = find_instances(probability, seen.inside(stride), card, px_per_mm, None)
        Reader(photo, canvas, seen.zones(stride), "d").read(merge_scratches(found, px_per_mm))

    watch.time("instances", read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="timed runs after one that warms up (default 15)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the networks and of OpenCV (default 1)")
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder of the two ONNX files")
    parser.add_argument("--samples", type=Path, default=ROOT / "samples", help="folder of front.jpg, back.jpg, ...")
    arguments = parser.parse_args()
    cv2.setNumThreads(arguments.threads)
    inspector = Inspector.load(arguments.models, arguments.threads)
    photos = {surface: twelve_megapixels(arguments.samples / f"{surface}.jpg") for surface in Surface}
    watch = Stopwatch()
    for run in range(arguments.runs + 1):
        current = Stopwatch() if run == 0 else watch
        run_stages(photos[Surface.FRONT], Surface.FRONT, inspector, current)
        current.time("one photo, whole", lambda: inspector.inspect(photos[Surface.FRONT], "f", surface=Surface.FRONT))
        current.time("six photos, whole", lambda: [inspector.inspect(p, s, surface=s) for s, p in photos.items()])
    front = photos[Surface.FRONT]
    print(
        f"12 MP front, {len(front) / 1e6:.1f} MB JPEG, {arguments.threads} thread(s), medians of {arguments.runs} runs"
    )
    print(watch.table())


if __name__ == "__main__":
    main()
