"""Sizes of one defect from several views: the best measured, not the largest."""

import pytest

from phonegrade.core.inspection import Defect
from phonegrade.grading.multi_view.groups import DefectGroup
from phonegrade.grading.multi_view.sizes import best_sizes, contradicted, extremes
from phonegrade.tests.grading.builders import defect


def measured(length_mm: float, error_mm: float | None, width_mm: float | None = 0.3) -> Defect:
    """A scratch whose length has this error."""
    return defect(length_mm=length_mm, width_mm=width_mm).model_copy(update={"length_error_mm": error_mm})


def group(*members: Defect) -> DefectGroup:
    """Return a defect that each view shows."""
    return DefectGroup(list(members), list(range(len(members))))


def test_lengths_that_agree_are_averaged_by_their_errors() -> None:
    sizes = best_sizes(group(measured(10.0, 0.1), measured(10.3, 0.2)), [0.1, 0.1])
    assert sizes["length_mm"] == pytest.approx((10.0 / 0.01 + 10.3 / 0.04) / (1 / 0.01 + 1 / 0.04))
    assert sizes["length_error_mm"] == 0.1


def test_a_fragment_does_not_shorten_a_defect() -> None:
    assert best_sizes(group(measured(9.0, 0.3), measured(4.0, 0.1)), [0.1, 0.1])["length_mm"] == 9.0


def test_one_view_of_three_that_shows_too_much_does_not_lengthen_it() -> None:
    views = group(measured(9.0, None), measured(30.0, None), measured(9.2, None))
    assert best_sizes(views, [0.1, 0.1, 0.1])["length_mm"] == 9.2


def test_a_coarser_view_decides_no_size() -> None:
    views = group(measured(9.0, 0.3), measured(8.8, 0.01, 0.1))
    sizes = best_sizes(views, [0.1, 0.13])
    assert (sizes["length_mm"], sizes["length_error_mm"], sizes["width_mm"]) == (9.0, 0.3, 0.3)


def test_an_unknown_width_stays_unknown_whatever_a_coarser_view_measures() -> None:
    views = group(measured(9.0, None, None), measured(9.0, None, 0.4))
    assert best_sizes(views, [0.1, 0.2])["width_mm"] is None
    assert best_sizes(views, [0.1, 0.1])["width_mm"] == 0.4


def test_views_contradict_each_other_beyond_their_errors_only() -> None:
    assert contradicted(group(measured(9.0, 0.1), measured(9.5, 0.1)), [0.1, 0.1])
    assert not contradicted(group(measured(9.0, 0.2), measured(9.5, 0.2)), [0.1, 0.1])
    assert not contradicted(group(measured(9.0, None, 0.3), measured(9.5, None, None)), [0.1, 0.1])
    assert contradicted(group(measured(9.0, None, 0.3), measured(9.0, None, 0.9)), [0.1, 0.1])


def test_the_extremes_are_of_all_views() -> None:
    small, large = extremes(group(measured(9.0, None, None), measured(11.0, None, 0.4)))
    assert (small["length_mm"], large["length_mm"]) == (9.0, 11.0)
    assert (small["width_mm"], large["width_mm"], small["depth_mm"]) == (0.4, 0.4, None)
