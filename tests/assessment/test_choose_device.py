"""Which device the photos are measured as, and whether the tests are of the same one."""

import pytest

from phonegrade.assessment.assess import assess_photos
from phonegrade.assessment.choose_device import choose_device, identity_doubts
from phonegrade.configs.policy import shipped_policy
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.photo_file import PhotoFile
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn_device import device_photos

PHONE = find_device("iphone 13")


@pytest.mark.parametrize(
    ("named", "rule"),
    [
        ("Apple iPhone 13", None),
        ("IPHONE13 128GB", None),
        (None, None),
        ("", None),
        ("iPhone 13 Pro", "identity_mismatch"),
        ("Samsung Galaxy S21 5G", "identity_mismatch"),
        ("a7", "identity_mismatch"),
        ("Fonofone 7", "identity_unconfirmed"),
        ("x" * 200, "identity_unconfirmed"),
    ],
)
def test_devices_are_compared_and_not_their_names(named: str | None, rule: str | None) -> None:
    doubts = identity_doubts(PHONE, FunctionalReport(device=named))
    assert [doubt.rule for doubt in doubts] == ([] if rule is None else [rule])


def test_a_name_that_can_mean_the_device_among_others_agrees_with_it() -> None:
    assert identity_doubts(find_device("Lenovo A7"), FunctionalReport(device="a7")) == ()


def test_without_a_device_or_tests_there_is_nothing_to_compare() -> None:
    assert identity_doubts(None, FunctionalReport(device="iPhone 13")) == ()
    assert identity_doubts(PHONE, None) == ()


def test_the_device_of_the_tests_stands_in_for_one_that_nobody_named() -> None:
    tests = FunctionalReport(device="iPhone 13")
    assert choose_device(None, tests).device == PHONE
    assert identity_doubts(choose_device(None, tests).device, tests) == ()


def test_tests_of_another_phone_are_flagged_and_ask_for_a_person(inspector: Inspector, tests: FunctionalReport) -> None:
    photos = {surface: [PhotoFile(f"{surface}.jpg", data, surface)] for surface, data in device_photos().items()}
    other = tests.model_copy(update={"device": "Galaxy S21"})
    decision = assess_photos(photos, other, PHONE, shipped_policy("ctia-like"), inspector).decision
    assert decision.grade is not None
    assert decision.needs_review
    text = (
        "the photos were measured as Apple iPhone 13, but the test file names Samsung Galaxy S21 5G: "
        "one of them is of another phone"
    )
    assert ("identity_mismatch", text) in [(flag.code, flag.text) for flag in decision.flags]
    assert ("identity_mismatch", text) in [(reason.rule, reason.text) for reason in decision.review]
