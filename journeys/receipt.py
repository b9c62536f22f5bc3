"""The receipt that a customer keeps: in what condition the phone was handed over, as it was graded then."""

from datetime import datetime
from typing import Literal

from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import PolicyRef
from phonegrade.grading.explain.comparison import Source
from phonegrade.journeys.deal import quote_state
from phonegrade.journeys.deal_facts import Quote, QuoteState
from phonegrade.journeys.device_facts import Custody, Identifier
from phonegrade.journeys.erasure import custody_of
from phonegrade.journeys.evidence import current_assessment, device_of
from phonegrade.journeys.evidence_facts import AssessmentRevision
from phonegrade.journeys.fact import Amount, Currency, FactId, Sha256, Utc
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.passport import PassportNumber, PassportReason


class ReceiptGrade(Strict):
    """The grade, and the hashes of what it rests on: whoever has the photos can show that they are these."""

    number: int
    at: Utc
    source: Source
    grade: str | None
    reasons: tuple[PassportReason, ...]
    photos: dict[Surface, Sha256]
    policy: PolicyRef
    record_sha256: Sha256


class ReceiptOffer(Strict):
    """The newest quote, and what became of it."""

    amount: Amount
    currency: Currency
    valid_until: Utc
    state: QuoteState


class Receipt(Strict):
    """A proof of condition."""

    kind: Literal["phonegrade receipt 1"] = "phonegrade receipt 1"
    case: FactId
    asset: FactId | None
    at: Utc
    device: str | None
    storage_gb: int | None
    numbers: tuple[PassportNumber, ...]
    grade: ReceiptGrade | None
    """None while the grade is still to come."""
    offer: ReceiptOffer | None
    custody: Custody


def receipt_of(facts: CaseFacts, now: datetime) -> Receipt:
    """Return the receipt of a case as it stands."""
    device, revision = device_of(facts), current_assessment(facts)
    numbers = {one.hmac: one for one in facts.current(Identifier)}
    quote = facts.latest(Quote)
    return Receipt(
        case=facts.case.id,
        asset=facts.case.asset,
        at=now.replace(microsecond=0),
        device=None if device is None else device.device,
        storage_gb=None if device is None else device.storage_gb,
        numbers=tuple(
            PassportNumber(kind=one.kind, last4=one.last4, confirmed=one.confirmed) for one in numbers.values()
        ),
        grade=None if revision is None else _grade(revision),
        offer=None
        if quote is None
        else ReceiptOffer(
            amount=quote.amount,
            currency=quote.currency,
            valid_until=quote.valid_until,
            state=quote_state(quote, facts, now),
        ),
        custody=custody_of(facts),
    )


def _grade(revision: AssessmentRevision) -> ReceiptGrade:
    return ReceiptGrade(
        number=revision.number,
        at=revision.at,
        source=revision.source,
        grade=revision.decision.grade,
        reasons=tuple(
            PassportReason(rule=one.rule, text=one.text, surface=one.surface) for one in revision.decision.reasons
        ),
        photos=revision.photos,
        policy=revision.decision.policy,
        record_sha256=revision.record_sha256,
    )
