"""The five functional states."""

import pytest

from phonegrade.configs.functional import FunctionalReport, FunctionalState
from phonegrade.configs.policy import load_policy
from phonegrade.grading.functional import grade_functional
from phonegrade.grading.mend import next_functional
from phonegrade.tests.grading.builders import report

POLICY = load_policy("ctia-like").functional
LOOKS = load_policy("ctia-like").cosmetic.names


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
        (report(sim_lock="fail"), FunctionalState.NOT_ACCEPTED, None),
        (report(imei_match="fail", power_on="fail"), FunctionalState.NOT_ACCEPTED, None),
        (FunctionalReport(), FunctionalState.UNTESTED, None),
    ],
)
def test_results_become_the_state_the_trade_uses(
    tested: FunctionalReport, state: FunctionalState, code: str | None
) -> None:
    outcome = grade_functional(tested, POLICY, LOOKS)
    assert (outcome.state, outcome.code) == (state, code)


def test_every_reason_names_the_tests_behind_it() -> None:
    outcome = grade_functional(report(nfc="fail", gps="not_run"), POLICY, LOOKS)
    assert [(reason.rule, reason.tests) for reason in outcome.reasons] == [
        ("secondary-failed", ("nfc",)),
        ("secondary-untested", ("gps",)),
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
def test_the_next_better_digit_names_what_must_pass(
    tested: FunctionalReport, code: str, tests: tuple[str, ...]
) -> None:
    better = next_functional(tested, POLICY)
    assert better is not None
    assert (better[0], better[1].tests) == (code, tests)


def test_the_best_digit_has_no_next() -> None:
    assert next_functional(report(), POLICY) is None
    assert next_functional(report(blacklist="fail"), POLICY) is None
