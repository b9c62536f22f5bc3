"""A provisional grade against a verified one."""

from collections.abc import Mapping

from phonegrade.configs.policy import load_policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.explain.comparison import GradedAnswer, Source, compare
from phonegrade.grading.judge import judge
from phonegrade.tests.grading.builders import phone, report
from phonegrade.tests.grading.test_multi_view import FLAT, drawn_defect, front_view

POLICY = load_policy("ctia-like")


def judged(source: Source, photos: Mapping[Surface, Inspection], tests: FunctionalReport | None) -> GradedAnswer:
    return GradedAnswer(
        source=source, decision=judge(photos, tests, POLICY), inspections=dict(photos), functional=tests
    )


def test_a_verified_grade_names_what_the_app_did_not_detect() -> None:
    scratch = drawn_defect("front-1", (10.0, 20.0), (6.0, 0.3))
    crack = drawn_defect("front-1", (40.0, 90.0), (20.0, 0.4), FLAT, DefectKind.CRACK)
    longer = drawn_defect("front-2", (10.0, 20.5), (8.0, 0.3), FLAT)
    app = judged("app", phone((Surface.FRONT, front_view(scratch))), report())
    warehouse = judged(
        "warehouse", phone((Surface.FRONT, front_view(crack, longer, outline=FLAT, number=1))), report(82, nfc="fail")
    )
    comparison = compare(app, warehouse, POLICY)
    assert (comparison.before, comparison.after, comparison.cosmetic_steps, comparison.functional_steps) == (
        "B0",
        "D2",
        2,
        2,
    )
    assert comparison.verified
    assert comparison.value_share is not None
    assert comparison.value_share < 0
    changes = [(change.what, change.effect, change.reason.full_text) for change in comparison.changes]
    assert ("defect", "worse", "front: crack front-1 (20.0 mm) was not detected before") in changes
    assert ("size", "worse", "front: scratch front-2 (8.0 mm) measured 6.0 mm before") in changes
    assert ("test", "worse", "NFC: fail, previously pass") in changes
    assert ("measure", "other", "battery health: 82%, previously 91%") in changes
    assert ("rule", "worse", "front: crack front-1 (1 found, none allowed)") in changes
    assert any(what == "rule" and effect == "better" for what, effect, _ in changes)


def test_the_same_phone_twice_has_no_difference() -> None:
    one = judged("app", phone(), report())
    comparison = compare(one, judged("kiosk", phone(), report()), POLICY)
    assert (comparison.cosmetic_steps, comparison.functional_steps, comparison.value_share, comparison.changes) == (
        0,
        0,
        0.0,
        (),
    )


def test_a_surface_missing_from_the_app_is_a_change_of_evidence() -> None:
    photos = phone()
    few = {surface: photo for surface, photo in photos.items() if surface is not Surface.BACK}
    comparison = compare(judged("app", few, None), judged("kiosk", photos, report()), POLICY)
    assert (comparison.before, comparison.after, comparison.cosmetic_steps) == ("incomplete", "A0", None)
    assert ("evidence", "better") in {(change.what, change.effect) for change in comparison.changes}


def test_a_second_answer_from_an_app_verifies_nothing() -> None:
    one = judged("app", phone(), report())
    assert not compare(one, one, POLICY).verified


def test_a_change_of_policy_is_reported_and_no_steps_are_counted() -> None:
    other = POLICY.model_copy(update={"sha256": "1" * 64})
    one = judged("app", phone(), report())
    two = GradedAnswer(
        source="kiosk", decision=judge(phone(), report(), other), inspections=phone(), functional=report()
    )
    comparison = compare(one, two, other)
    assert comparison.cosmetic_steps is None
    assert [change.what for change in comparison.changes] == ["policy"]
