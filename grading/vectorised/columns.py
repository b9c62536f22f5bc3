"""Many devices as columns of numbers, for regrading a warehouse at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Codes, Floats, Mask
from phonegrade.core.functional.report import TestResult, functional_vocabulary
from phonegrade.core.vocabulary import DefectKind, Surface, Zone

SURFACES = tuple(Surface)
ZONES = tuple(Zone)
KINDS = tuple(DefectKind)
RESULTS = tuple(TestResult)
UNKNOWN_ZONE = len(ZONES)
"""Stands in `DefectColumns.zone` for a defect of unknown zone."""


@dataclass(frozen=True)
class SurfaceColumns:
    """What is known of each surface; every array is (N, 6), surfaces in the vocabulary's order."""

    present: Mask
    measured: Mask
    """Outline, scale and size are known."""
    assumed: Mask
    resolvable_mm: Floats
    """NaN where unknown."""
    size_mm2: Floats
    """NaN where unknown."""
    raised: NDArray[np.uint64]
    """One bit for each of `DeviceColumns.flag_names`."""


@dataclass(frozen=True)
class DefectColumns:
    """Defects of all devices, each once; every array is (M,)."""

    at: NDArray[np.int64]
    """Device times 6 plus surface."""
    kind: Codes
    zone: Codes
    confidence: Floats
    counts_from: Floats
    """The model's own limit; NaN where the model did not report one."""
    length_mm: Floats
    """NaN where unmeasured; so are the next three."""
    width_mm: Floats
    """NaN also where a photo shows a defect but not how wide it is; the defect still counts as measured."""
    area_mm2: Floats
    depth_mm: Floats


@dataclass(frozen=True)
class DirtColumns:
    """Patches of dirt of all devices, each once; every array is (K,)."""

    at: NDArray[np.int64]
    confidence: Floats
    counts_from: Floats
    area_mm2: Floats


@dataclass(frozen=True)
class TestColumns:
    """Functional results of N devices."""

    __test__ = False

    reported: Mask
    """(N,): whether there is a report at all."""
    results: Codes
    """(N, T): positions among `RESULTS`, tests in the vocabulary's order."""
    measures: Floats
    """(N, P): NaN where not measured, measures in the vocabulary's order."""


@dataclass(frozen=True)
class DeviceColumns:
    """N devices, each surface, defect, patch of dirt and test in its own columns."""

    surfaces: SurfaceColumns
    defects: DefectColumns
    dirt: DirtColumns
    tests: TestColumns
    flag_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.tests.reported)


def test_names() -> tuple[str, ...]:
    """Return the tests behind the columns of `TestColumns.results`."""
    return tuple(functional_vocabulary().tests)


def measure_names() -> tuple[str, ...]:
    """Return the measures behind the columns of `TestColumns.measures`."""
    return tuple(functional_vocabulary().measures)


test_names.__test__ = False  # type: ignore[attr-defined]
