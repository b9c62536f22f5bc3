"""Confidence from truth: a scale that makes it a probability, limits that keep sound surfaces quiet."""

import numpy as np
import pytest

from phonegrade.evaluation.matching import MatchTally
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.confidence import UNFITTED, PlattScaling, confidence
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.session import load_model
from phonegrade.training.calibration.confidence import (
    CANDIDATES,
    DEFAULT,
    FEWEST_ACCUSED,
    LEAST_KNOWN,
    JudgedDefect,
    Known,
    fit_scales,
    limit_of,
    quiet_from,
    vetoed,
)

SCALE = (0.7, -1.2)


def marks(count: int, seed: int = 0) -> list[JudgedDefect]:
    """Evidence of marks that are true as often as `SCALE` says."""
    rng = np.random.default_rng(seed)
    return [
        JudgedDefect(told, bool(rng.random() < confidence(told, SCALE))) for told in rng.normal(1, 2, count).tolist()
    ]


def fitted(marks: list[JudgedDefect]) -> PlattScaling | None:
    """The scale of a group of one class."""
    return fit_scales({"scratch": marks}).get("scratch")


def test_the_confidence_is_the_share_of_true_marks() -> None:
    scale = fitted(marks(4000))
    assert scale is not None
    fresh = marks(4000, seed=1)
    told = np.array([confidence(evidence, scale) for evidence, _, _ in fresh])
    true = np.array([is_true for _, is_true, _ in fresh])
    for low, high in [(0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)]:
        inside = (told >= low) & (told < high)
        assert true[inside].mean() == pytest.approx(told[inside].mean(), abs=0.05)


def test_more_evidence_never_makes_a_mark_less_sure() -> None:
    scale = fitted([JudgedDefect(told, not is_true) for told, is_true, _ in marks(1000)])
    assert scale is not None
    assert confidence(3.0, scale) >= confidence(-3.0, scale)


def test_too_few_false_marks_fit_nothing() -> None:
    assert fitted([JudgedDefect(1.0, True)] * 100 + [JudgedDefect(0.0, False)] * (LEAST_KNOWN - 1)) is None


def test_many_pieces_of_one_surface_weigh_as_one_mark() -> None:
    once = fitted(marks(1000))
    pieces = [JudgedDefect(told, is_true, 1 / 20) for told, is_true, _ in marks(1000) for _ in range(20)]
    assert once == pytest.approx(fitted(pieces), abs=0.02)
    web = [JudgedDefect(-2.0, True, 1 / 500)] * 500
    assert fitted(marks(1000) + web) == pytest.approx(once, abs=0.05)


def test_a_kind_that_is_there_more_often_gets_a_shift_of_its_own_and_a_rare_one_the_common() -> None:
    often = [JudgedDefect(told - 2.0, is_true) for told, is_true, _ in marks(2000, seed=2)]
    found = fit_scales({"scratch": marks(2000), "scuff": often, "chip": often[:3], "dent": []})
    assert len({factor for factor, _ in found.values()}) == 1
    assert found["scuff"][1] > found["scratch"][1] + 0.8
    assert found["scratch"][1] < found["chip"][1] < found["scuff"][1]
    assert found["scratch"][1] < found["dent"][1] < found["scuff"][1]


def test_confidences_are_told_anew_and_what_was_not_found_stays_so() -> None:
    evidence = [-2.0, 0.5, 4.0]
    plain = [confidence(each, UNFITTED) for each in evidence]
    known = Known(
        MatchTally(found=[(plain[0], False), (plain[2], True)], true=[plain[1], 0.0]),
        [0.5, 0.5],
        surest=[0.0, plain[0]],
    )
    assert [mark.evidence for mark in known.judged()] == pytest.approx([-2.0, 4.0])
    scaled = known.scaled(SCALE)
    assert scaled.tally.true == [pytest.approx(confidence(0.5, SCALE)), 0.0]
    assert scaled.surest == [0.0, pytest.approx(confidence(-2.0, SCALE))]
    assert scaled.tally.found[1] == (pytest.approx(confidence(4.0, SCALE)), True)


def test_the_limit_is_the_lowest_that_is_right_often_enough() -> None:
    tally = MatchTally(
        found=[(0.4, False)] * 30 + [(0.6, True)] * 9 + [(0.6, False)] + [(0.9, True)] * 9, true=[0.6] * 20
    )
    assert limit_of(tally, CANDIDATES[0]) == 0.425
    assert limit_of(tally, 0.7) == 0.7


def test_one_surface_that_happens_to_look_like_damage_decides_no_limit() -> None:
    surest = [0.9] * FEWEST_ACCUSED + [0.2] * 100
    assert quiet_from(surest, 0.0, FEWEST_ACCUSED) == CANDIDATES[0]
    assert quiet_from([*surest, 0.7], 0.0, FEWEST_ACCUSED) > 0.7
    assert quiet_from([0.7] * 3 + [0.1] * 97, 0.03, 0) == CANDIDATES[0]


def test_too_few_true_marks_or_none_sure_enough_decide_no_limit() -> None:
    assert limit_of(MatchTally(found=[(0.9, True)], true=[0.9]), CANDIDATES[0]) == DEFAULT
    assert limit_of(MatchTally(found=[(0.2, True)] * 9, true=[0.2] * 9), CANDIDATES[0]) == DEFAULT
    assert limit_of(MatchTally(), 0.75) == 0.75


def test_where_nothing_is_quiet_the_strictest_limit_is_taken() -> None:
    assert quiet_from([1.0] * 9, 0.0, 0) == CANDIDATES[-1]


def test_real_photos_may_raise_a_limit_and_never_lower_one() -> None:
    card = load_model(SHIPPED / "segmenter.onnx", SegmenterCard).card
    card = card.model_copy(update={"min_confidence": dict.fromkeys(card.classes, 0.5)})
    quiet = vetoed(card, [{"scuff": 0.61}, {"scuff": 0.62}, {"crack": 0.7}, *[{}] * 20])
    assert quiet.min_confidence == {**card.min_confidence, "scuff": 0.625}
