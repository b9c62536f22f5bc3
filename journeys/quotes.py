"""Quotes: the price of the grade less one deduction for each part, and a hash of everything they rest on."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import PriceDeduction, QuoteRules
from phonegrade.configs.price_book import PriceBook, PriceRow
from phonegrade.core.journey_errors import NoPriceError
from phonegrade.journeys.conditions import Truth, circumstances, truth_of
from phonegrade.journeys.deal_facts import Quote, QuoteLine
from phonegrade.journeys.decide import decide
from phonegrade.journeys.device_facts import Asset
from phonegrade.journeys.evidence import current_assessment, device_of, is_graded, is_outdated
from phonegrade.journeys.evidence_facts import AssessmentRevision
from phonegrade.journeys.fact import FactId, PrincipalId
from phonegrade.journeys.facts import CaseFacts

_CENT = Decimal("0.01")


class _Charged(NamedTuple):
    """A deduction that applies, or that nobody can rule out."""

    rule: PriceDeduction
    truth: Truth
    amount: Decimal


def make_quote(
    facts: CaseFacts,
    journey: Journey,
    book: PriceBook,
    now: datetime,
    *,
    fact_id: FactId,
    by: PrincipalId,
    visit: FactId | None,
) -> Quote:
    """Return the quote for what holds now.

    Raises NoPriceError where the journey quotes nothing, the case does not qualify, the phone has no grade that holds,
    is no known device, or has no price today.
    """
    rules, assessment, asset = _quotable(facts, journey, now)
    decision = assessment.decision
    grades = [grade for grade in (decision.grade, decision.cosmetic_grade) if grade is not None]
    row = book.price(asset.device or "", asset.storage_gb, grades, now.date())
    if row is None:
        storage = "" if asset.storage_gb is None else f" with {asset.storage_gb} GB"
        raise NoPriceError(f"{book.name} has no price for {asset.device}{storage} in grade {decision.grade} today")
    case = circumstances(facts, now)
    truths = ((rule, truth_of(rule.when, case)) for rule in rules.deductions)
    charged = [_Charged(rule, truth, _amount(rule, row.amount)) for rule, truth in truths if truth.value is not False]
    deducted = _deductions(charged)
    lines = (_price_line(row, book, assessment), *deducted, *_mentions(charged, deducted))
    return Quote(
        id=fact_id,
        at=now,
        by=by,
        visit=visit,
        case=facts.case.id,
        assessment=assessment.id,
        assessment_number=assessment.number,
        amount=max(Decimal(0), sum((line.amount for line in lines), Decimal(0))).quantize(_CENT),
        currency=row.currency,
        lines=lines,
        inputs_sha256=inputs_sha256(assessment, asset, book, rules, lines),
        journey_sha256=journey.sha256,
        valid_until=now + timedelta(days=rules.valid_days),
    )


def inputs_sha256(
    assessment: AssessmentRevision, asset: Asset, book: PriceBook, rules: QuoteRules, lines: Iterable[QuoteLine]
) -> str:
    """Return the hash over assessment revision, phone, price book, deductions and the lines that came of them."""
    inputs = {
        "assessment": [assessment.id, assessment.number, assessment.record_sha256],
        "asset": [asset.asset, asset.device, asset.storage_gb],
        "price_book": book.sha256,
        "rules": rules.model_dump(mode="json"),
        "lines": [line.model_dump(mode="json") for line in lines],
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _quotable(facts: CaseFacts, journey: Journey, now: datetime) -> tuple[QuoteRules, AssessmentRevision, Asset]:
    if journey.quote is None:
        raise NoPriceError(f"journey {journey.name} makes no quotes")
    assessment, asset = current_assessment(facts), device_of(facts)
    if assessment is None or not is_graded(assessment) or is_outdated(assessment, facts):
        raise NoPriceError("the phone has no grade that holds; assess what is here first")
    outcome = decide(facts, journey, now)
    if outcome.result != "qualified":
        why = "; ".join(reason.text for reason in outcome.reasons)
        raise NoPriceError(f"the case does not qualify for {journey.offering}: {why}")
    if asset is None or asset.device is None:
        raise NoPriceError("it is not known which device this is; identify it first")
    return journey.quote, assessment, asset


def _amount(rule: PriceDeduction, price: Decimal) -> Decimal:
    if rule.amount is not None:
        return rule.amount
    return (price * Decimal(str(rule.share))).quantize(_CENT, ROUND_HALF_UP)


def _price_line(row: PriceRow, book: PriceBook, assessment: AssessmentRevision) -> QuoteLine:
    storage = "" if row.storage_gb is None else f", {row.storage_gb} GB"
    return QuoteLine(
        rule="price",
        text=f"{row.device}{storage}, grade {assessment.decision.grade}",
        amount=row.amount,
        source=f"{book.name}, line {row.line}",
        evidence=(assessment.id,),
    )


def _deductions(charged: list[_Charged]) -> tuple[QuoteLine, ...]:
    """Return one line for each part: the greatest deduction; the others of the part are named and cost nothing."""
    certain = [one for one in charged if one.truth.value or one.rule.unknown == "charge"]
    lines: list[QuoteLine] = []
    for part in dict.fromkeys(one.rule.part for one in certain):
        of_part = [one for one in certain if one.rule.part == part]
        greatest = max(of_part, key=lambda one: one.amount)
        lines.append(
            QuoteLine(
                rule=greatest.rule.rule,
                text=greatest.rule.text if greatest.truth.value else f"Not known: {greatest.rule.text}",
                amount=-greatest.amount,
                source=greatest.rule.source,
                part=part,
                also=tuple(one.rule.rule for one in of_part if one is not greatest),
                evidence=greatest.truth.evidence,
            )
        )
    return tuple(lines)


def _mentions(charged: list[_Charged], deducted: tuple[QuoteLine, ...]) -> tuple[QuoteLine, ...]:
    """Return a line without a charge for each deduction that nobody can rule out yet and that would cost more."""
    spent = {line.part: -line.amount for line in deducted}
    open_ones = [one for one in charged if one.truth.value is None and one.rule.unknown == "mention"]
    further = [(one, one.amount - spent.get(one.rule.part, Decimal(0))) for one in open_ones]
    return tuple(
        QuoteLine(
            rule=one.rule.rule,
            text=f"{amount} less if this shows: {one.rule.text}",
            amount=Decimal(0),
            source=one.rule.source,
            part=one.rule.part,
        )
        for one, amount in further
        if amount > 0
    )
