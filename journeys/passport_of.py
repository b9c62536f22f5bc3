"""Makes the passport of a phone from the facts of the case that decides on it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from phonegrade.configs.journey import Journey
from phonegrade.core.inspection import Inspection, ModelRef
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.device_facts import (
    CustodyMove,
    ErasureCertificate,
    Identifier,
    LockCheck,
    Publication,
)
from phonegrade.journeys.erasure import erasure_of
from phonegrade.journeys.evidence import current_assessment, device_of, identity_of, report_of, why_not_tested
from phonegrade.journeys.evidence_axis import evidence_of
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    Dispute,
    Review,
    StoredPhoto,
    TestRun,
)
from phonegrade.journeys.fact import Fact, FactId, JourneyReason
from phonegrade.journeys.facts import CaseFacts, Visit
from phonegrade.journeys.passport import (
    ErasureState,
    Passport,
    PassportChange,
    PassportComparison,
    PassportDefect,
    PassportDevice,
    PassportEntry,
    PassportErasure,
    PassportGrade,
    PassportLocks,
    PassportNumber,
    PassportReason,
    PassportResale,
    PassportSurface,
    PassportTests,
)
from phonegrade.journeys.resale import resale_gate
from phonegrade.journeys.revisions import GradeDelta

_OWN_WORDS = {"erasure_revoked": "the data erasure certificate was revoked"}
"""Reasons whose text repeats what a person wrote, and what is shown instead."""


class GradedRecord(NamedTuple):
    """What the stored assessment of the grade that holds adds to its revision."""

    inspections: Mapping[Surface, Inspection]
    models: ModelRef
    phonegrade: str


def passport_of(
    facts: CaseFacts,
    journey: Journey,
    now: datetime,
    record: GradedRecord | None,
    delta: GradeDelta | None,
    giai: str | None = None,
) -> Passport:
    """Return the passport of the phone of a case; `record` is that of its current assessment.

    `delta` compares that assessment with the provisional one before it. Raises ValueError for a case without a phone.
    """
    if facts.case.asset is None:
        raise ValueError(f"case {facts.case.id} has no phone")
    device = device_of(facts)
    return Passport(
        asset=facts.case.asset,
        giai=giai,
        at=now.replace(microsecond=0),
        device=PassportDevice(
            name=None if device is None else device.device,
            storage_gb=None if device is None else device.storage_gb,
            colour=None if device is None else device.colour,
        ),
        identity=identity_of(facts),
        numbers=_numbers(facts),
        evidence=evidence_of(facts, journey, now),
        grade=_grade(facts, record),
        tests=_tests(facts),
        comparison=None if delta is None else _comparison(facts, delta),
        history=tuple(sorted(_history(facts), key=lambda one: one.at)),
        erasure=_erasure(facts, journey, now),
        locks=_locks(facts),
        resale=_resale(facts, journey, now),
    )


def _numbers(facts: CaseFacts) -> tuple[PassportNumber, ...]:
    last: dict[str, Identifier] = {}
    for one in facts.current(Identifier):
        before = last.get(one.hmac)
        last[one.hmac] = one if before is None or one.confirmed else before
    return tuple(PassportNumber(kind=one.kind, last4=one.last4, confirmed=one.confirmed) for one in last.values())


def _grade(facts: CaseFacts, record: GradedRecord | None) -> PassportGrade | None:
    revision = current_assessment(facts)
    if revision is None or record is None:
        return None
    decision = revision.decision
    return PassportGrade(
        number=revision.number,
        at=revision.at,
        source=revision.source,
        at_hand=revision.at_hand,
        grade=decision.grade,
        cosmetic=decision.cosmetic_grade,
        functional=decision.functional.state,
        reasons=tuple(PassportReason(rule=one.rule, text=one.text, surface=one.surface) for one in decision.reasons),
        surfaces=tuple(_surface(one.surface, one.grade, revision, facts, record) for one in decision.cosmetic.surfaces),
        policy=decision.policy,
        models=record.models,
        phonegrade=record.phonegrade,
        record_sha256=revision.record_sha256,
    )


def _surface(
    surface: Surface, grade: str | None, revision: AssessmentRevision, facts: CaseFacts, record: GradedRecord
) -> PassportSurface:
    sha256 = revision.photos.get(surface)
    inspection = record.inspections.get(surface)
    outlines = {} if inspection is None else {one.id: one.polygon for one in inspection.defects}
    return PassportSurface(
        surface=surface,
        grade=grade,
        photo=_photo(sha256, facts),
        photo_sha256=sha256,
        defects=tuple(
            PassportDefect(id=one.id, kind=one.kind, length_mm=one.length_mm, outline=outlines.get(one.id, ()))
            for one in revision.counted
            if one.surface is surface
        ),
    )


def _photo(sha256: str | None, facts: CaseFacts) -> FactId | None:
    shown = (one.id for one in facts.every(StoredPhoto) if one.sha256 == sha256 and one.state != "erased")
    return next(shown, None)


def _tests(facts: CaseFacts) -> PassportTests:
    report = report_of(facts)
    return PassportTests(
        results=dict(report.tests), not_testable=tuple(sorted(why_not_tested(facts))), measures=dict(report.measures)
    )


def _comparison(facts: CaseFacts, delta: GradeDelta) -> PassportComparison | None:
    before, after = (facts.by_id(AssessmentRevision, one) for one in (delta.before, delta.after))
    if before is None or after is None:
        return None
    changes = tuple(
        PassportChange(
            effect=one.change.effect,
            text=one.change.reason.text,
            surface=one.change.reason.surface,
            before=None if one.photos is None else one.photos.before,
            after=None if one.photos is None else one.photos.after,
        )
        for one in delta.changes
    )
    compared = delta.comparison
    return PassportComparison(
        before=compared.before,
        before_at=before.at,
        before_source=compared.before_source,
        after=compared.after,
        after_at=after.at,
        after_source=compared.after_source,
        verified=compared.verified,
        changes=changes,
    )


def _history(facts: CaseFacts) -> Iterator[PassportEntry]:
    yield PassportEntry(at=facts.case.at, what="opened", channel=facts.case.channel)
    for visit in (None, *facts.every(Visit)):
        own = [one for one in facts.every(StoredPhoto) if one.visit == (visit and visit.id) and one.surface is not None]
        if own:
            channel = facts.channel_of(own[-1])
            yield PassportEntry(at=own[-1].at, what="photographed", channel=channel, count=len(own))
    for fact in facts.facts:
        entry = _entry(fact, facts)
        if entry is not None:
            yield entry


def _entry(fact: Fact, facts: CaseFacts) -> PassportEntry | None:
    entry = partial(PassportEntry, at=fact.at, channel=facts.channel_of(fact))
    match fact:
        case AssessmentRevision():
            return entry(what="assessed", grade=fact.decision.grade, number=fact.number)
        case Identifier():
            return entry(what="identified") if fact.confirmed else None
        case TestRun():
            return entry(what="tested", count=len(fact.report.tests))
        case Dispute():
            return entry(what="disputed")
        case Review():
            return entry(what="reviewed")
        case LockCheck():
            return entry(what="locks_checked")
        case CustodyMove():
            return entry(what="moved", custody=fact.to)
        case ErasureCertificate():
            return entry(what="erased" if fact.revoked_at is None else "erasure_revoked")
        case Publication():
            return entry(what="published" if fact.public else "withdrawn")
        case _:
            return None


def _erasure(facts: CaseFacts, journey: Journey, now: datetime) -> PassportErasure:
    erasure = erasure_of(facts, journey.needs.erasure, now)
    one = erasure.certificate or facts.latest(ErasureCertificate)
    if one is None:
        return PassportErasure(state="none", reasons=_reasons(erasure.reasons))
    state: ErasureState = "invalid"
    if erasure.certificate is not None:
        state = "valid"
    elif one.revoked_at is not None:
        state = "revoked"
    return PassportErasure(
        state=state,
        method=one.method,
        technique=one.technique,
        tool=one.tool,
        tool_version=one.tool_version,
        verification=one.verification,
        ended_at=one.ended_at,
        reasons=_reasons(erasure.reasons),
    )


def _locks(facts: CaseFacts) -> PassportLocks:
    checks = facts.current(LockCheck)
    activation = next((one for one in reversed(checks) if one.activation is not None), None)
    blocklist = next((one for one in reversed(checks) if one.blocklist is not None), None)
    return PassportLocks(
        activation="unknown" if activation is None else activation.activation or "unknown",
        activation_at=None if activation is None else activation.at,
        blocklist="unknown" if blocklist is None else blocklist.blocklist or "unknown",
        blocklist_at=None if blocklist is None else blocklist.at,
    )


def _resale(facts: CaseFacts, journey: Journey, now: datetime) -> PassportResale:
    gate = resale_gate(facts, journey, now)
    return PassportResale(
        state=gate.state, reasons=_reasons(gate.reasons), lifted=_reasons(tuple(one.reason for one in gate.lifted))
    )


def _reasons(reasons: tuple[JourneyReason, ...]) -> tuple[PassportReason, ...]:
    return tuple(PassportReason(rule=one.rule, text=_OWN_WORDS.get(one.rule, one.text)) for one in reasons)
