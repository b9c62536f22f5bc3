"""Where a case stands, in the few words that are counted, and when the clock alone may next change it."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple

from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import StepName
from phonegrade.journeys.deal import Deal, deal_of
from phonegrade.journeys.deal_facts import Override, Qualification, QualificationResult, Quote
from phonegrade.journeys.decide import decide, is_recorded
from phonegrade.journeys.device_facts import Custody, ErasureCertificate, HandOff, LockCheck
from phonegrade.journeys.erasure import custody_of
from phonegrade.journeys.evidence_axis import Evidence, evidence_of
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.journeys.facts import CaseFacts, Channel, Visit
from phonegrade.journeys.resale import DEFAULT_LOCK_DAYS, ResaleGate, resale_gate
from phonegrade.journeys.steps import left_of

Ending = Literal["open", "done", "refused", "declined", "lapsed", "expired", "returned", "idle"]
"""`open`; done; the rules refused it; the customer declined or let the quote lapse; the case is past its end; the phone
was given back before the end; nothing has happened for a month."""
DROPPED: tuple[Ending, ...] = ("declined", "lapsed", "expired", "returned", "idle")
"""Endings of cases that a customer left: where they stood is where the journey loses people."""
IDLE = timedelta(days=30)
_BY_DATE = ("activated_days", "owned_months", "warranty")


class CaseStanding(NamedTuple):
    """What is counted of a case."""

    channel: Channel
    """Of its newest visit."""
    step: StepName | Literal["done"]
    """The first step that is neither done nor optional."""
    evidence: Evidence
    deal: Deal
    custody: Custody
    outcome: QualificationResult | Literal["waiting"]
    ending: Ending
    gate: ResaleGate
    due_at: datetime | None
    """After this moment it is to be worked out again, even if no fact is added; None: never."""
    since: datetime
    """When the newest fact of the case happened."""


def standing_of(facts: CaseFacts, journey: Journey, now: datetime) -> CaseStanding:
    """Return where a case stands."""
    outcome = decide(facts, journey, now)
    visit = facts.latest(Visit)
    step: StepName | Literal["done"] = "done"
    for one in journey.steps:
        done = is_recorded(outcome, facts, now) if one.step == "qualify" else not left_of(one.step, facts, journey, now)
        if not one.optional and not done:
            step = one.step
            break
    ending = _ending(facts, step, outcome.result, now)
    return CaseStanding(
        channel=facts.case.channel if visit is None else visit.channel,
        step=step,
        evidence=evidence_of(facts, journey, now),
        deal=deal_of(facts, now),
        custody=custody_of(facts),
        outcome=outcome.result or "waiting",
        ending=ending,
        gate=resale_gate(facts, journey, now),
        due_at=min((one for one in _moments(facts, journey, now, ending) if one >= now), default=None),
        since=_newest(facts),
    )


def lock_days(journey: Journey) -> int:
    """Return after how many days an answer about locks counts as unknown."""
    return DEFAULT_LOCK_DAYS if journey.needs.locks is None else journey.needs.locks.max_age_days


def _ending(facts: CaseFacts, step: str, outcome: QualificationResult | None, now: datetime) -> Ending:
    custody, deal = custody_of(facts), deal_of(facts, now)
    end = facts.case.expires_at
    checks: tuple[tuple[Ending, bool], ...] = (
        ("done", step == "done" or custody in ("sold", "recycled")),
        ("returned", custody == "returned"),
        ("expired", end is not None and now > end),
        ("refused", outcome in ("unqualified", "alternate")),
        ("declined", deal == "declined"),
        ("lapsed", deal == "expired"),
        ("idle", now - _newest(facts) > IDLE),
    )
    return next((ending for ending, holds in checks if holds), "open")


def _newest(facts: CaseFacts) -> datetime:
    return max((fact.at for fact in facts.facts), default=facts.case.at)


def _moments(facts: CaseFacts, journey: Journey, now: datetime, ending: Ending) -> Iterator[datetime]:
    """Yield every moment at which something that is derived may change by itself."""
    if facts.case.expires_at is not None:
        yield facts.case.expires_at
    yield from (one.valid_until for one in facts.current(Quote))
    yield from (one.expires_at for one in facts.current(HandOff))
    yield from (one.at + timedelta(days=lock_days(journey)) for one in facts.current(LockCheck))
    yield from (one.until for one in facts.current(Override) if one.until is not None)
    yield from (one.valid_until for one in facts.current(Qualification) if one.valid_until is not None)
    yield from (one.ended_at for one in facts.current(ErasureCertificate))
    if journey.needs.photos is not None and journey.needs.photos.max_age_hours is not None:
        age = timedelta(hours=journey.needs.photos.max_age_hours)
        yield from (one.at + age for one in facts.current(StoredPhoto))
    if ending == "open":
        yield _newest(facts) + IDLE
        if any(name in rule.when.given for rule in journey.rules for name in _BY_DATE):
            yield datetime.combine(now.date() + timedelta(days=1), time(), UTC)
