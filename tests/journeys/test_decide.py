"""What the shipped journeys decide, with the rule, its evidence and what would change it."""

from datetime import date

import pytest

from phonegrade.configs.journey import Journey, parse_journey, shipped_journey, shipped_journey_text
from phonegrade.core.functional.report import FunctionalReport, TestResult
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.journeys.decide import Outcome, decide, is_recorded, qualification
from phonegrade.journeys.device_facts import Holding, LockCheck
from phonegrade.journeys.evidence_facts import AssessmentRevision, Complaint
from phonegrade.journeys.facts import AnyFact, CaseFacts
from phonegrade.journeys.status import status_of
from phonegrade.tests.grading.builders import defect, inspection, phone
from phonegrade.tests.journeys.builders import (
    all_pass,
    assessment,
    asset,
    bundle,
    diagnosed,
    fact_id,
    identifier,
    inspected,
    lock_check,
    minutes,
    of_asset,
    of_case,
    photo,
    visit,
)

NOW = minutes(30)
FAIL = TestResult.FAIL


def holding(**more: object) -> Holding:
    given = {
        "activated_on": date(2026, 11, 20),
        "warranty_until": date(2027, 11, 20),
        "owned_since": date(2026, 11, 20),
        "cover": "none",
        **more,
    }
    return Holding(**of_asset(71, 2), source="operator", **given)  # type: ignore[arg-type]


def complaint(*symptoms: str, incident: str = "none") -> Complaint:
    return Complaint(**of_case(72, 2), symptoms=symptoms, incident=incident)  # type: ignore[arg-type]


def shown(kind: DefectKind, surface: Surface, length_mm: float, zone: Zone, count: int = 1) -> AssessmentRevision:
    detected = tuple(defect(f"d{number}", kind, length_mm, zone=zone) for number in range(count))
    return assessment(inspections=phone((surface, inspection(surface, detected))))


def facts_for(
    name: str, *more: AnyFact, report: FunctionalReport | None = None, graded: AssessmentRevision | None = None
) -> CaseFacts:
    """A case in which everything that any journey asks for is there, and good."""
    photos = [photo(surface, session_code_shown=True) for surface in Surface]
    given = {fact.fact for fact in more}
    usual: tuple[AnyFact, ...] = (asset(), identifier(), holding(), complaint("loudspeaker"), lock_check(8))
    return bundle(
        visit("app"),
        *(fact for fact in usual if fact.fact not in given),
        *photos,
        *map(inspected, photos),
        diagnosed(report or all_pass()),
        graded or assessment(report=report),
        *more,
        journey=name,
    )


def outcome(name: str, *more: AnyFact, **given: object) -> tuple[str | None, str | None, str]:
    """Result, alternate and the rule that decided."""
    answer = decide(facts_for(name, *more, **given), shipped_journey(name), NOW)  # type: ignore[arg-type]
    assert all(reason.would_change and reason.source for reason in answer.reasons)
    return answer.result, answer.alternate, answer.reasons[0].rule


CRACK = shown(DefectKind.CRACK, Surface.FRONT, 30.0, Zone.DISPLAY, 2)
BACK_CRACK = shown(DefectKind.CRACK, Surface.BACK, 10.0, Zone.BACK)


@pytest.mark.parametrize(
    ("name", "more", "given", "expected"),
    [
        ("insurance", (), {}, ("qualified", None, "otherwise")),
        ("insurance", (lock_check(8, blocklist="listed"),), {}, ("unqualified", None, "listed")),
        ("insurance", (lock_check(8, blocklist="unknown"),), {}, ("needs_person", None, "listed")),
        ("insurance", (holding(cover="insured"),), {}, ("unqualified", None, "insured_already")),
        (
            "insurance",
            (holding(activated_on=date(2026, 10, 1)),),
            {},
            ("unqualified", None, "activated_too_long_ago"),
        ),
        ("insurance", (), {"graded": CRACK}, ("alternate", "repair", "display_cracked")),
        ("insurance", (), {"graded": BACK_CRACK}, ("qualified", None, "otherwise")),
        ("insurance", (), {"report": all_pass(microphones=FAIL)}, ("alternate", "repair", "function_fails")),
        ("insurance", (asset(None),), {}, ("needs_person", None, "unknown_device")),
        ("warranty", (), {"report": all_pass(loudspeaker=FAIL)}, ("qualified", None, "covered")),
        ("warranty", (), {}, ("alternate", "care", "no_fault_found")),
        (
            "warranty",
            (holding(warranty_until=date(2026, 11, 1)),),
            {"report": all_pass(loudspeaker=FAIL)},
            ("alternate", "care", "expired"),
        ),
        (
            "warranty",
            (),
            {"report": all_pass(loudspeaker=FAIL, liquid_indicator=FAIL)},
            ("unqualified", None, "liquid"),
        ),
        ("warranty", (), {"report": all_pass(loudspeaker=FAIL), "graded": CRACK}, ("unqualified", None, "shattered")),
        (
            "warranty",
            (),
            {"report": all_pass(loudspeaker=FAIL), "graded": BACK_CRACK},
            ("needs_person", None, "impact"),
        ),
        (
            "warranty",
            (complaint("loudspeaker", incident="drop"),),
            {"report": all_pass(loudspeaker=FAIL)},
            ("needs_person", None, "drop_incident"),
        ),
        ("care", (), {}, ("qualified", None, "no_fault_found")),
        ("care", (), {"report": all_pass(loudspeaker=FAIL)}, ("alternate", "warranty", "under_warranty")),
        (
            "care",
            (holding(warranty_until=None),),
            {"report": all_pass(loudspeaker=FAIL)},
            ("alternate", "repair", "fault_confirmed"),
        ),
        ("care", (complaint("loudspeaker", incident="liquid"),), {}, ("alternate", "repair", "liquid")),
        (
            "care",
            (holding(owned_since=date(2022, 1, 1)),),
            {"report": all_pass(power_on=FAIL)},
            ("alternate", "trade_in", "dead_and_old"),
        ),
        ("trade_in", (), {}, ("qualified", None, "otherwise")),
        ("trade_in", (lock_check(8, activation="on"),), {}, ("unqualified", None, "locked_to_account")),
        ("trade_in", (lock_check(8, activation="unknown"),), {}, ("qualified", None, "otherwise")),
        ("trade_in", (asset(None),), {}, ("needs_person", None, "unknown_device")),
    ],
)
def test_what_the_shipped_journeys_decide(
    name: str, more: tuple[AnyFact, ...], given: dict[str, object], expected: tuple[str | None, str | None, str]
) -> None:
    assert outcome(name, *more, **given) == expected


def test_damage_from_before_is_not_covered_and_is_recorded() -> None:
    facts = facts_for("insurance", graded=BACK_CRACK)
    answer = decide(facts, shipped_journey("insurance"), NOW)
    assert [(reason.rule, reason.evidence) for reason in answer.exclusions] == [
        ("back_cracked", (BACK_CRACK.id, "back:d0"))
    ]
    recorded = qualification(answer, facts, fact_id=fact_id(99), at=NOW, by="key-1", visit=None)
    assert (recorded.result, recorded.exclusions) == ("qualified", answer.exclusions)
    assert is_recorded(answer, facts.with_facts([recorded]), NOW)
    assert not is_recorded(answer, facts.with_facts([recorded]), minutes(8 * 24 * 60))


def test_a_recorded_answer_that_the_facts_have_overtaken_does_not_hold() -> None:
    journey, facts = shipped_journey("insurance"), facts_for("insurance")
    recorded = qualification(decide(facts, journey, NOW), facts, fact_id=fact_id(99), at=NOW, by="key-1", visit=None)
    later = facts.with_facts([recorded, lock_check(20, 42, blocklist="listed")])
    answer = decide(later, journey, NOW)
    assert answer.result == "unqualified"
    assert not is_recorded(answer, later, NOW)
    assert "qualify" in [step.step for step in status_of(later, journey, NOW).next]


def test_photos_without_the_sessions_code_are_no_photos() -> None:
    photos = [photo(surface) for surface in Surface]
    facts = bundle(visit("app"), asset(), *photos, *map(inspected, photos), journey="insurance")
    part = next(one for one in status_of(facts, shipped_journey("insurance"), NOW).missing if one.step == "photograph")
    assert len(part.left) == 6


def test_every_rule_of_the_outcome_is_named_as_clearing_one_changes_nothing() -> None:
    locks = lock_check(8, activation="on", blocklist="listed")
    answer = decide(facts_for("trade_in", locks), shipped_journey("trade_in"), NOW)
    assert [reason.rule for reason in answer.reasons] == ["listed", "locked_to_account"]


def waiting_first(unknown: str = "wait") -> Journey:
    """Trade-in with a first rule about insurance, which nobody has to answer."""
    rule = (
        "rules:\n  - rule: insured\n    outcome: unqualified\n    when: {cover: [insured]}\n"
        f"    unknown: {unknown}\n    text: The phone is insured.\n"
        "    would_change: The insurance ends.\n    source: a test\n"
    )
    text = shipped_journey_text("trade_in").replace("rules:\n", rule, 1)
    return parse_journey(text.encode(), "own.yaml")


def test_a_rule_that_cannot_be_decided_goes_to_a_person() -> None:
    facts = facts_for("trade_in", holding(cover="unknown"))
    answer = decide(facts, waiting_first(), NOW)
    assert (answer.result, answer.reasons[0].rule) == ("needs_person", "insured")
    assert "whether the phone is insured" in answer.reasons[0].text
    assert decide(facts, waiting_first("skip"), NOW).result == "qualified"


def test_an_answer_that_an_unknown_rule_could_change_waits() -> None:
    started = bundle(visit("app"), asset(None), journey="trade_in")
    assert decide(started, waiting_first(), NOW).result is None
    listed = started.with_facts([lock_check(8, blocklist="listed")])
    assert decide(listed, waiting_first(), NOW).result == "unqualified", "both rules lead there"


def test_nothing_known_is_never_an_answer() -> None:
    for name in ("trade_in", "insurance", "warranty", "care"):
        answer: Outcome = decide(bundle(journey=name), shipped_journey(name), NOW)
        assert answer.result is None
        assert answer.valid_until is None
        with pytest.raises(ValueError, match="waits for facts"):
            qualification(answer, bundle(journey=name), fact_id=fact_id(1), at=NOW, by="key-1", visit=None)


@pytest.mark.parametrize("name", ["trade_in", "insurance", "warranty", "care"])
def test_taking_any_one_kind_of_fact_away_never_makes_a_case_qualify(name: str) -> None:
    journey = shipped_journey(name)
    facts = facts_for(name, lock_check(8, activation="on", blocklist="listed")) if name != "care" else facts_for(name)
    before = decide(facts, journey, NOW).result
    for kind in {fact.fact for fact in facts.facts} - {"lock_check"}:
        fewer = CaseFacts(case=facts.case, facts=tuple(fact for fact in facts.facts if fact.fact != kind))
        after = decide(fewer, journey, NOW).result
        assert after != "qualified" or before == "qualified", kind


def test_an_older_lock_check_is_asked_for_again() -> None:
    old: LockCheck = lock_check(-15 * 24 * 60)
    status = status_of(facts_for("trade_in", old), shipped_journey("trade_in"), NOW)
    assert next(part.left for part in status.missing if part.step == "check_locks") == ("activation", "blocklist")
