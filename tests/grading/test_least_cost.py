"""The grade with the lowest expected cost is given, and the uncertain defects behind it are named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.policy import Policy, load_policy
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.decision import Decision
from phonegrade.grading.judge import judge
from phonegrade.grading.uncertainty.certainty import assess
from phonegrade.grading.uncertainty.least_cost import ODDS
from phonegrade.grading.vectorised.to_columns import Device
from phonegrade.tests.grading.builders import defect, inspection, phone, report
from phonegrade.tests.grading.stored import ALL, devices

POLICY = load_policy("ctia-like")
DRAWS = 50


def assessed(*defects: Defect) -> Decision:
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, defects)))
    return assess(judge(photos, report(), POLICY), photos, report(), POLICY, None, 1)


@settings(deadline=None, max_examples=60)
@given(devices(), st.sampled_from(ALL))
def test_a_grade_is_in_its_prediction_set_and_costs_no_more_than_the_cheapest(device: Device, policy: Policy) -> None:
    photos, tests = device
    decision = assess(judge(photos, tests, policy), photos, tests, policy, None, 1, DRAWS)
    if decision.cosmetic_grade is None or tests is None:
        assert decision.certainty is None
        return
    assert decision.certainty is not None
    assert decision.cosmetic_grade in decision.certainty.prediction_set
    assert decision.certainty.expected_cost[decision.cosmetic_grade] == min(decision.certainty.expected_cost.values())
    assert decision.grade == policy.write(decision.cosmetic_grade, decision.functional.code or "")


def test_two_long_scratches_just_below_their_limit_are_not_an_a() -> None:
    scratches = [
        defect(name, length_mm=length, width_mm=0.1, confidence=confidence).model_copy(update={"counts_from": 0.775})
        for name, length, confidence in (("front-1", 38.0, 0.749), ("front-2", 23.0, 0.768))
    ]
    decision = assessed(*scratches)
    assert decision.cosmetic.grade == "A"
    assert decision.cosmetic_grade == "C"
    assert decision.binding[0] == ODDS
    reason = decision.reasons[0]
    assert (reason.rule, set(reason.defect_ids) <= {"front-1", "front-2"}) == (ODDS, True)
    assert decision.next_better[0].cosmetic_grade == "B"


def test_a_defect_that_counts_but_is_hardly_likely_costs_no_grade() -> None:
    scuff = defect("front-1", DefectKind.SCUFF, length_mm=30.0, area_mm2=90.0, zone=Zone.DISPLAY, confidence=0.31)
    decision = assessed(scuff.model_copy(update={"counts_from": 0.3}))
    assert decision.cosmetic.grade == "C"
    assert decision.cosmetic_grade == "A"
    assert decision.reasons[0].rule == ODDS


@pytest.mark.parametrize("confidence", [0.2, 0.9999])
def test_where_the_odds_agree_with_the_counted_defects_they_are_no_reason(confidence: float) -> None:
    decision = assessed(defect(confidence=confidence, length_mm=30.0).model_copy(update={"counts_from": 0.5}))
    assert all(reason.rule != ODDS for reason in decision.reasons)
