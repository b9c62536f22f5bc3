"""What the clock alone brings about: quotes, hand-offs, answers about locks and cases that are over, each one event."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from phonegrade.configs.journey import Journey
from phonegrade.journeys.deal import current_quote, quote_state
from phonegrade.journeys.deal_facts import QuoteEvent
from phonegrade.journeys.device_facts import HandOff, LockCheck
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.hand_off import hand_off_state
from phonegrade.journeys.standing import lock_days


class Lapse(NamedTuple):
    """Something that was over at a moment."""

    noun_verb: str
    """Of its event, such as `offer.expired`."""
    subject: str
    """The fact that is over: with `noun_verb` it names the event, which is written once."""
    at: datetime
    data: dict[str, Any]


def lapses_of(facts: CaseFacts, journey: Journey, now: datetime) -> tuple[Lapse, ...]:
    """Return everything of a case that the clock has ended by now."""
    return (*_quotes(facts, now), *_hand_offs(facts, now), *_locks(facts, journey, now), *_case(facts, now))


def _quotes(facts: CaseFacts, now: datetime) -> list[Lapse]:
    """Return the newest quote where it has expired; those that it replaced were over before."""
    quote = current_quote(facts, now)
    if quote is None or quote_state(quote, facts, now) != "expired":
        return []
    recorded = any(event.quote == quote.id and event.event == "expired" for event in facts.every(QuoteEvent))
    return [] if recorded else [Lapse("offer.expired", quote.id, quote.valid_until, {"quote": quote.id})]


def _hand_offs(facts: CaseFacts, now: datetime) -> list[Lapse]:
    return [
        Lapse("handoff.expired", one.id, one.expires_at, {"hand_off": one.id})
        for one in facts.current(HandOff)
        if hand_off_state(one, facts, now) == "expired"
    ]


def _locks(facts: CaseFacts, journey: Journey, now: datetime) -> list[Lapse]:
    """Return the newest answer of each lock where it has become too old."""
    checks = facts.current(LockCheck)
    newest = [
        next((check for check in reversed(checks) if getattr(check, part) is not None), None)
        for part in ("activation", "blocklist")
    ]
    age = timedelta(days=lock_days(journey))
    old = {check.id: check for check in newest if check is not None and now > check.at + age}
    return [
        Lapse("locks.expired", check.id, check.at + age, {"asset": check.asset, "check": check.id})
        for check in old.values()
    ]


def _case(facts: CaseFacts, now: datetime) -> list[Lapse]:
    end = facts.case.expires_at
    return [] if end is None or now <= end else [Lapse("case.expired", facts.case.id, end, {})]
