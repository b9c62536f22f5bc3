"""What became of the deal: the state of each quote, and the deal axis of the case."""

from datetime import datetime
from typing import Literal

from phonegrade.core.journey_errors import QuoteStateError, StaleQuoteError
from phonegrade.journeys.deal_facts import Qualification, Quote, QuoteEvent, QuoteState, Settlement
from phonegrade.journeys.device_facts import CustodyMove
from phonegrade.journeys.evidence import current_assessment
from phonegrade.journeys.facts import CaseFacts

Deal = Literal["none", "qualified", "offered", "accepted", "declined", "expired", "settled"]


def quote_state(quote: Quote, facts: CaseFacts, now: datetime) -> QuoteState:
    """Return what became of a quote.

    The first answer in time stands; an acceptance after `valid_until` is none. A withdrawal ends even an accepted one.
    """
    events = [event for event in facts.current(QuoteEvent) if event.quote == quote.id]
    if any(event.event == "withdrawn" for event in events):
        return "withdrawn"
    for event in events:
        if event.event == "accepted" and event.at > quote.valid_until:
            continue
        if event.event == "accepted" and event.inputs_sha256 != quote.inputs_sha256:
            continue  # the customer accepted something else than what this quote rests on
        return event.event
    return "expired" if now > quote.valid_until else "made"


def current_quote(facts: CaseFacts, now: datetime) -> Quote | None:
    """Return the newest quote that was not withdrawn."""
    standing = [quote for quote in facts.current(Quote) if quote_state(quote, facts, now) != "withdrawn"]
    return standing[-1] if standing else None


def is_settled(facts: CaseFacts, now: datetime) -> bool:
    """Return whether the customer was paid what the newest accepted quote says, or more, and did not get the phone
    back since."""
    quote = current_quote(facts, now)
    if quote is None or quote_state(quote, facts, now) != "accepted":
        return False
    back = max((move.at for move in facts.current(CustodyMove) if move.to in ("customer", "returned")), default=None)
    return any(
        paid.quote == quote.id and paid.currency == quote.currency and paid.amount >= quote.amount
        for paid in facts.current(Settlement)
        if back is None or paid.at > back
    )


def deal_of(facts: CaseFacts, now: datetime) -> Deal:
    """Return the deal axis of a case."""
    if is_settled(facts, now):
        return "settled"
    quote = current_quote(facts, now)
    if quote is not None:
        match quote_state(quote, facts, now):
            case "made":
                return "offered"
            case "accepted":
                return "accepted"
            case "declined":
                return "declined"
            case "expired":
                return "expired"
    answer = facts.latest(Qualification)
    holds = answer is not None and (answer.valid_until is None or now <= answer.valid_until)
    return "qualified" if holds and answer is not None and answer.result == "qualified" else "none"


def is_expired(facts: CaseFacts, now: datetime) -> bool:
    """Return whether a case is past its end; what was accepted before is still carried out."""
    ends = facts.case.expires_at
    return ends is not None and now > ends and deal_of(facts, now) not in ("accepted", "settled")


def rests_on_current(quote: Quote, facts: CaseFacts) -> bool:
    """Return whether a quote rests on the assessment that holds."""
    current = current_assessment(facts)
    return current is not None and (quote.assessment, quote.assessment_number) == (current.id, current.number)


def refuse_acceptance(quote: Quote, facts: CaseFacts, now: datetime, inputs_sha256: str) -> None:
    """Raise where a quote may not be accepted now; `inputs_sha256` is that of the quote the customer saw.

    Raises StaleQuoteError where it rests on another assessment, price book or set of deductions than the one shown,
    and QuoteStateError where it was answered, has expired or was withdrawn.
    """
    if inputs_sha256 != quote.inputs_sha256:
        raise StaleQuoteError("the quote that was shown rests on other prices or evidence; read it again")
    if not rests_on_current(quote, facts):
        current = current_assessment(facts)
        number = "none" if current is None else f"number {current.number}"
        raise StaleQuoteError(
            f"the quote rests on assessment number {quote.assessment_number}, but {number} holds now; ask for another"
        )
    newest = current_quote(facts, now)
    if newest is not None and newest.id != quote.id:
        raise StaleQuoteError(f"quote {newest.id} has replaced this one; read it and accept that")
    refuse_answer(quote, facts, now)


def refuse_answer(quote: Quote, facts: CaseFacts, now: datetime) -> None:
    """Raise QuoteStateError for a quote that can no longer be accepted or declined."""
    state = quote_state(quote, facts, now)
    if state != "made":
        raise QuoteStateError(f"the quote is {state}; ask for a new one")
