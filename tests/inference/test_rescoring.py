"""What else lies on a surface raises or lowers a mark's evidence."""

import pytest

from phonegrade.inference.defects.rescoring import Rescoring, expected_counts, prior, rescore

CONTEXT = Rescoring(0.5, {"dust": -1.0})


def test_marks_are_counted_by_class_and_by_how_likely_they_are() -> None:
    total = expected_counts([("dust", 9.0), ("dust", 9.0), ("dust", -9.0), ("scratch", 1.5)])
    assert total["dust"] == pytest.approx(2.0, abs=0.01)
    assert total["scratch"] == pytest.approx(prior(1.5)) == pytest.approx(0.5)


def test_a_surface_without_the_other_class_adds_the_shift_alone() -> None:
    assert rescore(CONTEXT, {}) == rescore(CONTEXT, {"scratch": 7.0}) == 0.5


def test_every_further_mark_counts_less() -> None:
    none, one, ten, eleven = (rescore(CONTEXT, {"dust": number}) for number in (0.0, 1.0, 10.0, 11.0))
    assert none > one > ten > eleven
    assert none - one > ten - eleven
