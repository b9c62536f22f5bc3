"""The routes of a case's assessments: judge what is there, read one again, and read why a grade has changed."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import NonNegativeInt
from sqlalchemy import Connection

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.data_errors import NotFoundError, StaleVersionError
from phonegrade.core.strict import Strict
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    ReviewRequest,
)
from phonegrade.journeys.fact import FactId
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.review_rules import wanted_reviews
from phonegrade.journeys.revisions import GradeDelta, delta_of, revision_before
from phonegrade.service.case_basis import policy_of
from phonegrade.service.case_grading import GradedCase, grade_case, revision_of
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, VersionDep, content_of, refuse_expired, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.cases import WITH_ETAG, CaseId
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import add_facts
from phonegrade.store.records import get_assessment

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
            return await once.answer(content, refuse_expired)
        graded = await _graded(case_id, body, cases, parts, version)

        def work(connection: Connection, graded: GradedCase = graded) -> StoredAnswer:
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


async def _graded(case_id: str, body: NewAssessment, cases: Cases, parts: Parts, version: int | None) -> GradedCase:
    """Return the grade of what is there. Raises FactConflictError where no photo is inspected yet."""
    case = await cases.read(lambda connection: cases.load(connection, case_id))
    if version not in (None, case.version):
        raise StaleVersionError(f"case {case_id} is at version {case.version} by now, not {version}; read it again")
    reviews_only = not cases.channels and Scope.REVIEWER in cases.caller.scopes
    visit = None if reviews_only and body.visit is None else cases.visit_of(case.facts, body.visit)
    return await grade_case(case, visit, cases, parts)


def _record(connection: Connection, cases: Cases, parts: Parts, graded: GradedCase) -> StoredAnswer:
    """Store record, revision and, where a person is needed, the request for a review."""
    facts = graded.case.facts
    revision = revision_of(connection, graded, cases, parts)
    wanted = wanted_reviews(facts, revision, cases.journey_of(facts), parts.settings.audit_share)
    own = {"case": facts.case.id, "visit": graded.visit, "assessment": revision.id}
    requests = [ReviewRequest.model_validate({**cases.stamp(), **own, "reason": reason}) for reason in wanted]
    read = graded.case.version
    new: list[AssessmentRevision | ReviewRequest] = [revision, *requests]
    added = add_facts(connection, cases.store.vault, cases.tenant, facts.case.id, new, revision.at, version=read)
    answer = NewRevision(
        revision=revision,
        provisional=not revision.at_hand,
        record=graded.record,
        waiting=tuple(photo.id for photo in graded.evidence.waiting),
        version=added.version,
    )
    where = f"/v1/cases/{facts.case.id}/assessments/{revision.number}"
    return stored(201, answer, added.version, {"Location": where})
