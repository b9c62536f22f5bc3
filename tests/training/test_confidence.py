"""Confidence from truth: a scale that makes it a probability, limits that keep sound surfaces quiet."""

import numpy as np
import pytest

from phonegrade.inference.confidence import UNFITTED, confidence
from phonegrade.training.confidence import (
    CANDIDATES,
    DEFAULT,
    LEAST_KNOWN,
    Judged,
    Known,
    fit_scale,
    limit_of,
    quiet_from,
)
from phonegrade.training.matching import Tally

SCALE = (0.7, -1.2)


def marks(count: int, seed: int = 0) -> list[Judged]:
    """Evidence of marks that are true as often as `SCALE` says."""
    rng = np.random.default_rng(seed)
    return [Judged(told, bool(rng.random() < confidence(told, SCALE))) for told in rng.normal(1, 2, count).tolist()]


def test_the_confidence_is_the_share_of_true_marks() -> None:
    scale = fit_scale(marks(4000))
    assert scale is not None
    fresh = marks(4000, seed=1)
    told = np.array([confidence(evidence, scale) for evidence, _, _ in fresh])
    true = np.array([is_true for _, is_true, _ in fresh])
    for low, high in [(0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)]:
        inside = (told >= low) & (told < high)
        assert true[inside].mean() == pytest.approx(told[inside].mean(), abs=0.05)


def test_more_evidence_never_makes_a_mark_less_sure() -> None:
    scale = fit_scale([Judged(told, not is_true) for told, is_true, _ in marks(1000)])
    assert scale is not None
    assert confidence(3.0, scale) >= confidence(-3.0, scale)


def test_too_few_false_marks_fit_nothing() -> None:
    assert fit_scale([Judged(1.0, True)] * 100 + [Judged(0.0, False)] * (LEAST_KNOWN - 1)) is None


def test_many_pieces_of_one_surface_weigh_as_one_mark() -> None:
    once = fit_scale(marks(1000))
    pieces = [Judged(told, is_true, 1 / 20) for told, is_true, _ in marks(1000) for _ in range(20)]
    assert once == pytest.approx(fit_scale(pieces), abs=1e-3)
    web = [Judged(-2.0, True, 1 / 500)] * 500
    assert fit_scale(marks(1000) + web) == pytest.approx(once, abs=0.05)


def test_confidences_are_told_anew_and_what_was_not_found_stays_so() -> None:
    evidence = [-2.0, 0.5, 4.0]
    plain = [confidence(each, UNFITTED) for each in evidence]
    known = Known(
        Tally(found=[(plain[0], False), (plain[2], True)], true=[plain[1], 0.0]), [0.5, 0.5], surest=[0.0, plain[0]]
    )
    assert [mark.evidence for mark in known.judged()] == pytest.approx([-2.0, 4.0])
    scaled = known.scaled(SCALE)
    assert scaled.tally.true == [pytest.approx(confidence(0.5, SCALE)), 0.0]
    assert scaled.surest == [0.0, pytest.approx(confidence(-2.0, SCALE))]
    assert scaled.tally.found[1] == (pytest.approx(confidence(4.0, SCALE)), True)


def test_the_limit_keeps_sound_surfaces_quiet() -> None:
    tally = Tally(found=[(0.6, True)] * 5 + [(0.9, True)] * 5, true=[0.6] * 5 + [0.9] * 5)
    assert limit_of(tally, DEFAULT) <= 0.6
    assert 0.7 < limit_of(tally, quiet_from([0.7] * 3, allowed=2)) <= 0.9


def test_a_rare_kind_is_not_told_less_for_being_rare() -> None:
    rare = Tally(found=[(0.55, True), *[(0.6, False)] * 3, *[(0.9, True)] * 4], true=[0.55, *[0.9] * 4])
    assert limit_of(rare, DEFAULT) <= 0.55


def test_where_nothing_true_was_found_the_limit_stays_low() -> None:
    blind = Tally(found=[(0.8, False)] * 9, true=[0.0] * 9)
    assert limit_of(blind, DEFAULT) == DEFAULT


def test_too_few_true_marks_decide_no_limit() -> None:
    assert limit_of(Tally(found=[(0.9, True)], true=[0.9]), DEFAULT) == DEFAULT


def test_a_class_without_true_marks_stays_quiet_too() -> None:
    assert limit_of(Tally(), quiet_from([0.7], allowed=0)) > 0.7


def test_where_nothing_is_quiet_the_strictest_limit_is_taken() -> None:
    assert quiet_from([1.0], allowed=0) == CANDIDATES[-1]
