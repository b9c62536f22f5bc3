"""The resale gate: ready, or blocked with reasons. What is not known blocks; nobody can set the answer by hand."""

from datetime import datetime
from typing import Literal

from phonegrade.configs.journey import Journey
from phonegrade.core.strict import Strict
from phonegrade.journeys.conditions import last_lock_check
from phonegrade.journeys.deal import is_settled
from phonegrade.journeys.deal_facts import Override
from phonegrade.journeys.erasure import custody_of, erasure_of
from phonegrade.journeys.evidence import identity_of
from phonegrade.journeys.evidence_axis import evidence_of
from phonegrade.journeys.fact import JourneyReason
from phonegrade.journeys.facts import CaseFacts

DEFAULT_LOCK_DAYS = 30
"""Where a journey does not ask for lock checks, an answer older than this counts as unknown."""


class LiftedReason(Strict):
    """A reason that a named person lifted, and why; it is shown wherever the gate's answer is."""

    reason: JourneyReason
    override: Override


class ResaleGate(Strict):
    """Whether a phone may be sold or put away for sale."""

    state: Literal["ready", "blocked"]
    reasons: tuple[JourneyReason, ...]
    """Everything that blocks; empty only where ready."""
    lifted: tuple[LiftedReason, ...]
    """What a named person lifted."""


def resale_gate(facts: CaseFacts, journey: Journey, now: datetime) -> ResaleGate:
    """Return whether a phone may be resold, with every reason against it.

    Ready takes a verified grade, custody, a certificate that counts, the lock off, a clear blocklist, a settled deal
    and an identity that is confirmed.
    """
    blocking: list[JourneyReason] = []
    lifted: list[LiftedReason] = []
    for reason in (
        *_evidence(facts, journey, now),
        *_identity(facts),
        *_custody(facts),
        *_erasure(facts, journey, now),
        *_locks(facts, journey, now),
        *_deal(facts, now),
    ):
        override = _override_of(reason.rule, facts, journey, now)
        if override is None:
            blocking.append(reason)
        else:
            lifted.append(LiftedReason(reason=reason, override=override))
    return ResaleGate(state="blocked" if blocking else "ready", reasons=tuple(blocking), lifted=tuple(lifted))


def _override_of(rule: str, facts: CaseFacts, journey: Journey, now: datetime) -> Override | None:
    if journey.resale is None or rule not in journey.resale.overridable:
        return None
    given = [one for one in facts.current(Override) if one.rule == rule and (one.until is None or now <= one.until)]
    return given[-1] if given else None


def _evidence(facts: CaseFacts, journey: Journey, now: datetime) -> tuple[JourneyReason, ...]:
    evidence = evidence_of(facts, journey, now)
    if evidence == "verified":
        return ()
    return (
        JourneyReason(
            rule="evidence_not_verified",
            text=f"the grade is not verified: the evidence is {evidence.replace('_', ' ')}",
            would_change="assess the phone with it at hand, and answer every open review and dispute",
        ),
    )


def _identity(facts: CaseFacts) -> tuple[JourneyReason, ...]:
    identity = identity_of(facts)
    if identity == "confirmed":
        return ()
    if identity == "conflicting":
        return (
            JourneyReason(
                rule="identity_conflicting",
                text="two numbers of this phone contradict each other",
                would_change="read the numbers again from the phone and correct the wrong one",
            ),
        )
    return (
        JourneyReason(
            rule="identity_unconfirmed",
            text=f"nobody has compared the phone's number with the phone: identity is {identity}",
            would_change="compare the number on the phone's screen with the one recorded, and confirm it",
        ),
    )


def _custody(facts: CaseFacts) -> tuple[JourneyReason, ...]:
    custody = custody_of(facts)
    if custody == "ours":
        return ()
    return (
        JourneyReason(
            rule="custody_not_ours",
            text=f"the phone is not with us: custody is {custody.replace('_', ' ')}",
            would_change="receive the phone and record that it is ours",
        ),
    )


def _erasure(facts: CaseFacts, journey: Journey, now: datetime) -> tuple[JourneyReason, ...]:
    erasure = erasure_of(facts, journey.needs.erasure, now)
    if erasure.certificate is not None and erasure.certificate.method == "destroy":
        return (
            JourneyReason(
                rule="destroyed",
                text="the certificate says that the phone was destroyed",
                would_change="nothing: a destroyed phone cannot be sold; recycle it",
                evidence=(erasure.certificate.id,),
            ),
        )
    return erasure.reasons


def _locks(facts: CaseFacts, journey: Journey, now: datetime) -> tuple[JourneyReason, ...]:
    need = journey.needs.locks
    days = DEFAULT_LOCK_DAYS if need is None else need.max_age_days
    reasons: list[JourneyReason] = []
    activation = last_lock_check(facts, "activation", now, days)
    if activation is None or activation.activation != "off":
        on = activation is not None and activation.activation == "on"
        reasons.append(
            JourneyReason(
                rule="activation_lock_on" if on else "activation_lock_unknown",
                text="the activation lock is on" if on else "it is not known whether the activation lock is off",
                would_change="remove the phone from its owner's account, then check again",
                evidence=() if activation is None else (activation.id,),
            )
        )
    blocklist = last_lock_check(facts, "blocklist", now, days)
    if blocklist is None or blocklist.blocklist != "clear":
        listed = blocklist is not None and blocklist.blocklist == "listed"
        reasons.append(
            JourneyReason(
                rule="blocklist_listed" if listed else "blocklist_unknown",
                text="the phone is on a blocklist" if listed else "no blocklist has answered for this phone",
                would_change="have the listing removed by whoever reported the phone"
                if listed
                else "ask the blocklist again: unknown never counts as clear",
                evidence=() if blocklist is None else (blocklist.id,),
            )
        )
    return tuple(reasons)


def _deal(facts: CaseFacts, now: datetime) -> tuple[JourneyReason, ...]:
    if is_settled(facts, now):
        return ()
    return (
        JourneyReason(
            rule="deal_not_settled",
            text="the customer has not been paid what was accepted",
            would_change="settle the accepted quote",
        ),
    )
