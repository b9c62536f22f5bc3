"""The five functional states."""

import pytest

from phonegrade.configs.policy import load_policy, shipped_policies
from phonegrade.core.functional.report import FunctionalReport, FunctionalState, functional_vocabulary
from phonegrade.grading.explain.with_passed_tests import next_functional
from phonegrade.grading.functional import grade_functional
from phonegrade.grading.judge import judge
from phonegrade.tests.grading.builders import phone, report

POLICY = load_policy("ctia-like").functional
COSMETIC_GRADES = load_policy("ctia-like").cosmetic.names


@pytest.mark.parametrize(
    ("tested", "state", "code"),
    [
        (report(), FunctionalState.FULLY_FUNCTIONAL, "0"),
        (report(parts_original="not_run"), FunctionalState.FULLY_FUNCTIONAL, "1"),
        (report(never_opened="not_applicable"), FunctionalState.FULLY_FUNCTIONAL, "1"),
        (report(barometer="not_applicable"), FunctionalState.FULLY_FUNCTIONAL, "0"),
        (report(barometer="not_run"), FunctionalState.KEY_FUNCTIONS_ONLY, "2"),
        (report(battery=None), FunctionalState.KEY_FUNCTIONS_ONLY, "2"),
        (report(barometer="fail"), FunctionalState.PARTIAL_FAULT, "2"),
        (report(barometer="fail", nfc="not_run"), FunctionalState.PARTIAL_FAULT, "2"),
        (report(battery=79.9), FunctionalState.PARTIAL_FAULT, "2"),
        (report(battery=80.0), FunctionalState.FULLY_FUNCTIONAL, "0"),
        (report(touch_grid="not_run"), FunctionalState.UNTESTED, None),
        (report(touch_grid="not_applicable"), FunctionalState.UNTESTED, None),
        (report(touch_grid="fail"), FunctionalState.NON_FUNCTIONAL, "9"),
        (report(touch_grid="fail", cellular="not_run"), FunctionalState.NON_FUNCTIONAL, "9"),
        (report(blacklist="not_run"), FunctionalState.UNTESTED, None),
        (report(sim_lock="not_run"), FunctionalState.FULLY_FUNCTIONAL, "0"),
        (report(sim_lock="fail"), FunctionalState.FULLY_FUNCTIONAL, "0"),
        (report(not_rooted="fail"), FunctionalState.FULLY_FUNCTIONAL, "0"),
        (report(mdm_lock="fail"), FunctionalState.NOT_ACCEPTED, None),
        (report(imei_match="fail", power_on="fail"), FunctionalState.NOT_ACCEPTED, None),
        (FunctionalReport(), FunctionalState.UNTESTED, None),
    ],
)
def test_results_become_the_state_the_trade_uses(
    tested: FunctionalReport, state: FunctionalState, code: str | None
) -> None:
    outcome = grade_functional(tested, POLICY, COSMETIC_GRADES)
    assert (outcome.state, outcome.code) == (state, code)


@pytest.mark.parametrize(
    ("tested", "state", "rule", "tests"),
    [
        (report(nfc="not_run"), FunctionalState.UNTESTED, "required_untested", ("nfc",)),
        (report(battery=None), FunctionalState.UNTESTED, "required_untested", ("battery_health_pct",)),
        (report(gps="fail", nfc="not_run"), FunctionalState.UNTESTED, "required_untested", ("nfc",)),
        (report(nfc="fail"), FunctionalState.PARTIAL_FAULT, "secondary_failed", ("nfc",)),
        (report(power_on="fail", nfc="not_run"), FunctionalState.NON_FUNCTIONAL, "required_untested", ("nfc",)),
        (report(mute_switch="not_applicable"), FunctionalState.FULLY_FUNCTIONAL, "fully_functional", ()),
        (report(parts_original="not_run"), FunctionalState.FULLY_FUNCTIONAL, "fully_functional", ()),
    ],
)
def test_a_required_test_without_a_result_is_requested_and_not_refused(
    tested: FunctionalReport, state: FunctionalState, rule: str, tests: tuple[str, ...]
) -> None:
    policy = load_policy("marketplace")
    outcome = grade_functional(tested, policy.functional, policy.cosmetic.names)
    assert outcome.state is state
    assert (rule, tests) in [(reason.rule, reason.tests) for reason in outcome.reasons]


@pytest.mark.parametrize("name", shipped_policies())
@pytest.mark.parametrize("result", ["fail", "not_run"])
@pytest.mark.parametrize(("lock", "rule"), [("sim_lock", "sim_locked"), ("not_rooted", "rooted")])
def test_a_phone_locked_to_a_carrier_or_rooted_is_worth_less_and_not_refused(
    name: str, result: str, lock: str, rule: str
) -> None:
    policy = load_policy(name)
    outcome = grade_functional(report(91.0, **{lock: result}), policy.functional, policy.cosmetic.names)
    assert outcome.state is FunctionalState.FULLY_FUNCTIONAL
    assert [deducted.reason.rule for deducted in outcome.deductions] == [rule]


@pytest.mark.parametrize(
    ("tested", "says"),
    [
        (report(nfc="fail"), ["the NFC test failed"]),
        (
            report(nfc="fail", gps="fail", battery=75),
            ["the NFC and GPS tests failed; battery health is 75%, below 80%"],
        ),
        (report(nfc="not_run", gps="not_run"), ["NFC and GPS were not tested, so they are not assumed to work"]),
        (report(touch_grid="not_run"), ["touch grid was not tested, and key functions are never assumed to work"]),
        (report(blacklist="not_run"), ["blacklist was not tested, and locks are never assumed to be off"]),
        (report(activation_lock="fail"), ["not accepted: the activation lock is on"]),
        (
            report(dead_pixels="fail"),
            ["the dead pixels test failed", "the dead pixels test failed: the cosmetic grade is capped at E"],
        ),
    ],
)
def test_reasons_are_plain_sentences(tested: FunctionalReport, says: list[str]) -> None:
    assert [reason.text for reason in grade_functional(tested, POLICY, COSMETIC_GRADES).reasons] == says


@pytest.mark.parametrize(
    ("tested", "says"),
    [
        (report(nfc="fail", gps="not_run"), "if the NFC and GPS tests passed"),
        (report(battery=50), "if battery health was at least 80%"),
        (report(nfc="fail", battery=50), "if the NFC test passed and battery health was at least 80%"),
    ],
)
def test_what_a_better_functional_grade_takes_is_a_plain_phrase(tested: FunctionalReport, says: str) -> None:
    better = next_functional(tested, POLICY)
    assert better is not None
    assert better[1].text == says


def test_no_sentence_contains_a_name_of_the_file_format() -> None:
    everything = report(50, **dict.fromkeys(functional_vocabulary().tests, "fail"))
    for tested in (everything, FunctionalReport()):
        for name in shipped_policies():
            decision = judge(phone(), tested, load_policy(name))
            texts = [reason.text for reason in (*decision.functional.reasons, *decision.review)]
            texts += [deducted.reason.text for deducted in decision.functional.deductions]
            texts += [flag.text for flag in decision.flags]
            assert not [text for text in texts if "_" in text]


@pytest.mark.parametrize(
    ("tested", "tests"),
    [
        (report(power_on="fail", display_image="not_run"), ("power_on", "dead_pixels")),
        (report(display_image="fail"), ("display_image", "dead_pixels", "mura")),
        (report(touch_grid="fail"), None),
        (
            report(
                91.0, **{**dict.fromkeys(functional_vocabulary().tests, "not_run"), "power_on": "fail", "nfc": "pass"}
            ),
            ("power_on", "nfc"),
        ),
        (
            report(
                **{**dict.fromkeys(functional_vocabulary().tests, "not_run"), "power_on": "fail", "blacklist": "pass"}
            ),
            None,
        ),
    ],
)
def test_results_that_cannot_both_be_true_need_manual_review(
    tested: FunctionalReport, tests: tuple[str, ...] | None
) -> None:
    decision = judge(phone(), tested, load_policy("ctia-like"))
    odd = [reason for reason in decision.review if reason.rule == "contradiction"]
    assert bool(odd) is decision.needs_review is (tests is not None)
    assert [flag.text for flag in decision.flags if flag.code == "contradiction"] == [reason.text for reason in odd]
    if tests is not None:
        assert odd[0].tests[: len(tests)] == tests


def test_a_lock_that_is_not_refused_is_flagged() -> None:
    decision = judge(phone(), report(sim_lock="fail"), load_policy("ctia-like"))
    assert [(flag.code, flag.text) for flag in decision.flags] == [("lock", "the phone is locked to one carrier")]


def test_every_reason_names_the_tests_behind_it() -> None:
    outcome = grade_functional(report(nfc="fail", gps="not_run"), POLICY, COSMETIC_GRADES)
    assert [(reason.rule, reason.tests) for reason in outcome.reasons] == [
        ("secondary_failed", ("nfc",)),
        ("secondary_untested", ("gps",)),
    ]


@pytest.mark.parametrize(
    ("tested", "code", "tests"),
    [
        (report(nfc="fail", gps="not_run", parts_original="not_run"), "1", ("nfc", "gps")),
        (report(power_on="fail"), "0", ("power_on",)),
        (report(parts_original="not_run"), "0", ("parts_original",)),
        (report(battery=50), "0", ("battery_health_pct",)),
    ],
)
def test_the_next_better_functional_grade_names_what_must_pass(
    tested: FunctionalReport, code: str, tests: tuple[str, ...]
) -> None:
    better = next_functional(tested, POLICY)
    assert better is not None
    assert (better[0], better[1].tests) == (code, tests)


def test_the_best_functional_grade_has_no_next() -> None:
    assert next_functional(report(), POLICY) is None
    assert next_functional(report(blacklist="fail"), POLICY) is None
