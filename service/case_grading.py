"""Grading what a case has: its photos' stored inspections, as persons have judged them, and its tests."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple, cast

from sqlalchemy import Connection

from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.choose_device import ChosenDevice
from phonegrade.core.data_errors import FactConflictError
from phonegrade.core.inspection import Inspection
from phonegrade.journeys.evidence import AT_HAND, report_of
from phonegrade.journeys.evidence_facts import AssessmentRevision, Inspected, StoredPhoto, TestRun
from phonegrade.journeys.fact import FactId
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.revisions import assessment_revision
from phonegrade.service.case_basis import basis_of, device_in, inspected_on, policy_of, surface_photos
from phonegrade.service.case_evidence import as_graded
from phonegrade.service.case_parts import Cases
from phonegrade.service.inspections import ask_for_inspection
from phonegrade.service.parts import Parts
from phonegrade.service.tasks import Body, GradeDevice
from phonegrade.store.cases import StoredCase
from phonegrade.store.records import get_inspections, get_likenesses, put_assessment


class Evidence(NamedTuple):
    """What an assessment rests on."""

    inspected: tuple[tuple[StoredPhoto, Inspected], ...]
    waiting: tuple[StoredPhoto, ...]
    records: dict[str, Inspection]
    """By the photo's hash."""
    likenesses: dict[str, bytes]
    """What photos are compared by, by their hash."""


class GradedCase(NamedTuple):
    """A case as it was read, and the grade that its evidence has."""

    case: StoredCase
    visit: FactId | None
    evidence: Evidence
    record: Assessment


async def grade_case(case: StoredCase, visit: FactId | None, cases: Cases, parts: Parts) -> GradedCase:
    """Return the grade of what a case has. Raises FactConflictError where no photo is inspected yet."""
    facts = case.facts
    evidence = await evidence_in(facts, cases, parts)
    if evidence.waiting:
        await asyncio.to_thread(_ask_again, facts, evidence.waiting, cases, parts)
        cases.parts.wake()
    if not evidence.inspected:
        waits = "none of its photos is inspected yet; ask again in a moment" if evidence.waiting else "it has no photo"
        raise FactConflictError(f"case {facts.case.id} cannot be assessed: {waits}")
    work = GradeDevice(
        inspected=tuple(
            as_graded(photo, answer, evidence.records.get(photo.sha256), facts, evidence.likenesses.get(photo.sha256))
            for photo, answer in evidence.inspected
        ),
        functional=report_of(facts) if facts.current(TestRun) else None,
        chosen=ChosenDevice(device_in(facts, parts)),
        policy=policy_of(facts, parts),
        reference=None,
        brief=False,
        report=False,
        page=False,
        photo_bytes=(),
        answered_at=cases.parts.clock(),
    )
    answer = cast(Body, await parts.pool.run(work, reserved=True, urgent=True))
    return GradedCase(case, visit, evidence, Assessment.model_validate_json(answer.content))


def revision_of(connection: Connection, graded: GradedCase, cases: Cases, parts: Parts) -> AssessmentRevision:
    """Store the record of a grade, and return the fact that names it, the next revision of its case."""
    facts, record, stamp = graded.case.facts, graded.record, cases.stamp()
    return assessment_revision(
        facts,
        record.decision,
        record.inspections,
        record.functional,
        policy_of(facts, parts),
        fact_id=stamp["id"],
        at=stamp["at"],
        by=stamp["by"],
        visit=graded.visit,
        record_sha256=put_assessment(connection, cases.tenant, record, stamp["at"]),
        device=None if record.device.assumed else record.device.name,
        journey_sha256=cases.journey_of(facts).sha256,
    )


async def evidence_in(facts: CaseFacts, cases: Cases, parts: Parts) -> Evidence:
    """Return what the photos of a case that count have shown, and which of them still wait."""
    inspected: list[tuple[StoredPhoto, Inspected]] = []
    waiting: list[StoredPhoto] = []
    for photo in _counting(facts):
        if photo.surface is None:
            continue
        answer = inspected_on(facts, photo, basis_of(facts, photo.surface, parts))
        if answer is None:
            waiting.append(photo)
        else:
            inspected.append((photo, answer))
    keys = [(one.photo_sha256, one.fingerprint) for _, one in inspected if one.problem is None]
    records = await cases.read(lambda connection: get_inspections(connection, cases.tenant, keys))
    likenesses = await cases.read(lambda connection: get_likenesses(connection, cases.tenant, keys))
    return Evidence(tuple(inspected), tuple(waiting), records, likenesses)


def _counting(facts: CaseFacts) -> Iterable[StoredPhoto]:
    """Return the photos that a grade rests on: of a surface photographed with the phone at hand, those alone."""
    photos = surface_photos(facts)
    at_hand = {one.surface for one in photos if facts.channel_of(one) in AT_HAND}
    return [one for one in photos if one.surface not in at_hand or facts.channel_of(one) in AT_HAND]


def _ask_again(facts: CaseFacts, waiting: Iterable[StoredPhoto], cases: Cases, parts: Parts) -> None:
    """See to it that photos which wait have a job: a policy may have changed since they came."""
    with cases.store.database.write() as connection:
        for photo in waiting:
            if photo.surface is not None:
                basis = basis_of(facts, photo.surface, parts)
                ask_for_inspection(connection, cases.tenant, photo, basis, cases.parts.clock())
