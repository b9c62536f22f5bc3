"""Turns stored devices into columns."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.functional.report import FunctionalReport, TestResult
from phonegrade.core.inspection import Defect, Dirt, Inspection
from phonegrade.core.vocabulary import ScaleSource, Surface
from phonegrade.grading.gradability import is_measured
from phonegrade.grading.vectorised.columns import (
    KINDS,
    RESULTS,
    SURFACES,
    UNKNOWN_ZONE,
    ZONES,
    DefectColumns,
    DeviceColumns,
    DirtColumns,
    SurfaceColumns,
    TestColumns,
    measure_names,
    test_names,
)

MOST_FLAGS = 64
Device = tuple[Mapping[Surface, Inspection], FunctionalReport | None]


def to_columns(devices: Sequence[Device]) -> DeviceColumns:
    """Return the columns of devices, each given as its inspections and its test report.

    Raises ValueError for more than 64 different quality flags.
    """
    flag_names = tuple(dict.fromkeys(flag.code for photos, _ in devices for i in photos.values() for flag in i.quality))
    if len(flag_names) > MOST_FLAGS:
        raise ValueError(f"{len(flag_names)} different quality flags; columns hold {MOST_FLAGS}")
    placed = [
        (device * len(SURFACES) + position, photos[surface])
        for device, (photos, _) in enumerate(devices)
        for position, surface in enumerate(SURFACES)
        if surface in photos
    ]
    return DeviceColumns(
        surfaces=_surfaces(placed, len(devices), flag_names),
        defects=_defects([(at, defect) for at, i in placed for defect in dict.fromkeys(i.defects)]),
        dirt=_dirt([(at, dirt) for at, i in placed for dirt in dict.fromkeys(i.contamination)]),
        tests=_tests([report for _, report in devices]),
        flag_names=flag_names,
    )


def _surfaces(placed: list[tuple[int, Inspection]], count: int, flag_names: tuple[str, ...]) -> SurfaceColumns:
    shape = (count, len(SURFACES))
    present, measured, assumed = (np.zeros(shape, np.bool_) for _ in range(3))
    resolvable, size = np.full(shape, np.nan), np.full(shape, np.nan)
    raised = np.zeros(shape, np.uint64)
    bits = {name: 1 << position for position, name in enumerate(flag_names)}
    for at, inspection in placed:
        where, scale = divmod(at, len(SURFACES)), inspection.scale
        present[where] = True
        measured[where] = is_measured(inspection)
        assumed[where] = scale.source is ScaleSource.ASSUMED
        resolvable[where] = np.nan if scale.resolvable_mm is None else scale.resolvable_mm
        if inspection.surface_size_mm is not None:
            size[where] = inspection.surface_size_mm[0] * inspection.surface_size_mm[1]
        raised[where] = sum({bits[flag.code] for flag in inspection.quality})
    return SurfaceColumns(present, measured, assumed, resolvable, size, raised)


def _defects(placed: list[tuple[int, Defect]]) -> DefectColumns:
    return DefectColumns(
        at=np.array([at for at, _ in placed], np.int64),
        kind=np.array([KINDS.index(defect.kind) for _, defect in placed], np.uint8),
        zone=np.array(
            [UNKNOWN_ZONE if defect.zone is None else ZONES.index(defect.zone) for _, defect in placed], np.uint8
        ),
        confidence=np.array([defect.confidence for _, defect in placed], np.float64),
        counts_from=_numbers(defect.counts_from for _, defect in placed),
        length_mm=_numbers(defect.length_mm for _, defect in placed),
        width_mm=_numbers(defect.width_mm for _, defect in placed),
        area_mm2=_numbers(defect.area_mm2 for _, defect in placed),
        depth_mm=_numbers(defect.depth_mm for _, defect in placed),
    )


def _dirt(placed: list[tuple[int, Dirt]]) -> DirtColumns:
    return DirtColumns(
        at=np.array([at for at, _ in placed], np.int64),
        confidence=np.array([dirt.confidence for _, dirt in placed], np.float64),
        counts_from=_numbers(dirt.counts_from for _, dirt in placed),
        area_mm2=_numbers(dirt.area_mm2 for _, dirt in placed),
    )


def _tests(reports: list[FunctionalReport | None]) -> TestColumns:
    names, measures = test_names(), measure_names()
    results = np.full((len(reports), len(names)), RESULTS.index(TestResult.NOT_RUN), np.uint8)
    numbers = np.full((len(reports), len(measures)), np.nan)
    for row, report in enumerate(reports):
        if report is not None:
            results[row] = [RESULTS.index(report.result(name)) for name in names]
            numbers[row] = [report.measures.get(name, np.nan) for name in measures]
    return TestColumns(np.array([report is not None for report in reports], np.bool_), results, numbers)


def _numbers(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)
