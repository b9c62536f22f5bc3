"""Facts of the deal: qualifications, quotes and what became of them, settlement, overrides and offers shown."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from phonegrade.core.strict import Strict
from phonegrade.journeys.fact import Amount, CaseFact, Currency, FactId, JourneyReason, Label, Sha256, Text, Utc

QualificationResult = Literal["qualified", "unqualified", "alternate", "needs_person"]
"""The first three are TMF679's words."""
QuoteState = Literal["made", "accepted", "declined", "expired", "withdrawn"]


class Qualification(CaseFact):
    """The answer of a journey's rules at one moment."""

    fact: Literal["qualification"] = "qualification"
    offering: Label
    result: QualificationResult
    alternate: Label | None = None
    """The journey or offering to take instead."""
    reasons: Annotated[tuple[JourneyReason, ...], Field(min_length=1)]
    exclusions: tuple[JourneyReason, ...] = ()
    """What a qualified case does not cover: damage from before, kept for later claims."""
    ruleset_sha256: Sha256
    """Of the journey's file whose rules answered."""
    facts_sha256: Sha256
    valid_until: Utc | None = None

    @model_validator(mode="after")
    def _names_the_alternate(self) -> Self:
        if (self.result == "alternate") != (self.alternate is not None):
            raise ValueError("an alternate result names its alternate, and no other does")
        return self


class QuoteLine(Strict):
    """One line of a quote: the price of the grade, or one deduction."""

    rule: str
    """`price`, or the deduction's rule."""
    text: str
    amount: Decimal
    """Negative for a deduction; 0 for one that nobody can rule out yet."""
    source: str
    part: Label | None = None
    """The part that the deduction is for; each part is charged once."""
    also: tuple[str, ...] = ()
    """Rules of the same part that fired too and cost nothing more."""
    evidence: tuple[str, ...] = ()


class Quote(CaseFact):
    """A price for the phone, what it rests on, and until when it holds; making it is the event `made`."""

    fact: Literal["quote"] = "quote"
    kind: Literal["trade_in", "insurance", "repair"] = "trade_in"
    assessment: FactId
    assessment_number: PositiveInt
    amount: Amount
    currency: Currency
    lines: Annotated[tuple[QuoteLine, ...], Field(min_length=1)]
    """They add up to `amount`, or to less than nothing where `amount` is 0."""
    inputs_sha256: Sha256
    """Over assessment revision, price book and deductions."""
    journey_sha256: Sha256 | None = None
    """Of the journey's file that made it."""
    valid_until: Utc


class QuoteEvent(CaseFact):
    """What became of a quote; expiry is derived from the clock and may be recorded too."""

    fact: Literal["quote_event"] = "quote_event"
    quote: FactId
    event: Literal["accepted", "declined", "expired", "withdrawn"]
    inputs_sha256: Sha256 | None = None
    """Of an acceptance: what the customer saw."""
    why: Text | None = None


class Settlement(CaseFact):
    """The customer was paid, or credited."""

    fact: Literal["settlement"] = "settlement"
    quote: FactId
    amount: Amount
    currency: Currency
    reference: Label | None = None


class Override(CaseFact):
    """A named person lifts one reason of the resale gate; it is shown wherever the gate's answer is."""

    fact: Literal["override"] = "override"
    rule: Label
    """The reason that it lifts, such as `blocklist_unknown`."""
    name: Label
    """Who answers for it."""
    reason: Text
    until: Utc | None = None
    """None: for as long as the case lives."""


class OfferOutcome(CaseFact):
    """A next best offer was shown, accepted or declined."""

    fact: Literal["offer_outcome"] = "offer_outcome"
    offer: Label
    """What was offered, such as `upgrade`."""
    rule: Label
    ruleset_sha256: Sha256
    arm: Literal["champion", "challenger"] = "champion"
    outcome: Literal["shown", "accepted", "declined"]
    why: Text | None = None
