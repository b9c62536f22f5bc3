"""Times regrading a warehouse: a million stored devices in columns, compared with `judge` one by one.

    python benchmarks/regrade.py --devices 1000000

Draws stored devices, writes them as Parquet, simulates a change of policy over them, and grades some of them one by
one with `judge`, which must agree on every one.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from phonegrade.batch.batches import Batch
from phonegrade.batch.parquet import write_parquet
from phonegrade.batch.stored_file import PARQUET_BATCH, simulate
from phonegrade.configs.policy import load_policy
from phonegrade.core.functional.report import FunctionalReport, TestResult
from phonegrade.core.inspection import Defect, Dirt, Inspection, ModelRef, QualityFlag, Scale
from phonegrade.core.vocabulary import Contamination, DefectKind, ScaleSource, Surface, Zone
from phonegrade.grading.judge import judge
from phonegrade.grading.vectorised.columns import (
    RESULTS,
    DefectColumns,
    DeviceColumns,
    DirtColumns,
    SurfaceColumns,
    TestColumns,
    measure_names,
    test_names,
)
from phonegrade.grading.vectorised.regrade import regrade
from phonegrade.grading.vectorised.to_columns import Device

SEED = 20260101
DEFECTS = 7.0
"""Mean number of defects of a device."""
SIZES_MM = np.array([[71.5, 146.7], [71.5, 146.7], [146.7, 7.7], [146.7, 7.7], [71.5, 7.7], [71.5, 7.7]])
MODEL = ModelRef(locator="1", locator_sha256="0" * 64, segmenter="1", segmenter_sha256="0" * 64)
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def drawn(count: int, rng: np.random.Generator) -> DeviceColumns:
    """Draw `count` devices: mostly passed tests, a few defects of every kind and size."""
    shape = (count, 6)
    per_device = rng.poisson(DEFECTS, count)
    device = np.repeat(np.arange(count), per_device)
    dirty = np.arange(0, count * 6, 50)
    total = len(device)
    length = np.round(rng.lognormal(0.5, 1.0, total), 3)
    width = np.round(rng.lognormal(-1.0, 0.6, total), 3)
    results = np.full((count, len(test_names())), RESULTS.index(TestResult.PASS), np.uint8)
    results[rng.random(results.shape) < 0.004] = RESULTS.index(TestResult.FAIL)
    results[rng.random(results.shape) < 0.004] = RESULTS.index(TestResult.NOT_RUN)
    measures = np.full((count, len(measure_names())), np.nan)
    measures[:, measure_names().index("battery_health_pct")] = rng.integers(70, 101, count)
    return DeviceColumns(
        surfaces=SurfaceColumns(
            present=rng.random(shape) < 0.999,
            measured=np.ones(shape, np.bool_),
            assumed=np.repeat(rng.random((count, 1)) < 0.1, 6, axis=1),
            resolvable_mm=np.full(shape, 0.14),
            size_mm2=np.broadcast_to(SIZES_MM.prod(axis=1), shape).copy(),
            raised=(rng.random(shape) < 0.002).astype(np.uint64),
        ),
        defects=DefectColumns(
            at=device * 6 + rng.choice(6, total, p=[0.35, 0.35, 0.1, 0.1, 0.05, 0.05]),
            kind=rng.choice(len(DefectKind), total, p=[0.01, 0.5, 0.2, 0.15, 0.14]).astype(np.uint8),
            zone=rng.integers(0, len(Zone) + 1, total).astype(np.uint8),
            confidence=np.round(rng.uniform(0.3, 1.0, total), 4),
            counts_from=np.full(total, np.nan),
            length_mm=length,
            width_mm=width,
            area_mm2=np.round(length * width, 3),
            depth_mm=np.full(total, np.nan),
        ),
        dirt=DirtColumns(dirty, np.full(len(dirty), 0.9), np.full(len(dirty), np.nan), np.full(len(dirty), 20.0)),
        tests=TestColumns(np.ones(count, np.bool_), results, measures),
        flag_names=("blurred",),
    )


def batches(count: int, old: str) -> Iterator[Batch]:
    """Yield the drawn devices, stored with their grades under the policy `old`."""
    rng, policy = np.random.default_rng(SEED), load_policy(old)
    for start in range(0, count, PARQUET_BATCH):
        size = min(PARQUET_BATCH, count - start)
        columns = drawn(size, rng)
        verdicts = regrade(columns, policy)
        yield Batch(
            ids=np.char.add("device ", np.arange(start, start + size).astype(np.str_)),
            price=np.round(rng.uniform(50, 900, size), 2),
            stored_grade=verdicts.grades(policy),
            stored_value_share=verdicts.value_share,
            columns=columns,
        )


def unpacked(columns: DeviceColumns, row: int) -> Device:
    """Return one device of the columns as `judge` reads it."""
    surfaces, defects = columns.surfaces, columns.defects
    photos: dict[Surface, Inspection] = {}
    for place, surface in enumerate(Surface):
        if not surfaces.present[row, place]:
            continue
        at = row * 6 + place
        scale = Scale(
            px_per_mm=10.0,
            source=ScaleSource.ASSUMED if surfaces.assumed[row, place] else ScaleSource.CATALOGUE,
            resolvable_mm=float(surfaces.resolvable_mm[row, place]),
        )
        photos[surface] = Inspection(
            photo="p",
            photo_sha256="0" * 64,
            view=surface.view,
            view_confidence=1.0,
            outline=SQUARE,
            scale=scale,
            surface_size_mm=(float(SIZES_MM[place, 0]), float(SIZES_MM[place, 1])),
            quality=(QualityFlag(code="blurred", message="blurred"),) if surfaces.raised[row, place] else (),
            contamination=tuple(
                Dirt(kind=Contamination.OIL, confidence=0.9, polygon=SQUARE, area_mm2=20.0)
                for _ in np.flatnonzero(columns.dirt.at == at)
            ),
            defects=tuple(_defect(defects, int(number)) for number in np.flatnonzero(defects.at == at)),
            model=MODEL,
        )
    results = {name: RESULTS[columns.tests.results[row, place]] for place, name in enumerate(test_names())}
    battery = float(columns.tests.measures[row, measure_names().index("battery_health_pct")])
    return photos, FunctionalReport(tests=results, measures={"battery_health_pct": battery})


def _defect(defects: DefectColumns, number: int) -> Defect:
    zone = int(defects.zone[number])
    return Defect(
        id=f"d{number}",
        kind=tuple(DefectKind)[defects.kind[number]],
        confidence=float(defects.confidence[number]),
        polygon=SQUARE,
        length_mm=float(defects.length_mm[number]),
        width_mm=float(defects.width_mm[number]),
        area_mm2=float(defects.area_mm2[number]),
        zone=None if zone == len(Zone) else tuple(Zone)[zone],
    )


def plain(count: int, new: str) -> tuple[float, int]:
    """Return the seconds per device of `judge`, and on how many of `count` devices the columns disagree."""
    columns, policy = drawn(count, np.random.default_rng(SEED + 1)), load_policy(new)
    devices = [unpacked(columns, row) for row in range(count)]
    start = time.perf_counter()
    decisions = [judge(photos, tests, policy) for photos, tests in devices]
    spent_s = time.perf_counter() - start
    regraded = regrade(columns, policy).grades(policy)
    differ = sum((one.grade or one.status) != other for one, other in zip(decisions, regraded, strict=True))
    return spent_s / count, differ


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=1_000_000, help="stored devices (default 1000000)")
    parser.add_argument("--plain", type=int, default=1_000, help="devices to grade one by one (default 1000)")
    parser.add_argument("--old", default="ctia-like", help="the policy they were graded under (default ctia-like)")
    parser.add_argument("--new", default="r2v3", help="the policy to try (default r2v3)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stored.parquet"
        write_parquet(batches(arguments.devices, arguments.old), file)
        size_mb = file.stat().st_size / 1e6
        start = time.perf_counter()
        simulation = simulate(file, load_policy(arguments.new), None, 1.0)
        spent_s = time.perf_counter() - start
    each_s, differ = plain(arguments.plain, arguments.new)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{simulation.devices} devices, {size_mb:.0f} MB, {simulation.moved} move to {arguments.new}")
    print(f"columns  {spent_s:8.1f} s      {spent_s / simulation.devices * 1e6:8.1f} us per device")
    print(
        f"plain    {each_s * simulation.devices:8.1f} s      {each_s * 1e6:8.1f} us per device, over {arguments.plain}"
    )
    print(
        f"one by one takes {each_s * simulation.devices / spent_s:.0f} times as long; they differ on {differ} devices"
    )
    print(f"peak memory {peak_mb:.0f} MB, drawing and writing them included")


if __name__ == "__main__":
    main()
