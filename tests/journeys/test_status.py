"""The derived status: nobody sets it, no order changes it, and what is missing is never good."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.journey import shipped_journey
from phonegrade.core.functional.report import TestResult
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.journeys.device_facts import ErasureCertificate
from phonegrade.journeys.facts import AnyFact, CaseFacts
from phonegrade.journeys.resale import resale_gate
from phonegrade.journeys.status import CaseStatus, status_of
from phonegrade.tests.grading.builders import defect, inspection, phone
from phonegrade.tests.journeys.builders import (
    OTHER_HMAC,
    all_pass,
    answered,
    assessment,
    asset,
    bundle,
    case,
    certificate,
    diagnosed,
    dispute,
    fact_id,
    identifier,
    inspected,
    lock_check,
    minutes,
    moved,
    override,
    paid,
    photo,
    quote,
    review,
    review_request,
    visit,
    whole_trade_in,
)

JOURNEY = shipped_journey("trade_in")
NOW = minutes(120)
WHOLE = whole_trade_in(JOURNEY.sha256)


def status(*facts: AnyFact) -> CaseStatus:
    return status_of(bundle(*facts), JOURNEY, NOW)


def rules(*facts: AnyFact) -> set[str]:
    return {reason.rule for reason in resale_gate(bundle(*facts), JOURNEY, NOW).reasons}


def steps(of: CaseStatus) -> list[str]:
    return [step.step for step in of.next]


def without(kind: str) -> tuple[AnyFact, ...]:
    return tuple(fact for fact in WHOLE if fact.fact != kind)


def test_a_whole_trade_in_may_be_resold() -> None:
    final = status(*WHOLE)
    assert (final.evidence, final.deal, final.custody, final.identity) == ("verified", "settled", "ours", "confirmed")
    assert (final.missing, steps(final)) == ((), ["release"])
    assert final.resale.state == "ready"
    assert final.outcome.result == "qualified"


@given(st.permutations(WHOLE), st.lists(st.sampled_from(WHOLE), max_size=5), st.integers(0, len(WHOLE)))
@settings(max_examples=30, deadline=None)
def test_no_order_repetition_or_interleaving_changes_the_status(
    facts: list[AnyFact], again: list[AnyFact], at: int
) -> None:
    arrived = CaseFacts(case=case(), facts=(*facts[:at], *again))
    assert status_of(arrived.with_facts(facts[at:]), JOURNEY, NOW) == status(*WHOLE)


@given(st.sets(st.sampled_from(range(len(WHOLE)))))
@settings(max_examples=60, deadline=None)
def test_whatever_is_missing_is_never_ready(gone: set[int]) -> None:
    kept = [fact for index, fact in enumerate(WHOLE) if index not in gone]
    lost = {WHOLE[index].fact for index in gone}
    needed = {"identifier", "lock_check", "custody_move", "erasure_certificate", "settlement", "quote_event"}
    if lost & needed:
        assert resale_gate(bundle(*kept), JOURNEY, NOW).state == "blocked"


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("identifier", "identity_unconfirmed"),
        ("lock_check", "blocklist_unknown"),
        ("custody_move", "custody_not_ours"),
        ("erasure_certificate", "erasure_missing"),
        ("settlement", "deal_not_settled"),
        ("quote_event", "deal_not_settled"),
        ("assessment_revision", "evidence_not_verified"),
    ],
)
def test_each_missing_fact_blocks_with_its_own_reason(kind: str, rule: str) -> None:
    assert rule in rules(*without(kind))


def test_an_empty_case_is_never_good() -> None:
    empty = status()
    assert (empty.evidence, empty.deal, empty.custody, empty.identity) == ("empty", "none", "customer", "unknown")
    assert empty.outcome.result is None
    assert len(empty.resale.reasons) >= 6
    assert [part.step for part in empty.missing][:3] == ["identify", "test", "photograph"]
    assert steps(empty) == ["identify", "test", "photograph"]


certificates = st.builds(
    certificate,
    started=st.floats(-100, 100),
    number=st.integers(500, 520),
    hmac=st.just(OTHER_HMAC),
    verification=st.sampled_from(["full", "sampled", "tool_report", "none"]),
    method=st.sampled_from(["clear", "purge", "destroy"]),
)


@given(st.lists(certificates, unique_by=lambda one: one.id), st.sampled_from(["erasure_certificate", "settlement"]))
@settings(max_examples=40, deadline=None)
def test_a_certificate_of_another_phone_never_unblocks(foreign: list[ErasureCertificate], gone: str) -> None:
    before = resale_gate(bundle(*without(gone)), JOURNEY, NOW)
    after = resale_gate(bundle(*without(gone), *foreign), JOURNEY, NOW)
    assert before.state == after.state == "blocked"
    if gone == "erasure_certificate" and foreign:
        assert {"erasure_mismatch", "erasure_revoked"} & {reason.rule for reason in after.reasons}


@given(st.floats(-200, 49.9))
@settings(max_examples=30, deadline=None)
def test_a_certificate_from_before_the_return_never_counts(started: float) -> None:
    facts = (*without("erasure_certificate"), certificate(started))
    assert "erasure_before_return" in rules(*facts)


def test_a_phone_that_was_given_back_needs_another_certificate() -> None:
    back = (moved("returned", 100, 62), moved("ours", 110, 63))
    blocking = rules(*WHOLE, *back)
    assert {"erasure_before_return", "evidence_not_verified", "activation_lock_unknown"} <= blocking


def test_a_move_between_our_own_sites_is_no_return() -> None:
    assert status(*WHOLE, moved("in_transit", 100, 62), moved("ours", 110, 63)).resale.state == "ready"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"revoked_at": minutes(100)}, "erasure_revoked"),
        ({"verification": "none"}, "erasure_unverified"),
        ({"method": "clear"}, "erasure_method"),
        ({"method": "destroy"}, "destroyed"),
        ({"ended_at": NOW + timedelta(minutes=1)}, "erasure_in_future"),
    ],
)
def test_a_certificate_that_does_not_count_says_why(changed: dict[str, object], rule: str) -> None:
    facts = (*without("erasure_certificate"), certificate().model_copy(update=changed))
    assert rules(*facts) == {rule}


def test_a_number_that_was_merely_typed_matches_no_certificate() -> None:
    typed = identifier(confirmed=False).model_copy(update={"source": "typed", "reads": 1})
    assert {"erasure_mismatch", "identity_unconfirmed"} <= rules(*without("identifier"), typed)


def test_an_unknown_blocklist_blocks_resale_and_not_the_quote() -> None:
    unknown = lock_check(8, blocklist="unknown")
    late = tuple(fact for fact in without("lock_check") if fact.at <= minutes(12))
    early = status(*late, unknown)
    assert early.outcome.result == "qualified"
    assert "quote" in steps(early)
    assert rules(*without("lock_check"), unknown) == {"blocklist_unknown"}


def test_a_listed_phone_is_refused_at_once_and_nobody_can_lift_it() -> None:
    listed = lock_check(8, blocklist="listed")
    early = status(visit("app"), asset(), identifier(), listed)
    assert early.outcome.result == "unqualified"
    assert early.outcome.reasons[0].evidence == (listed.id,)
    assert "photograph" not in steps(early)
    assert "blocklist_listed" in rules(*without("lock_check"), listed, override("blocklist_listed"))


def test_an_old_answer_about_locks_is_unknown() -> None:
    later = NOW + timedelta(days=15)
    blocking = {reason.rule for reason in resale_gate(bundle(*WHOLE), JOURNEY, later).reasons}
    assert blocking == {"activation_lock_unknown", "blocklist_unknown"}


def test_an_override_is_shown_with_name_and_reason() -> None:
    gate = status(*without("lock_check"), lock_check(8, blocklist="unknown"), override("blocklist_unknown")).resale
    assert gate.state == "ready"
    assert [(one.reason.rule, one.override.name) for one in gate.lifted] == [("blocklist_unknown", "M. Meyer")]


def test_missing_erasure_can_never_be_lifted() -> None:
    assert rules(*without("erasure_certificate"), override("erasure_missing")) == {"erasure_missing"}


def test_a_later_provisional_grade_is_not_verified() -> None:
    assert status(*WHOLE, assessment(3, 110)).evidence == "provisional"


def test_evidence_with_the_phone_at_hand_outdates_a_verified_grade() -> None:
    later = diagnosed(all_pass(nfc=TestResult.FAIL), 100, 32, "warehouse")
    assert status(*WHOLE, later).evidence == "incomplete"
    assert "evidence_not_verified" in rules(*WHOLE, later)
    from_app = diagnosed(all_pass(nfc=TestResult.FAIL), 100, 32, "app")
    assert status(*WHOLE, from_app).evidence == "verified"


def test_a_dispute_waits_for_a_final_verdict() -> None:
    shop = assessment(2, 25, "warehouse")
    assert status(*WHOLE, dispute(shop)).evidence == "disputed"
    second = review(shop, "second_opinion", reason="disputed")
    assert status(*WHOLE, dispute(shop), second).evidence == "disputed"
    answer = review(shop, "accepted", 31, 82, reason="disputed")
    assert status(*WHOLE, dispute(shop), second, answer).evidence == "verified"


def test_an_open_review_holds_a_grade_up_and_an_audit_does_not() -> None:
    shop = assessment(2, 25, "warehouse")
    assert status(*WHOLE, review_request(shop)).evidence == "needs_person"
    assert "review" in steps(status(*WHOLE, review_request(shop)))
    assert status(*WHOLE, review_request(shop, "audit")).evidence == "verified"
    assert status(*WHOLE, review_request(shop), review(shop, "accepted")).evidence == "verified"
    assert status(*WHOLE, review_request(shop), review(shop, "rejected")).evidence == "needs_person"


def test_two_persons_accept_above_a_price() -> None:
    shop = assessment(2, 25, "warehouse")
    dear = quote(shop, 35, amount="900.00")
    facts = [fact for fact in WHOLE if fact.id not in (dear.id,)]
    dearer = [*facts, dear, answered(dear, number=94), paid(dear, number=96)]
    assert status(*dearer).evidence == "needs_person"
    one = review(shop, "accepted")
    other = review(shop, "accepted", 31, 82).model_copy(update={"by": "key-2"})
    assert status(*dearer, one).evidence == "needs_person"
    assert status(*dearer, one, other).evidence == "verified"


def test_retakes_end_after_three_tries() -> None:
    tries = [photo(Surface.FRONT, 5 + number, 200 + number) for number in range(3)]
    answers = [inspected(one, 9, ("blurred",)) for one in tries]
    assert status(visit("app"), *tries[:2], *answers[:2]).evidence == "retake"
    third = status(visit("app"), *tries, *answers)
    assert third.evidence == "incomplete"
    assert "front" not in next(part.left for part in third.missing if part.step == "photograph")


def test_a_test_that_could_not_be_run_says_why() -> None:
    report = all_pass(cellular=TestResult.NOT_RUN)
    run = diagnosed(report, why_not={"cellular": "browsers cannot see the network"})
    part = next(part for part in status(visit("app"), run).missing if part.step == "test")
    assert (part.left, part.why_not) == (("cellular",), {"cellular": "browsers cannot see the network"})


def test_a_result_with_the_phone_at_hand_counts_before_a_later_one_from_the_app() -> None:
    shop = diagnosed(all_pass(power_on=TestResult.FAIL), 3, 32, "store")
    outcome = status(visit("app"), visit("store"), asset(), identifier(), shop, diagnosed(at=4)).outcome
    assert (outcome.result, outcome.alternate) == ("alternate", "recycling")
    assert outcome.reasons[0].evidence == ("power_on",)


def test_two_numbers_that_differ_are_conflicting() -> None:
    other = identifier(OTHER_HMAC, number=22)
    conflict = status(*WHOLE, other)
    assert (conflict.identity, conflict.outcome.result) == ("conflicting", "needs_person")
    assert "identity_conflicting" in {reason.rule for reason in conflict.resale.reasons}


def test_a_quote_on_an_older_assessment_is_asked_for_again() -> None:
    offer = quote(assessment())
    facts = [fact for fact in WHOLE if fact.fact not in ("quote", "quote_event", "settlement", "custody_move")]
    renewed = status(*facts, offer, answered(offer))
    assert renewed.deal == "accepted"
    assert "quote" in steps(renewed)
    assert "accept" not in steps(renewed)
    assert "hand_over" not in steps(renewed)


def test_a_cracked_phone_is_provisional_in_the_app() -> None:
    cracked = phone((Surface.FRONT, inspection(Surface.FRONT, (defect("c1", DefectKind.CRACK, 30.0),))))
    one = assessment(inspections=cracked)
    assert one.decision.grade == "D0"
    assert status(visit("app"), one).evidence == "provisional"


def test_an_expired_case_offers_nothing() -> None:
    over = case().model_copy(update={"expires_at": minutes(1)})
    ended = status_of(CaseFacts(case=over), JOURNEY, NOW)
    assert (ended.expired, ended.next) == (True, ())


def test_what_was_accepted_before_a_case_ended_is_carried_out() -> None:
    whole = bundle(*WHOLE)
    over = whole.model_copy(update={"case": whole.case.model_copy(update={"expires_at": minutes(45)})})
    ended = status_of(over, JOURNEY, NOW)
    assert (ended.expired, ended.deal) == (False, "settled")


def test_another_journey_is_refused() -> None:
    with pytest.raises(ValueError, match="is on journey trade_in"):
        status_of(bundle(), shipped_journey("care"), NOW)


def test_a_superseded_acceptance_is_none() -> None:
    offer = quote(assessment(2, 25, "warehouse"), 35)
    other = answered(offer, "declined", 41, 194).model_copy(update={"supersedes": fact_id(93)})
    assert status(*WHOLE, other).deal == "declined"


def test_a_photo_that_is_no_use_says_why() -> None:
    front, back = photo(Surface.FRONT), photo(Surface.BACK)
    part = next(
        part
        for part in status(visit("app"), front, back, inspected(front, retake_on=("blurred",))).missing
        if part.step == "photograph"
    )
    assert part.why_not == {"front": "take it again: blurred", "back": "waits for its inspection"}
    broken = status(visit("app"), front, inspected(front, problem="not_an_image"))
    part = next(part for part in broken.missing if part.step == "photograph")
    assert part.why_not == {"front": "take it again: not_an_image"}


def test_a_customer_who_declines_gets_the_phone_back() -> None:
    offer = quote(assessment(2, 25, "warehouse"), 35)
    facts = [fact for fact in WHOLE if fact.fact not in ("quote_event", "settlement")]
    refused = status(*facts, answered(offer, "declined"))
    assert refused.deal == "declined"
    assert "give_back" in steps(refused)
    assert "give_back" not in steps(status(*facts, offer))


def test_a_payment_does_not_outlive_the_phones_return() -> None:
    back = (moved("returned", 100, 62), moved("ours", 110, 63))
    assert status(*WHOLE, *back).deal == "accepted"
    assert "deal_not_settled" in rules(*WHOLE, *back)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_no_set_of_facts_is_ready_without_all_that_the_gate_names(data: st.DataObject) -> None:
    noise: list[AnyFact] = [
        lock_check(61, 141, blocklist="unknown"),
        lock_check(62, 142, activation="on"),
        moved("returned", 100, 162),
        certificate(80, 151, OTHER_HMAC),
        certificate(81, 152, verification="none"),
        assessment(3, 100),
        dispute(assessment(2, 25, "warehouse")),
        answered(quote(assessment(2, 25, "warehouse"), 35), "declined", 39, 193),
        identifier(OTHER_HMAC, number=122),
        override("erasure_missing", 197),
        override("blocklist_listed", 198),
    ]
    blocks = data.draw(st.lists(st.sampled_from(noise), unique_by=lambda fact: fact.id, max_size=3))
    gone = data.draw(st.sets(st.sampled_from([fact.id for fact in WHOLE]), max_size=2))
    kept = [fact for fact in WHOLE if fact.id not in gone]
    ready = resale_gate(bundle(*kept, *blocks), JOURNEY, NOW).state == "ready"
    harmless = {noise[3].id, noise[4].id, noise[9].id, noise[10].id}
    needed = {fact.id for fact in WHOLE if fact.fact in NEEDED}
    if needed & gone or {fact.id for fact in blocks} - harmless:
        assert not ready
    elif not gone:
        assert ready


NEEDED = {
    "identifier",
    "lock_check",
    "custody_move",
    "erasure_certificate",
    "settlement",
    "quote_event",
}
