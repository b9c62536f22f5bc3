"""The confidence of a defect from several views: each adds its evidence, within the bound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.core.arrays import Points
from phonegrade.core.vocabulary import DefectKind
from phonegrade.grading.multi_view.evidence import (
    MOST_EVIDENCE,
    RATES,
    ViewDetections,
    could_show,
    evidence,
    fuse_confidence,
)
from phonegrade.grading.multi_view.groups import DefectGroup
from phonegrade.tests.grading.builders import defect

PLACE: Points = np.array([(10.0, 20.0), (19.0, 20.0), (19.0, 20.3), (10.0, 20.3)])
CLEAR = ViewDetections(finest_mm=0.1, clear=True, outlines=())
kinds = st.sampled_from(list(DefectKind))
confidences = st.floats(0.3, 0.99)


def group(*confidences: float, kind: DefectKind = DefectKind.SCRATCH, width_mm: float | None = 0.3) -> DefectGroup:
    """Return a defect that the first views show with these confidences."""
    members = [defect("front-1", kind, 9.0, width_mm, confidence=sure) for sure in confidences]
    return DefectGroup(members, list(range(len(members))), [PLACE])


@given(kinds, confidences, st.integers(1, 7))
def test_a_defect_in_more_of_equally_many_views_is_never_less_likely(kind: DefectKind, sure: float, total: int) -> None:
    heard = [fuse_confidence(group(*[sure] * k, kind=kind), [CLEAR] * total) for k in range(1, total + 1)]
    assert heard == sorted(heard)


@given(kinds, st.lists(confidences, min_size=1, max_size=4))
def test_a_defect_is_never_likelier_the_more_views_do_not_show_it(kind: DefectKind, sure: list[float]) -> None:
    total = [fuse_confidence(group(*sure, kind=kind), [CLEAR] * (len(sure) + missed)) for missed in range(5)]
    assert total == sorted(total, reverse=True)


def test_within_the_bound_every_view_counts() -> None:
    shown = [fuse_confidence(group(*[0.7] * k), [CLEAR] * 4) for k in (1, 2)]
    missed = [fuse_confidence(group(0.7), [CLEAR] * n) for n in (1, 2, 3)]
    assert shown[0] < shown[1]
    assert missed[0] > missed[1] > missed[2]


@given(kinds, st.lists(confidences, min_size=1, max_size=9), st.integers(0, 20))
def test_all_other_views_together_stay_within_the_bound(kind: DefectKind, sure: list[float], missed: int) -> None:
    assert abs(evidence(group(*sure, kind=kind), [CLEAR] * (len(sure) + missed))) <= MOST_EVIDENCE


def test_every_kind_has_rates_with_which_showing_raises_and_missing_lowers() -> None:
    assert set(RATES) == set(DefectKind)
    assert all(0.0 < rates.false_positive < rates.hit < 1.0 for rates in RATES.values())


@pytest.mark.parametrize(
    "other",
    [
        ViewDetections(finest_mm=0.13, clear=True, outlines=()),
        ViewDetections(finest_mm=0.1, clear=False, outlines=()),
        ViewDetections(finest_mm=None, clear=True, outlines=()),
        ViewDetections(finest_mm=0.1, clear=True, outlines=(PLACE + 0.5,)),
    ],
    ids=["coarser", "flagged", "without scale", "something there"],
)
def test_a_view_that_could_have_missed_it_is_no_evidence(other: ViewDetections) -> None:
    assert fuse_confidence(group(0.8), [CLEAR, other]) == 0.8


@pytest.mark.parametrize("width_mm", [0.05, None], ids=["narrow", "unknown"])
def test_only_views_as_fine_as_the_one_that_shows_it_lower_a_narrow_defect(width_mm: float | None) -> None:
    narrow, coarser = group(0.8, width_mm=width_mm), ViewDetections(finest_mm=0.11, clear=True, outlines=())
    assert could_show(narrow, [CLEAR, CLEAR], 1)
    assert not could_show(narrow, [CLEAR, coarser], 1)
    assert fuse_confidence(narrow, [CLEAR, coarser]) == 0.8
    assert fuse_confidence(narrow, [CLEAR, CLEAR]) < 0.8


def test_coarser_views_can_show_a_wide_defect() -> None:
    assert could_show(group(0.8, width_mm=0.4), [CLEAR, ViewDetections(finest_mm=0.4, clear=True, outlines=())], 1)


def test_no_view_misses_a_defect_without_a_position() -> None:
    nowhere = group(0.8)
    nowhere.outlines.clear()
    assert fuse_confidence(nowhere, [CLEAR, CLEAR]) == 0.8


def test_the_confidence_of_certain_defects_stays_a_probability() -> None:
    assert 0.99 < fuse_confidence(group(1.0), [CLEAR, CLEAR]) <= 1.0
    assert 0.0 <= fuse_confidence(group(0.0), [CLEAR, CLEAR]) < 0.01
