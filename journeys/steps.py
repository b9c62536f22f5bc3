"""Which steps of a journey are done, and what each of the others still needs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import IdentityNeed, StepName
from phonegrade.core.functional.report import TestResult
from phonegrade.journeys.conditions import last_lock_check
from phonegrade.journeys.deal import current_quote, is_settled, quote_state, rests_on_current
from phonegrade.journeys.erasure import custody_of, erasure_of
from phonegrade.journeys.evidence import (
    IDENTITIES,
    SurfaceEvidence,
    complaint_of,
    device_of,
    holding_of,
    identity_of,
    report_of,
    surface_evidence,
    why_not_tested,
)
from phonegrade.journeys.evidence_axis import evidence_of
from phonegrade.journeys.evidence_facts import Inspected
from phonegrade.journeys.facts import CaseFacts

Left = tuple[str, ...]
"""What a step still needs, in words of the vocabulary; empty where it is done."""
ByRules = Literal["qualify"]
"""The step that only the rules can judge: see `journeys.decide`."""


def left_of(step: StepName, facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    """Return what a step still needs; nothing means that it is done. `qualify` is judged by `journeys.decide`."""
    return _LEFT[step](facts, journey, now)


def _consent(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    need = journey.needs.consent
    return () if need is None else tuple(one for one in need.purposes if one not in facts.consent)


def _identify(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    need = journey.needs.identity
    return () if need is None else (*_number(facts, need), *_model(facts, need))


def _number(facts: CaseFacts, need: IdentityNeed) -> Left:
    identity = identity_of(facts)
    if identity == "conflicting":
        return ("one number that is right",)
    return () if IDENTITIES.index(identity) >= IDENTITIES.index(need.level) else (f"a number that is {need.level}",)


def _model(facts: CaseFacts, need: IdentityNeed) -> Left:
    asset = device_of(facts)
    device = ("device",) if need.catalogue and (asset is None or asset.device is None) else ()
    storage = ("storage",) if need.storage and (asset is None or asset.storage_gb is None) else ()
    return (*device, *storage)


def _describe(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    need, holding = journey.needs.holding, holding_of(facts)
    if need is None:
        return ()
    return tuple(one for one in need.facts if holding is None or getattr(holding, one) in (None, "unknown"))


def _complain(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    complaint = complaint_of(facts)
    if journey.needs.complaint is None or (complaint is not None and (complaint.symptoms or complaint.text)):
        return ()
    return ("what is wrong",)


def _test(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    need = journey.needs.tests
    if need is None:
        return ()
    report, complaint = report_of(facts), complaint_of(facts)
    complained = complaint.symptoms if need.complained and complaint is not None else ()
    unrun = [name for name in dict.fromkeys((*need.names, *complained)) if report.result(name) is TestResult.NOT_RUN]
    return (*unrun, *(name for name in need.measures if name not in report.measures))


def _photograph(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    need = journey.needs.photos
    if need is None:
        return ()
    surfaces = surface_evidence(facts, need, now)
    return tuple(surface.value for surface, one in surfaces.items() if one.state not in ("usable", "degraded"))


def _check_locks(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    need = journey.needs.locks
    if need is None:
        return ()
    return tuple(one for one in need.checks if last_lock_check(facts, one, now, need.max_age_days) is None)


def _assess(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    done = ("provisional", "needs_person", "disputed", "not_accepted", "verified")
    return () if evidence_of(facts, journey, now) in done else ("an assessment of all that is here",)


def _quote(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    quote = current_quote(facts, now)
    if quote is not None and is_settled(facts, now):
        return ()
    standing = quote is not None and quote_state(quote, facts, now) in ("made", "accepted", "declined")
    return () if standing and quote is not None and rests_on_current(quote, facts) else ("a quote on what holds now",)


def _accept(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    quote = current_quote(facts, now)
    if is_settled(facts, now):
        return ()
    accepted = quote is not None and quote_state(quote, facts, now) == "accepted"
    return () if accepted and quote is not None and rests_on_current(quote, facts) else ("the customer's answer",)


def _hand_over(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    return () if custody_of(facts) == "ours" else ("the phone",)


def _verify(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    return () if evidence_of(facts, journey, now) == "verified" else ("a grade with the phone at hand",)


def _erase(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    erasure = erasure_of(facts, journey.needs.erasure, now)
    return tuple(reason.rule for reason in erasure.reasons)


def _settle(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    return () if is_settled(facts, now) else ("the payment",)


def _release(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    return () if custody_of(facts) in ("sold", "recycled") else ("the sale",)


def _qualify(facts: CaseFacts, journey: Journey, now: datetime) -> Left:
    return ("the rules' answer",)


def why_left(step: StepName, facts: CaseFacts, journey: Journey, now: datetime) -> dict[str, str]:
    """Return why parts that a step still needs are left: tests that could not be run, photos that are no use."""
    if step == "test":
        reasons = why_not_tested(facts)
        return {name: reasons[name] for name in _test(facts, journey, now) if name in reasons}
    if step != "photograph" or journey.needs.photos is None:
        return {}
    surfaces = surface_evidence(facts, journey.needs.photos, now)
    return {
        surface.value: _why_photo(one, facts) for surface, one in surfaces.items() if one.state in ("waiting", "retake")
    }


def _why_photo(one: SurfaceEvidence, facts: CaseFacts) -> str:
    if one.state == "waiting" or one.photo is None:
        return "waits for its inspection"
    answers = [answer for answer in facts.current(Inspected) if answer.photo_sha256 == one.photo.sha256]
    flags = {flag for answer in answers for flag in (*answer.retake_on, *([answer.problem] if answer.problem else []))}
    return f"take it again: {', '.join(sorted(flags))}"


_LEFT: Mapping[StepName, Callable[[CaseFacts, Journey, datetime], Left]] = {
    "consent": _consent,
    "identify": _identify,
    "describe": _describe,
    "complain": _complain,
    "test": _test,
    "photograph": _photograph,
    "check_locks": _check_locks,
    "assess": _assess,
    "qualify": _qualify,
    "quote": _quote,
    "accept": _accept,
    "hand_over": _hand_over,
    "verify": _verify,
    "erase": _erase,
    "settle": _settle,
    "release": _release,
}
