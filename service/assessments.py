"""The routes of a case's assessments: judge what is there, read one again, and read why a grade has changed."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, NamedTuple, cast

from fastapi import APIRouter, Path, Response
from pydantic import NonNegativeInt
from sqlalchemy import Connection

from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.choose_device import ChosenDevice
from phonegrade.core.data_errors import FactConflictError, NotFoundError, StaleVersionError
from phonegrade.core.inspection import Inspection
from phonegrade.core.strict import Strict
from phonegrade.journeys.evidence import AT_HAND, report_of
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    Inspected,
    ReviewRequest,
    StoredPhoto,
    TestRun,
)
from phonegrade.journeys.fact import FactId
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.review_rules import wanted_reviews
from phonegrade.journeys.revisions import GradeDelta, assessment_revision, delta_of, revision_before
from phonegrade.service.case_basis import basis_of, device_in, inspected_on, policy_of, surface_photos
from phonegrade.service.case_evidence import as_graded
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, VersionDep, content_of, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.cases import WITH_ETAG, CaseId
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.inspections import ask_for_inspection
from phonegrade.service.keys import Scope
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.tasks import Body, GradeDevice
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import StoredCase, add_facts
from phonegrade.store.records import get_assessment, get_inspections, get_likenesses, put_assessment

router = APIRouter(tags=["assessments"], route_class=CaseRoute)
TRIES = 3
"""How often an assessment is made anew because the case has changed meanwhile."""
Number = Annotated[int, Path(ge=1, le=1_000_000, description="Of the revision, from 1.")]


class NewAssessment(Strict):
    """What is judged is all that is there."""

    visit: FactId | None = None


class AssessmentView(Strict):
    """One assessment of a case."""

    revision: AssessmentRevision
    provisional: bool
    """The evidence did not come from somebody with the phone at hand."""
    record: Assessment
    """The whole answer, as of /v1/grade; its photos are named by their ids."""
    waiting: tuple[FactId, ...] = ()
    """Photos that were left out as they are not inspected yet."""


class NewRevision(AssessmentView):
    """An assessment that was just made."""

    version: NonNegativeInt


class _Evidence(NamedTuple):
    """What an assessment rests on."""

    inspected: tuple[tuple[StoredPhoto, Inspected], ...]
    waiting: tuple[StoredPhoto, ...]
    records: dict[str, Inspection]
    """By the photo's hash."""
    likenesses: dict[str, bytes]
    """What photos are compared by, by their hash."""


class _Graded(NamedTuple):
    """A case as it was read, and the grade that its evidence has."""

    case: StoredCase
    visit: str | None
    evidence: _Evidence
    record: Assessment


@router.post(
    "/v1/cases/{case_id}/assessments",
    status_code=201,
    summary="Assess what is there",
    response_model=NewRevision,
    responses={**CASE_ERRORS, 201: {"description": "The grade and why", "headers": WITH_ETAG}},
)
async def assess_case(
    case_id: CaseId, body: NewAssessment, cases: CasesDep, once: OnceDep, version: VersionDep, parts: PartsDep
) -> Response:
    """Grade the case from its inspected photos and its tests, and record it as the next revision.

    It is provisional unless the photos and tests behind it were taken with the phone at hand. Where those of a visit
    at hand and others show one surface, the former count alone. Defects that a person has judged count as judged.
    """
    content = content_of(body, version)
    tries = 1 if version is not None else TRIES
    while True:
        if await once.is_answered():
            return await once.answer(content, _refuse)
        graded = await _graded(case_id, body, cases, parts, version)

        def work(connection: Connection, graded: _Graded = graded) -> StoredAnswer:
            return _record(connection, cases, parts, graded)

        try:
            return await once.answer(content, work)
        except StaleVersionError:
            tries -= 1
            if tries == 0:
                raise


@router.get("/v1/cases/{case_id}/assessments/{number}", summary="Read an assessment", responses=CASE_READ_ERRORS)
async def read_assessment(case_id: CaseId, number: Number, cases: CasesDep) -> AssessmentView:
    """Answer one revision and its whole record."""

    def work(connection: Connection) -> AssessmentView:
        revision = _revision(cases.load(connection, case_id).facts, number)
        record = get_assessment(connection, cases.tenant, revision.record_sha256)
        return AssessmentView(revision=revision, provisional=not revision.at_hand, record=record)

    return await cases.read(work)


@router.get(
    "/v1/cases/{case_id}/assessments/{number}/delta", summary="Read why a grade has changed", responses=CASE_READ_ERRORS
)
async def read_delta(case_id: CaseId, number: Number, cases: CasesDep, parts: PartsDep) -> GradeDelta:
    """Answer why a revision differs from the newest provisional one before it: the rules, and both photos of each."""

    def work(connection: Connection) -> GradeDelta:
        facts = cases.load(connection, case_id).facts
        after = _revision(facts, number)
        before = revision_before(after, facts)
        if before is None:
            raise NotFoundError(f"assessment {number} is the first: there is nothing to compare it with")
        records = [get_assessment(connection, cases.tenant, one.record_sha256) for one in (before, after)]
        inspections = (records[0].inspections, records[1].inspections)
        return delta_of(before, after, facts, inspections, policy_of(facts, parts))

    return await cases.read(work)


def _revision(facts: CaseFacts, number: int) -> AssessmentRevision:
    revision = next((one for one in facts.every(AssessmentRevision) if one.number == number), None)
    if revision is None:
        raise NotFoundError(f"the case has no assessment {number}")
    return revision


async def _graded(case_id: str, body: NewAssessment, cases: Cases, parts: Parts, version: int | None) -> _Graded:
    """Return the grade of what is there. Raises FactConflictError where no photo is inspected yet."""
    case = await cases.read(lambda connection: cases.load(connection, case_id))
    if version not in (None, case.version):
        raise StaleVersionError(f"case {case_id} is at version {case.version} by now, not {version}; read it again")
    facts = case.facts
    reviews_only = not cases.channels and Scope.REVIEWER in cases.caller.scopes
    visit = None if reviews_only and body.visit is None else cases.visit_of(facts, body.visit)
    evidence = await _evidence(facts, cases, parts)
    if evidence.waiting:
        await asyncio.to_thread(_ask_again, facts, evidence.waiting, cases, parts)
        cases.parts.wake()
    if not evidence.inspected:
        waits = "none of its photos is inspected yet; ask again in a moment" if evidence.waiting else "it has no photo"
        raise FactConflictError(f"case {case_id} cannot be assessed: {waits}")
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
    return _Graded(case, visit, evidence, Assessment.model_validate_json(answer.content))


async def _evidence(facts: CaseFacts, cases: Cases, parts: Parts) -> _Evidence:
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
    return _Evidence(tuple(inspected), tuple(waiting), records, likenesses)


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


def _record(connection: Connection, cases: Cases, parts: Parts, graded: _Graded) -> StoredAnswer:
    """Store record, revision and, where a person is needed, the request for a review."""
    facts, stamp = graded.case.facts, cases.stamp()
    at: datetime = stamp["at"]
    revision = assessment_revision(
        facts,
        graded.record.decision,
        graded.record.inspections,
        graded.record.functional,
        policy_of(facts, parts),
        fact_id=stamp["id"],
        at=at,
        by=stamp["by"],
        visit=graded.visit,
        record_sha256=put_assessment(connection, cases.tenant, graded.record, at),
        device=None if graded.record.device.assumed else graded.record.device.name,
        journey_sha256=cases.journey_of(facts).sha256,
    )
    wanted = wanted_reviews(facts, revision, cases.journey_of(facts), parts.settings.audit_share)
    own = {"case": facts.case.id, "visit": graded.visit, "assessment": revision.id}
    requests = [ReviewRequest.model_validate({**cases.stamp(), **own, "reason": reason}) for reason in wanted]
    new: list[AssessmentRevision | ReviewRequest] = [revision, *requests]
    added = add_facts(connection, cases.store.vault, cases.tenant, facts.case.id, new, at, version=graded.case.version)
    answer = NewRevision(
        revision=revision,
        provisional=not revision.at_hand,
        record=graded.record,
        waiting=tuple(photo.id for photo in graded.evidence.waiting),
        version=added.version,
    )
    where = f"/v1/cases/{facts.case.id}/assessments/{revision.number}"
    return stored(201, answer, added.version, {"Location": where})


def _refuse(connection: Connection) -> StoredAnswer:
    raise FactConflictError("this request's answer has just expired; send it with a new Idempotency-Key")
