"""Which defects decide, what they cost, and how certain a grade is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.configs.policy import Policy, shipped_policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.explain.deciding import deciding_defects
from phonegrade.grading.explain.odds_words import odds_words
from phonegrade.grading.explain.policy_words import codes_in_words
from phonegrade.grading.explain.price import price_lines, share_after
from phonegrade.grading.judge import judge
from phonegrade.grading.uncertainty.certainty import assess
from phonegrade.grading.vectorised.to_columns import Device
from phonegrade.tests.grading.builders import defect, inspection, phone, report
from phonegrade.tests.grading.stored import ALL, devices

POLICY = shipped_policy("ctia-like")
any_policy = st.sampled_from(ALL)
CRACK = defect("front-1", DefectKind.CRACK, length_mm=48.2, area_mm2=19.0)
LONG = defect("front-2", length_mm=30.0, area_mm2=9.0)
SHORT = defect("front-3", length_mm=1.0)


def _phone_with(*defects: Defect) -> tuple[dict[Surface, Inspection], FunctionalReport]:
    return phone((Surface.FRONT, inspection(Surface.FRONT, defects))), report()


def test_only_defects_of_binding_rules_decide() -> None:
    photos, tests = _phone_with(CRACK, LONG, SHORT)
    (one,) = deciding_defects(judge(photos, tests, POLICY), photos)
    assert one.defect == CRACK
    assert [reason.rule for reason in one.reasons] == ["C_crack"]


def test_nothing_decides_on_a_defect_free_phone() -> None:
    photos, tests = _phone_with()
    assert deciding_defects(judge(photos, tests, POLICY), photos) == ()


def test_without_a_grade_the_defects_that_bound_it_decide() -> None:
    photos, tests = _phone_with(LONG)
    del photos[Surface.BACK]
    decision = judge(photos, tests, POLICY)
    assert decision.cosmetic_at_best == "C"
    assert [one.defect for one in deciding_defects(decision, photos)] == [LONG]


@given(any_policy, devices())
def test_every_deciding_defect_is_on_the_phone_and_listed_once(policy: Policy, device: Device) -> None:
    photos, tests = device
    deciding = deciding_defects(judge(photos, tests, policy), photos)
    keys = [(one.surface, one.defect.id) for one in deciding]
    assert len(keys) == len(set(keys))
    for one in deciding:
        assert one.defect in photos[one.surface].defects
        assert one.reasons


@given(any_policy, devices())
def test_the_price_lines_add_up_to_the_value_share(policy: Policy, device: Device) -> None:
    photos, tests = device
    decision = judge(photos, tests, policy)
    lines = price_lines(decision, policy)
    if decision.value_share is None:
        assert lines == ()
    else:
        assert 1.0 + sum(line.change for line in lines) == pytest.approx(decision.value_share)


def test_the_share_after_a_step_is_that_of_the_phone_it_leads_to() -> None:
    photos, _ = _phone_with(LONG)
    tests = report(battery=83, nfc="fail")
    decision = judge(photos, tests, POLICY)
    shares = {step.axis: share_after(step, tests, POLICY) for step in decision.next_better}
    assert shares["cosmetic"] == pytest.approx(0.9 * 0.95 * 0.85)
    assert shares["functional"] == pytest.approx(0.75 * 0.95)


def test_the_odds_name_the_likeliest_grade_first_and_the_cost_against_its_limit() -> None:
    photos, tests = _phone_with(defect("front-1", length_mm=10.0, confidence=0.85))
    decision = assess(judge(photos, tests, POLICY), photos, tests, POLICY, None, 0)
    odds, coverage, price = odds_words(decision, POLICY)
    assert decision.certainty is not None
    chances = decision.certainty.probability
    likeliest = max(chances, key=lambda name: chances[name])
    assert odds.startswith(f"{likeliest} is ")
    assert "without a calibration" in coverage
    assert f"{POLICY.review.max_expected_cost:.1%}" in price
    assert odds_words(judge(photos, tests, POLICY), POLICY) == ()


def test_a_code_of_two_states_is_explained_once() -> None:
    meanings = dict(codes_in_words(POLICY.functional.codes))
    assert meanings["2"] == "a secondary test was not run or a secondary test failed"
    assert list(meanings) == ["0", "1", "2", "9"]
