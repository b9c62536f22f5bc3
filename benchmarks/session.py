"""Times ONNX Runtime's session settings against the ones that phonegrade ships.

    python benchmarks/session.py --runs 9

One line a setting, runs taking turns: the median time on the wall and of the processor, their ratios to the shipped
setting's own, and the memory that a fresh process needs for three runs. Neighbours on the machine move the wall's time,
hardly the processor's, which is what a server of many processes pays.
"""

import argparse
import math
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, surface_size_mm
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.card import LocatorCard, SegmenterCard
from phonegrade.inference.inspector import FRAME_SEGMENTER
from phonegrade.inference.locating.strips import ACROSS, ALONG
from phonegrade.inference.session import load_model, session_options

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Settings:
    """Settings of a session; the defaults are those of `inference.session`."""

    threads: int = 1
    spinning: bool = False
    arena: bool = True
    pattern: bool = False
    fixed_shape: bool = False
    level: ort.GraphOptimizationLevel = ort.GraphOptimizationLevel.ORT_ENABLE_ALL

    def open(self, file: Path, shape: tuple[int, ...]) -> ort.InferenceSession:
        """Open a session over `file`, for pictures of `shape` (N, H, W, 3) where the shape is to be fixed."""
        options = session_options(self.threads)
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(self.spinning)))
        options.enable_cpu_mem_arena = self.arena
        options.add_session_config_entry("session.use_env_allocators", str(int(self.arena)))
        options.enable_mem_pattern = self.pattern
        options.graph_optimization_level = self.level
        if self.fixed_shape:
            for name, size in zip(_axes(file), shape, strict=True):
                if isinstance(name, str):
                    options.add_free_dimension_override_by_name(name, size)
        return ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])


SHIPPED = Settings()
OTHERS = {
    "no arena": replace(SHIPPED, arena=False),
    "memory pattern": replace(SHIPPED, pattern=True),
    "fixed shape": replace(SHIPPED, fixed_shape=True),
    "memory pattern, fixed shape": replace(SHIPPED, pattern=True, fixed_shape=True),
    "basic optimisation": replace(SHIPPED, level=ort.GraphOptimizationLevel.ORT_ENABLE_BASIC),
    "extended optimisation": replace(SHIPPED, level=ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED),
    "2 threads": replace(SHIPPED, threads=2),
    "2 threads, spinning": replace(SHIPPED, threads=2, spinning=True),
}


def _axes(file: Path) -> list[str | int | None]:
    axes: list[str | int | None] = ort.InferenceSession(file, providers=["CPUExecutionProvider"]).get_inputs()[0].shape
    return axes


def picture_shape(file: Path) -> tuple[int, int, int, int]:
    """(N, H, W, 3) of the model's input: a square, four strips, or the assumed phone's front or edge."""
    if file.name.startswith("locator"):
        side = load_model(file, LocatorCard).card.input_px
        return 1, side, side, 3
    if file.name.startswith("boundary_refiner"):
        return 4, ALONG, ACROSS, 3
    card = load_model(file, SegmenterCard).card
    step = card.size_multiple
    width, height = (
        math.ceil(round(side_mm * card.px_per_mm) / step) * step
        for side_mm in surface_size_mm(ASSUMED_DEVICE, Surface.LEFT if file.name == FRAME_SEGMENTER else Surface.FRONT)
    )
    return 1, height, width, 3


def picture(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Anything: the networks' time does not depend on their input."""
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def peak_mb(settings: Settings, file: Path, shape: tuple[int, ...]) -> int:
    """Peak resident memory of this process after three runs, in MB; Linux only."""
    session = settings.open(file, shape)
    for _ in range(3):
        session.run(None, {"image": picture(shape)})
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def fresh_peak_mb(settings: Settings, file: Path, shape: tuple[int, ...]) -> int:
    """`peak_mb` of a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(peak_mb, settings, file, shape).result()


def timed(file: Path, shape: tuple[int, ...], runs: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds (wall, processor) of every setting, taking turns."""
    sessions = {name: settings.open(file, shape) for name, settings in {"shipped": SHIPPED, **OTHERS}.items()}
    image = picture(shape)
    ms: dict[str, list[tuple[float, float]]] = {name: [] for name in sessions}
    for run in range(runs + 1):
        for name, session in sessions.items():
            wall, processor = time.perf_counter(), time.process_time()
            session.run(None, {"image": image})
            if run:
                ms[name].append(((time.perf_counter() - wall) * 1e3, (time.process_time() - processor) * 1e3))
    return ms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="timed runs after one that warms up (default 9)")
    parser.add_argument("--models", type=Path, default=ROOT / "models" / "weights", help="folder of the ONNX files")
    arguments = parser.parse_args()
    for file in sorted(arguments.models.glob("*.onnx")):
        shape = picture_shape(file)
        ms = timed(file, shape, arguments.runs)
        print(f"\n{file.name}, {shape[2]} x {shape[1]}, medians of {arguments.runs} runs")
        print(f"{'setting':<30}{'wall ms':>9}{'ratio':>7}{'processor ms':>14}{'ratio':>7}{'peak MB':>9}")
        for name, times in ms.items():
            wall, processor = (statistics.median(pair[clock] for pair in times) for clock in (0, 1))
            ratios = (
                statistics.median(a[clock] / b[clock] for a, b in zip(times, ms["shipped"], strict=True))
                for clock in (0, 1)
            )
            slower, dearer = ratios
            memory = fresh_peak_mb(OTHERS.get(name, SHIPPED), file, shape)
            print(f"{name:<30}{wall:>9.1f}{slower:>7.2f}{processor:>14.1f}{dearer:>7.2f}{memory:>9}")


if __name__ == "__main__":
    main()
