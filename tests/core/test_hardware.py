"""The catalogue decides which tests do not apply."""

import pytest

from phonegrade.configs.policy import load_policy
from phonegrade.core.devices.catalogue import catalogue, find_device
from phonegrade.core.devices.hardware import applied, hardware_of, hardware_rules
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.grading.functional import grade_functional
from phonegrade.tests.grading.builders import report

POLICY = load_policy("ctia-like")


def test_no_device_both_has_and_lacks_a_part() -> None:
    for device in catalogue():
        known = hardware_of(device)
        assert known.has & known.lacks == frozenset(), device.name


def test_every_rule_speaks_of_some_device_and_of_no_key_function() -> None:
    for rule in hardware_rules().rules:
        assert any(rule.speaks_of(device) for device in catalogue()), rule
        assert not set(rule.lacks) & set(functional_vocabulary().named("key"))


@pytest.mark.parametrize(
    ("device", "test", "message", "counts"),
    [
        ("iphone 13", "button_home", TestResult.NOT_RUN, TestResult.NOT_APPLICABLE),
        ("iphone 8", "button_home", TestResult.NOT_RUN, TestResult.NOT_RUN),
        ("iphone 8", "button_home", TestResult.NOT_APPLICABLE, TestResult.NOT_RUN),
        ("iphone 13", "charge_wireless", TestResult.NOT_APPLICABLE, TestResult.NOT_RUN),
        ("iphone 7", "charge_wireless", TestResult.NOT_RUN, TestResult.NOT_APPLICABLE),
        ("iphone 13", "button_home", TestResult.FAIL, TestResult.FAIL),
        ("iphone 13", "nfc", TestResult.NOT_APPLICABLE, TestResult.NOT_APPLICABLE),
    ],
)
def test_a_part_that_is_not_there_needs_no_test(
    device: str, test: str, message: TestResult, counts: TestResult
) -> None:
    reported = FunctionalReport(tests={test: message})
    assert applied(reported, find_device(device)).result(test) is counts
    assert applied(reported, None) == reported


def test_an_untested_part_that_is_not_there_keeps_nobody_from_the_best_code() -> None:
    reported = report(button_home="not_run")
    shown = POLICY.cosmetic.names
    assert grade_functional(reported, POLICY.functional, shown).code == "2"
    known = applied(reported, find_device("iphone 13"))
    assert grade_functional(known, POLICY.functional, shown).code == "0"
