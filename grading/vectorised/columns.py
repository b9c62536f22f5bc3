"""Many devices as columns of numbers, for regrading a warehouse at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.functional.report import TestResult, functional_vocabulary
from phonegrade.core.vocabulary import DefectKind, Surface, Zone

SURFACES = tuple(Surface)
ZONES = tuple(Zone)
KINDS = tuple(DefectKind)
RESULTS = tuple(TestResult)
UNKNOWN_ZONE = len(ZONES)
"""Stands in `DefectColumns.zone` for a defect of unknown zone."""
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Indices = NDArray[np.uint8]
"""Positions among the words of a vocabulary."""


@dataclass(frozen=True)
class SurfaceColumns:
    """What is known of each surface; every array is (N, 6), surfaces in the vocabulary's order."""

    present: Flags
    measured: Flags
    """Outline, scale and size are known."""
    assumed: Flags
    resolvable_mm: Numbers
    """NaN where unknown."""
    size_mm2: Numbers
    """NaN where unknown."""
    raised: NDArray[np.uint64]
    """One bit for each of `DeviceColumns.flag_names`."""


@dataclass(frozen=True)
class DefectColumns:
    """Defects of all devices, each once; every array is (M,)."""

    at: NDArray[np.int64]
    """Device times 6 plus surface."""
    kind: Indices
    zone: Indices
    confidence: Numbers
    counts_from: Numbers
    """The model's own limit; NaN where the model did not report one."""
    length_mm: Numbers
    """NaN where unmeasured; so are the next three."""
    width_mm: Numbers
    """NaN also where a photo shows a defect but not how wide it is; the defect still counts as measured."""
    area_mm2: Numbers
    depth_mm: Numbers


@dataclass(frozen=True)
class DirtColumns:
    """Patches of dirt of all devices, each once; every array is (K,)."""

    at: NDArray[np.int64]
    confidence: Numbers
    counts_from: Numbers
    area_mm2: Numbers


@dataclass(frozen=True)
class TestColumns:
    """Functional results of N devices."""

    __test__ = False

    reported: Flags
    """(N,): whether there is a report at all."""
    results: Indices
    """(N, T): positions among `RESULTS`, tests in the vocabulary's order."""
    measures: Numbers
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
