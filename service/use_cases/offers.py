"""The deal: whether a case qualifies, what it is quoted, and what the customer makes of it."""

from collections.abc import Mapping
from pathlib import Path

from phonegrade.configs.price_book import PriceBook, load_price_book
from phonegrade.core.errors import UsageError
from phonegrade.core.journey_errors import NoPriceError, QuoteStateError, StaleQuoteError
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal import quote_state, refuse_acceptance, refuse_answer
from phonegrade.journeys.deal_facts import Qualification, Quote, QuoteEvent, QuoteState, Settlement
from phonegrade.journeys.decide import Outcome, decide, is_recorded, qualification
from phonegrade.journeys.evidence_facts import ReviewRequest
from phonegrade.journeys.fact import Amount, FactId, Label, Sha256, Text
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.order import refuse_expired
from phonegrade.journeys.quotes import make_quote
from phonegrade.journeys.review_rules import wanted_for_price
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.cases import StoredCase
from phonegrade.store.columns import new_id


class RecordedOutcome(Strict):
    """What the rules say now, and the fact that records it; None where they wait for what is missing."""

    outcome: Outcome
    qualification: FactId | None


class OfferAcceptance(Strict):
    """The customer accepts what they saw."""

    inputs_sha256: Sha256
    """Of the quote as it was shown."""
    visit: FactId | None = None


class OfferDecline(Strict):
    """The customer declines, and why."""

    why: Text
    visit: FactId | None = None


class OfferPayment(Strict):
    """The customer was paid; without an amount it is that of the quote."""

    amount: Amount | None = None
    reference: Label | None = None
    visit: FactId | None = None


class AnsweredOffer(Strict):
    """A quote and what became of it."""

    quote: Quote
    state: QuoteState


class PriceBooks:
    """The price book of each tenant: one file for all of them, or a folder of TENANT.csv."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises PriceBookError for a book that is not valid, UsageError for a folder without any."""
        self._every = load_price_book(path) if path is not None and not path.is_dir() else None
        files = sorted(path.glob("*.csv")) if path is not None and path.is_dir() else []
        if path is not None and path.is_dir() and not files:
            raise UsageError(f"{path}: holds no price book; a folder has a TENANT.csv for each tenant")
        self._own: Mapping[str, PriceBook] = {file.stem: load_price_book(file) for file in files}

    def of(self, tenant: str) -> PriceBook:
        """Return a tenant's price book. Raises NoPriceError where there is none."""
        book = self._every or self._own.get(tenant)
        if book is None:
            raise NoPriceError("this service has no price book for you; it is started with --prices FILE")
        return book


def qualify(acting: Acting, case_id: str) -> RecordedOutcome:
    """Ask the journey's rules, and record their answer where it is one and not on record yet."""
    stored = acting.load(case_id)
    acting.check_step(stored.facts, "qualify")
    journey = acting.journey_of(stored.facts)
    refuse_expired(stored.facts, acting.now)
    outcome = decide(stored.facts, journey, acting.now)
    if outcome.result is None:
        return RecordedOutcome(outcome=outcome, qualification=None)
    known = stored.facts.latest(Qualification)
    if known is not None and is_recorded(outcome, stored.facts, acting.now):
        return RecordedOutcome(outcome=outcome, qualification=known.id)
    visit = acting.find_visit(stored.facts, acting.visit)
    fact = qualification(outcome, stored.facts, fact_id=new_id(acting.now), at=acting.now, by=acting.by, visit=visit)
    acting.add(stored, fact)
    return RecordedOutcome(outcome=outcome, qualification=fact.id)


def offer(acting: Acting, case_id: str, books: PriceBooks) -> Quote:
    """Quote what holds now, from the tenant's price book and the journey's deductions.

    Above the journey's price two persons are asked to accept the assessment that the quote rests on. Raises
    CaseExpiredError, StepOrderError where the case does not qualify on record, NoPriceError.
    """
    stored = acting.load(case_id)
    acting.check_step(stored.facts, "quote")
    journey = acting.journey_of(stored.facts)
    acting.refuse_step(stored.facts, "quote")
    quote = make_quote(
        stored.facts,
        journey,
        books.of(acting.tenant),
        acting.now,
        fact_id=new_id(acting.now),
        by=acting.by,
        visit=acting.find_visit(stored.facts, acting.visit),
    )
    persons = wanted_for_price(stored.facts, quote, journey)
    requests = [
        ReviewRequest(**acting.of_case(stored.facts), assessment=quote.assessment, reason="price")
        for _ in range(persons)
    ]
    acting.add(stored, quote, *requests)
    return quote


def find_offer(acting: Acting, quote_id: str) -> AnsweredOffer:
    """Return a quote and its state. Raises NotFoundError."""
    stored, quote = _quote(acting, quote_id)
    return _answered(quote, stored.facts, acting)


def accept(acting: Acting, quote_id: str, acceptance: OfferAcceptance) -> AnsweredOffer:
    """Accept a quote. Raises StaleQuoteError (412) where it expired, or where what it rests on is not what was shown
    or no longer holds; QuoteStateError (409) where it was answered, CaseExpiredError and StepOrderError (409)."""
    acting = acting.at(acceptance.visit)
    stored, quote = _quote(acting, quote_id)
    acting.check_step(stored.facts, "accept")
    refuse_expired(stored.facts, acting.now)
    if quote_state(quote, stored.facts, acting.now) == "expired":
        raise StaleQuoteError(f"the quote expired at {quote.valid_until:%Y-%m-%d %H:%M} UTC; ask for a new one")
    refuse_acceptance(quote, stored.facts, acting.now, acceptance.inputs_sha256)
    acting.refuse_step(stored.facts, "accept")
    event = QuoteEvent(
        **acting.of_case(stored.facts), quote=quote.id, event="accepted", inputs_sha256=acceptance.inputs_sha256
    )
    return _answered(quote, acting.add(stored, event), acting)


def decline(acting: Acting, quote_id: str, answer: OfferDecline) -> AnsweredOffer:
    """Decline a quote. Raises QuoteStateError (409) where it was answered, withdrawn or expired."""
    acting = acting.at(answer.visit)
    stored, quote = _quote(acting, quote_id)
    acting.check_step(stored.facts, "accept")
    refuse_answer(quote, stored.facts, acting.now)
    event = QuoteEvent(**acting.of_case(stored.facts), quote=quote.id, event="declined", why=answer.why)
    return _answered(quote, acting.add(stored, event), acting)


def settle(acting: Acting, quote_id: str, payment: OfferPayment) -> Settlement:
    """Record that the customer was paid for an accepted quote.

    Raises QuoteStateError for one that is not accepted, StepOrderError before the phone is here and its grade verified.
    """
    acting = acting.at(payment.visit)
    stored, quote = _quote(acting, quote_id)
    acting.check_step(stored.facts, "settle")
    state = quote_state(quote, stored.facts, acting.now)
    if state != "accepted":
        raise QuoteStateError(f"the quote is {state}; only an accepted one is paid")
    acting.refuse_step(stored.facts, "settle")
    settlement = Settlement(
        **acting.of_case(stored.facts),
        quote=quote.id,
        amount=quote.amount if payment.amount is None else payment.amount,
        currency=quote.currency,
        reference=payment.reference,
    )
    acting.add(stored, settlement)
    return settlement


def _quote(acting: Acting, quote_id: str) -> tuple[StoredCase, Quote]:
    stored = acting.load(acting.case_of(Quote, quote_id))
    quote = next(one for one in stored.facts.every(Quote) if one.id == quote_id)
    return stored, quote


def _answered(quote: Quote, facts: CaseFacts, acting: Acting) -> AnsweredOffer:
    return AnsweredOffer(quote=quote, state=quote_state(quote, facts, acting.now))
