"""Many devices as columns of numbers: what judging a warehouse at once reads."""

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
"""Stands in `Marks.zone` for a defect whose zone nobody knows."""
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Words = NDArray[np.uint8]


@dataclass(frozen=True)
class Surfaces:
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
    """One bit for each of `Columns.flag_names`."""


@dataclass(frozen=True)
class Marks:
    """Defects of all devices, each once; every array is (M,)."""

    at: NDArray[np.int64]
    """Device times 6 plus surface."""
    kind: Words
    zone: Words
    confidence: Numbers
    counts_from: Numbers
    """The model's own limit; NaN where it did not say."""
    length_mm: Numbers
    """NaN where unmeasured; so are the next three."""
    width_mm: Numbers
    """NaN also where a photo shows a mark but not how wide it is, which leaves it measured."""
    area_mm2: Numbers
    depth_mm: Numbers


@dataclass(frozen=True)
class Patches:
    """Patches of dirt of all devices, each once; every array is (K,)."""

    at: NDArray[np.int64]
    confidence: Numbers
    counts_from: Numbers
    area_mm2: Numbers


@dataclass(frozen=True)
class Tests:
    """Functional results of N devices."""

    __test__ = False

    reported: Flags
    """(N,): whether there is a report at all."""
    results: Words
    """(N, T): places among `RESULTS`, tests in the vocabulary's order."""
    measures: Numbers
    """(N, P): NaN where nobody measured, measures in the vocabulary's order."""


@dataclass(frozen=True)
class Columns:
    """N devices."""

    surfaces: Surfaces
    marks: Marks
    patches: Patches
    tests: Tests
    flag_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.tests.reported)


def test_names() -> tuple[str, ...]:
    """Columns of `Tests.results`."""
    return tuple(functional_vocabulary().tests)


def measure_names() -> tuple[str, ...]:
    """Columns of `Tests.measures`."""
    return tuple(functional_vocabulary().measures)


test_names.__test__ = False  # type: ignore[attr-defined]
