"""Calibration of confidences: Platt scaling that makes them probabilities, limits that bound false positives."""

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
    MIN_FALSE_POSITIVES,
    MIN_SAMPLES,
    ClassEvidence,
    JudgedDefect,
    fit_scales,
    limit_by_false_positives,
    limit_by_precision,
    vetoed,
)

SCALE = (0.7, -1.2)


def detections(count: int, seed: int = 0) -> list[JudgedDefect]:
    """Evidence of detections that are true as often as `SCALE` says."""
    rng = np.random.default_rng(seed)
    return [
        JudgedDefect(evidence, bool(rng.random() < confidence(evidence, SCALE)))
        for evidence in rng.normal(1, 2, count).tolist()
    ]


def fitted(samples: list[JudgedDefect]) -> PlattScaling | None:
    """The scale of a group of one class."""
    return fit_scales({"scratch": samples}).get("scratch")


def test_the_confidence_is_the_share_of_true_detections() -> None:
    scale = fitted(detections(4000))
    assert scale is not None
    fresh = detections(4000, seed=1)
    confidences = np.array([confidence(evidence, scale) for evidence, _, _ in fresh])
    true = np.array([is_true for _, is_true, _ in fresh])
    for low, high in [(0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)]:
        inside = (confidences >= low) & (confidences < high)
        assert true[inside].mean() == pytest.approx(confidences[inside].mean(), abs=0.05)


def test_more_evidence_never_lowers_a_confidence() -> None:
    scale = fitted([JudgedDefect(evidence, not is_true) for evidence, is_true, _ in detections(1000)])
    assert scale is not None
    assert confidence(3.0, scale) >= confidence(-3.0, scale)


def test_too_few_false_detections_fit_nothing() -> None:
    assert fitted([JudgedDefect(1.0, True)] * 100 + [JudgedDefect(0.0, False)] * (MIN_SAMPLES - 1)) is None


def test_many_pieces_of_one_surface_weigh_as_one() -> None:
    once = fitted(detections(1000))
    pieces = [JudgedDefect(evidence, is_true, 1 / 20) for evidence, is_true, _ in detections(1000) for _ in range(20)]
    assert once == pytest.approx(fitted(pieces), abs=0.02)
    web = [JudgedDefect(-2.0, True, 1 / 500)] * 500
    assert fitted(detections(1000) + web) == pytest.approx(once, abs=0.05)


def test_a_kind_that_is_there_more_often_gets_a_shift_of_its_own_and_a_rare_one_the_common() -> None:
    frequent = [JudgedDefect(evidence - 2.0, is_true) for evidence, is_true, _ in detections(2000, seed=2)]
    scales = fit_scales({"scratch": detections(2000), "scuff": frequent, "chip": frequent[:3], "dent": []})
    assert len({factor for factor, _ in scales.values()}) == 1
    assert scales["scuff"][1] > scales["scratch"][1] + 0.8
    assert scales["scratch"][1] < scales["chip"][1] < scales["scuff"][1]
    assert scales["scratch"][1] < scales["dent"][1] < scales["scuff"][1]


def test_confidences_are_rescaled_and_undetected_defects_stay_at_0() -> None:
    evidence = [-2.0, 0.5, 4.0]
    plain = [confidence(each, UNFITTED) for each in evidence]
    unscaled = ClassEvidence(
        MatchTally(detections=[(plain[0], False), (plain[2], True)], ground_truth=[plain[1], 0.0]),
        [0.5, 0.5],
        surest=[0.0, plain[0]],
    )
    assert [one.evidence for one in unscaled.judged()] == pytest.approx([-2.0, 4.0])
    scaled = unscaled.scaled(SCALE)
    assert scaled.tally.ground_truth == [pytest.approx(confidence(0.5, SCALE)), 0.0]
    assert scaled.surest == [0.0, pytest.approx(confidence(-2.0, SCALE))]
    assert scaled.tally.detections[1] == (pytest.approx(confidence(4.0, SCALE)), True)


def test_the_limit_is_the_lowest_with_enough_precision() -> None:
    tally = MatchTally(
        detections=[(0.4, False)] * 30 + [(0.6, True)] * 9 + [(0.6, False)] + [(0.9, True)] * 9, ground_truth=[0.6] * 20
    )
    assert limit_by_precision(tally, CANDIDATES[0]) == 0.425
    assert limit_by_precision(tally, 0.7) == 0.7


def test_one_surface_that_happens_to_resemble_damage_decides_no_limit() -> None:
    surest = [0.9] * MIN_FALSE_POSITIVES + [0.2] * 100
    assert limit_by_false_positives(surest, 0.0, MIN_FALSE_POSITIVES) == CANDIDATES[0]
    assert limit_by_false_positives([*surest, 0.7], 0.0, MIN_FALSE_POSITIVES) > 0.7
    assert limit_by_false_positives([0.7] * 3 + [0.1] * 97, 0.03, 0) == CANDIDATES[0]


def test_too_few_defects_or_none_confident_enough_decide_no_limit() -> None:
    assert limit_by_precision(MatchTally(detections=[(0.9, True)], ground_truth=[0.9]), CANDIDATES[0]) == DEFAULT
    assert (
        limit_by_precision(MatchTally(detections=[(0.2, True)] * 9, ground_truth=[0.2] * 9), CANDIDATES[0]) == DEFAULT
    )
    assert limit_by_precision(MatchTally(), 0.75) == 0.75


def test_where_every_limit_has_false_positives_the_highest_is_taken() -> None:
    assert limit_by_false_positives([1.0] * 9, 0.0, 0) == CANDIDATES[-1]


def test_real_photos_may_raise_a_limit_and_never_lower_one() -> None:
    card = load_model(SHIPPED / "segmenter.onnx", SegmenterCard).card
    card = card.model_copy(update={"min_confidence": dict.fromkeys(card.classes, 0.5)})
    raised = vetoed(card, [{"scuff": 0.61}, {"scuff": 0.62}, {"crack": 0.7}, *[{}] * 20])
    assert raised.min_confidence == {**card.min_confidence, "scuff": 0.625}
