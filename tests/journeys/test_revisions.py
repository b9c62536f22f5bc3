"""Assessments as facts: numbered, as sure as their least sure part; and why one differs from another."""

from phonegrade.core.functional.report import TestResult
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.judge import judge
from phonegrade.journeys.evidence_facts import AssessmentRevision
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.revisions import assessment_revision, delta_of, revision_before
from phonegrade.tests.grading.builders import defect, inspection, phone
from phonegrade.tests.journeys.builders import (
    POLICY,
    STORE,
    all_pass,
    assessment,
    bundle,
    diagnosed,
    fact_id,
    minutes,
    photo,
    visit,
)

CRACKED = phone((Surface.FRONT, inspection(Surface.FRONT, (defect("front-1", DefectKind.CRACK, 30.0),))))


def recorded(facts: CaseFacts, at: float = 20) -> AssessmentRevision:
    inspections = {
        surface: one.model_copy(update={"photo_sha256": f"{int(surface is Surface.FRONT) + 200:064x}"})
        for surface, one in CRACKED.items()
    }
    report = all_pass().model_copy(update={"imei": "356938035643809"})
    return assessment_revision(
        facts,
        judge(inspections, report, POLICY),
        inspections,
        report,
        POLICY,
        fact_id=fact_id(401),
        at=minutes(at),
        by="key-1",
        visit=STORE,
        record_sha256="d" * 64,
    )


def test_a_revision_is_numbered_and_holds_what_journeys_need() -> None:
    one = recorded(bundle(visit("store"), assessment()))
    assert one.number == 2
    assert [(mark.id, mark.kind, mark.surface) for mark in one.counted] == [
        ("front-1", DefectKind.CRACK, Surface.FRONT)
    ]
    assert one.functional is not None
    assert one.functional.imei is None


def test_one_photo_from_the_app_makes_a_shops_assessment_provisional() -> None:
    from_shop = [photo(Surface.FRONT, 5, 201, "store"), photo(Surface.BACK, 5, 200, "store")]
    tests = diagnosed(on="store")
    assert recorded(bundle(visit("app"), visit("store"), tests, *from_shop)).source == "store"
    from_app = [photo(Surface.FRONT, 5, 201, "app"), from_shop[1]]
    assert recorded(bundle(visit("app"), visit("store"), tests, *from_app)).source == "app"


def test_tests_from_the_app_alone_are_provisional_and_the_shops_own_are_not() -> None:
    shop = photo(Surface.FRONT, 5, 201, "store")
    assert recorded(bundle(visit("app"), visit("store"), diagnosed(), shop)).source == "app"
    both = (diagnosed(), diagnosed(at=6, number=32, on="store"))
    assert recorded(bundle(visit("app"), visit("store"), *both, shop)).source == "store"


def test_a_delta_shows_both_pictures_and_the_rule() -> None:
    before = assessment()
    report = all_pass(nfc=TestResult.FAIL)
    after = assessment(2, 25, "warehouse", CRACKED, report).model_copy(update={"photos": {Surface.FRONT: "9" * 64}})
    first, second = photo(Surface.FRONT), photo(Surface.FRONT, 24, 209, "warehouse")
    second = second.model_copy(update={"sha256": "9" * 64})
    facts = bundle(before, after, first, second)
    delta = delta_of(before, after, facts, (phone(), CRACKED), POLICY)
    assert (delta.comparison.before, delta.comparison.after, delta.comparison.verified) == ("A0", "D2", True)
    worse = [one for one in delta.changes if one.change.effect == "worse"]
    assert list(delta.changes[: len(worse)]) == worse
    rule = next(one for one in worse if one.change.what == "rule" and one.change.reason.surface is Surface.FRONT)
    assert rule.photos is not None
    assert (rule.photos.before, rule.photos.after) == (first.id, second.id)
    assert rule.change.reason.rule == "C_crack"
    assert next(one for one in worse if one.change.what == "test").photos is None
    erased = bundle(before, after, first.model_copy(update={"state": "erased"}), second)
    shown = delta_of(before, after, erased, (phone(), CRACKED), POLICY).changes[0].photos
    assert shown is not None
    assert (shown.before, shown.after) == (None, second.id)


def test_a_revision_is_compared_with_the_provisional_one_that_the_customer_knows() -> None:
    one, two, three = assessment(), assessment(2, 20, "warehouse"), assessment(3, 30, "warehouse")
    facts = bundle(one, two, three)
    assert revision_before(three, facts) == one
    assert revision_before(one, facts) is None
