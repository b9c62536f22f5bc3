"""Quotes: one deduction a part, a hash of what they rest on, and an acceptance of nothing else."""

from datetime import timedelta
from decimal import Decimal

import pytest

from phonegrade.configs.journey import shipped_journey
from phonegrade.configs.price_book import parse_price_book
from phonegrade.core.functional.report import TestResult
from phonegrade.core.journey_errors import NoPriceError, QuoteStateError, StaleQuoteError
from phonegrade.journeys.deal import deal_of, quote_state, refuse_acceptance, refuse_answer
from phonegrade.journeys.deal_facts import Quote
from phonegrade.journeys.facts import AnyFact, CaseFacts
from phonegrade.journeys.quotes import make_quote
from phonegrade.tests.journeys.builders import (
    all_pass,
    answered,
    assessment,
    asset,
    bundle,
    diagnosed,
    fact_id,
    lock_check,
    minutes,
    paid,
    quote,
    whole_trade_in,
)

JOURNEY = shipped_journey("trade_in")
HEADING = "device,storage_gb,grade,amount,currency,valid_from,valid_until\n"
BOOK = parse_price_book(
    (HEADING + "Apple iPhone 13,128,A,300.00,EUR,2026-01-01,\nApple iPhone 13,,A0,310.00,EUR,2026-01-01,\n").encode(),
    "prices.csv",
)
NOW = minutes(12)


def early(*more: AnyFact, without: str = "") -> CaseFacts:
    """The trade-in up to its provisional grade."""
    facts = [one for one in whole_trade_in(JOURNEY.sha256) if one.at <= minutes(10) and one.fact != without]
    return bundle(*facts, *more)


def made(facts: CaseFacts, book: object = BOOK) -> Quote:
    return make_quote(facts, JOURNEY, book, NOW, fact_id=fact_id(700), by="key-1", visit=None)  # type: ignore[arg-type]


def test_a_quote_names_its_price_its_source_and_its_end() -> None:
    one = made(early())
    assert (one.amount, one.currency, one.lines[0].source) == (Decimal("310.00"), "EUR", "prices.csv, line 3")
    assert one.lines[0].text == "Apple iPhone 13, grade A0"
    assert one.valid_until == NOW + timedelta(days=14)
    assert (one.assessment, one.assessment_number) == (assessment().id, 1)


def faulty(**results: TestResult) -> CaseFacts:
    report = all_pass(**results)
    others = early(without="test_run").with_facts([diagnosed(report)])
    kept = [one for one in others.facts if one.fact != "assessment_revision"]
    return bundle(*kept, assessment(report=report))


def test_three_faults_of_one_display_are_charged_once() -> None:
    fail = TestResult.FAIL
    book = parse_price_book(f"{HEADING}Apple iPhone 13,128,E,100.00,EUR,2026-01-01,\n".encode(), "prices.csv")
    one = made(faulty(dead_pixels=fail, multi_touch=fail, mura=fail, camera_rear=fail), book)
    charged = [(line.part, line.amount, line.also) for line in one.lines[1:]]
    assert charged == [
        ("display", Decimal("-30.00"), ("touch_fault", "burn_in")),
        ("cameras", Decimal("-12.00"), ()),
    ]
    assert one.amount == Decimal("58.00")


def test_what_is_not_known_is_mentioned_or_charged_and_never_forgotten() -> None:
    no_battery = all_pass(sim_lock=TestResult.NOT_RUN).model_copy(update={"measures": {}})
    facts = early(without="test_run").with_facts([diagnosed(no_battery)])
    one = made(facts)
    lines = {line.rule: line for line in one.lines}
    assert lines["worn_battery"].amount == 0
    assert lines["worn_battery"].text.startswith("31.00 less if this shows")
    assert lines["sim_locked"].text.startswith("Not known")
    assert one.amount == Decimal("310.00") - Decimal("46.50")


def test_the_hash_changes_with_all_that_a_quote_rests_on() -> None:
    plain = made(early())
    other_book = parse_price_book(f"{HEADING}Apple iPhone 13,,A0,310.00,EUR,2026-01-02,\n".encode(), "prices.csv")
    again = assessment(2, 10.5)
    hashes = {
        plain.inputs_sha256,
        made(early(), other_book).inputs_sha256,
        made(early(again)).inputs_sha256,
    }
    assert len(hashes) == 3
    assert made(early()).inputs_sha256 == plain.inputs_sha256


def test_no_grade_no_device_no_price_no_quote() -> None:
    with pytest.raises(NoPriceError, match="has no grade that holds"):
        made(early(without="assessment_revision"))
    with pytest.raises(NoPriceError, match="does not qualify"):
        made(early(lock_check(9, 42, blocklist="listed")))
    empty = parse_price_book(f"{HEADING}Apple iPhone 12,,A0,310.00,EUR,2026-01-02,\n".encode(), "prices.csv")
    with pytest.raises(NoPriceError, match="no price for Apple iPhone 13 with 128 GB in grade A0 today"):
        made(early(), empty)
    with pytest.raises(NoPriceError, match="does not qualify for trade_in: The phone is not in the catalogue"):
        made(early(asset(None, number=777).model_copy(update={"at": minutes(11)})))
    with pytest.raises(NoPriceError, match="makes no quotes"):
        make_quote(bundle(), shipped_journey("care"), BOOK, NOW, fact_id=fact_id(1), by="key-1", visit=None)


def test_only_the_quote_that_was_shown_on_the_assessment_that_holds_is_accepted() -> None:
    offer = quote(assessment())
    facts = early(offer)
    refuse_acceptance(offer, facts, NOW, offer.inputs_sha256)
    with pytest.raises(StaleQuoteError, match="rests on other prices"):
        refuse_acceptance(offer, facts, NOW, "0" * 64)
    with pytest.raises(StaleQuoteError, match="assessment number 1, but number 2 holds now"):
        refuse_acceptance(offer, early(offer, assessment(2, 25)), NOW, offer.inputs_sha256)
    newer = quote(assessment(), 20, 190)
    with pytest.raises(StaleQuoteError, match="has replaced this one"):
        refuse_acceptance(offer, early(offer, newer), NOW, offer.inputs_sha256)
    with pytest.raises(QuoteStateError, match="the quote is declined"):
        refuse_answer(offer, early(offer, answered(offer, "declined")), NOW)
    with pytest.raises(QuoteStateError, match="the quote is expired"):
        refuse_acceptance(offer, facts, minutes(30 * 24 * 60), offer.inputs_sha256)
    assert StaleQuoteError.http_status == 412


def test_the_first_answer_stands_and_a_late_one_is_none() -> None:
    offer = quote(assessment())
    both = bundle(offer, answered(offer, "accepted", 41), answered(offer, "declined", 40, 194))
    assert quote_state(offer, both, NOW) == "declined"
    late = answered(offer, at=15 * 24 * 60 + 30)
    assert quote_state(offer, bundle(offer, late), minutes(16 * 24 * 60)) == "expired"
    other = answered(offer).model_copy(update={"inputs_sha256": "0" * 64})
    assert quote_state(offer, bundle(offer, other), NOW) == "made"
    gone = bundle(offer, answered(offer), answered(offer, "withdrawn", 50, 195))
    assert (quote_state(offer, gone, NOW), deal_of(gone, NOW)) == ("withdrawn", "none")


def test_a_payment_below_the_accepted_quote_settles_nothing() -> None:
    offer = quote(assessment())
    short = paid(offer).model_copy(update={"amount": Decimal("299.99")})
    assert deal_of(bundle(offer, answered(offer), short), NOW) == "accepted"
    assert deal_of(bundle(offer, paid(offer)), NOW) == "offered"
    assert deal_of(bundle(offer, answered(offer), paid(offer)), NOW) == "settled"
