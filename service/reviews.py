"""The routes of people who review: a customer's dispute, the queue of what is to be reviewed, and the verdicts."""

from datetime import timedelta
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from sqlalchemy import Connection

from phonegrade.core.data_errors import FactConflictError, NotFoundError, StaleVersionError
from phonegrade.core.strict import Strict
from phonegrade.grading.explain.comparison import Comparison
from phonegrade.journeys.evidence import current_assessment, open_dispute
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    Dispute,
    Review,
    ReviewRequest,
    StoredPhoto,
    Verdict,
)
from phonegrade.journeys.fact import FactId, Text, Utc
from phonegrade.journeys.facts import AnyFact
from phonegrade.journeys.review_rules import refuse_reviewer
from phonegrade.service.case_grading import revision_of
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, VersionDep, content_of, refuse_expired, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import of_client
from phonegrade.service.cases import WITH_ETAG, CaseId
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.review_desk import find_request, reviewed
from phonegrade.service.review_desk import router as desk
from phonegrade.service.review_edits import DefectVerdict, JudgedCase, regrade_judged
from phonegrade.service.review_queue import HolderDep, RequestId, ReviewTask, take
from phonegrade.service.review_queue import router as queue
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import StoredCase, add_facts
from phonegrade.store.columns import new_id
from phonegrade.store.honeypots import HoneypotTask, find_task, release_task, score_task
from phonegrade.store.reviews import check_lease, has_lease, lost_lease, release_review

router = APIRouter(tags=["reviews"], route_class=CaseRoute)
ANSWER_WITHIN = timedelta(days=2)
"""When a dispute's review is due."""


class NewDispute(Strict):
    """Why the customer does not accept the assessment that holds."""

    text: Text
    photos: tuple[FactId, ...] = ()
    """Of the case, that show it."""
    visit: FactId | None = None


class OpenedDispute(Strict):
    """A dispute, and the review that will answer it."""

    dispute: FactId
    review_request: FactId
    due_at: Utc
    version: NonNegativeInt


class NewVerdict(Strict):
    """What the reviewer decides."""

    verdict: Verdict
    why: Text | None = None
    seconds: NonNegativeFloat | None = None
    defects: Annotated[tuple[DefectVerdict, ...], Field(max_length=500)] = ()


class RecordedReview(Strict):
    """A verdict that was recorded."""

    review: FactId
    case: FactId
    version: NonNegativeInt
    assessment: PositiveInt | None
    """Number of the revision that counts the defects as judged; None where the verdict changed none."""
    comparison: Comparison | None
    """Why that one differs from the one that was reviewed."""


class Released(Strict):
    """A request that is back in the queue."""

    request: FactId


@router.post(
    "/v1/cases/{case_id}/dispute",
    status_code=201,
    summary="Dispute an assessment",
    response_model=OpenedDispute,
    responses={**CASE_ERRORS, 201: {"description": "A person will answer", "headers": WITH_ETAG}},
)
async def dispute(case_id: CaseId, body: NewDispute, cases: CasesDep, once: OnceDep, version: VersionDep) -> Response:
    """Dispute the assessment that holds: a person reviews it within two days, and nothing is settled before."""

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        assessment = current_assessment(facts)
        if assessment is None or open_dispute(assessment, facts) is not None:
            what = "no assessment to dispute" if assessment is None else "a dispute that is not answered yet"
            raise FactConflictError(f"case {case_id} has {what}")
        if any(facts.by_id(StoredPhoto, one) is None for one in body.photos):
            raise NotFoundError("photos: the case has no such photo")
        visit = cases.visit_of(facts, body.visit)
        of_case = {"case": case_id, "visit": visit, "assessment": assessment.id}
        with of_client():
            fact = Dispute.model_validate({**cases.stamp(), **of_case, "text": body.text, "photos": body.photos})
        due_at = fact.at + ANSWER_WITHIN
        request = ReviewRequest.model_validate({**cases.stamp(), **of_case, "reason": "disputed", "due_at": due_at})
        facts_added: list[AnyFact] = [fact, request]
        added = add_facts(
            connection, cases.store.vault, cases.tenant, case_id, facts_added, request.at, version=version
        )
        answer = OpenedDispute(dispute=fact.id, review_request=request.id, due_at=due_at, version=added.version)
        return stored(201, answer, added.version)

    return await once.answer(content_of(body, version), work)


@router.get(
    "/v1/reviews/next",
    summary="Take the next review",
    response_model=ReviewTask,
    responses={**CASE_READ_ERRORS, 204: {"description": "Nothing waits for a person"}},
)
async def take_review(
    cases: CasesDep,
    parts: PartsDep,
    holder: HolderDep,
    besides: Annotated[str | None, Query(max_length=64, description="A request that is open already.")] = None,
) -> Response:
    """Answer the most urgent request that nobody has open, and keep it for the caller for ten minutes."""
    task = await run_in_threadpool(take, cases, parts.settings.honeypot_share, holder, besides)
    if task is None:
        return Response(status_code=204)
    return Response(task.model_dump_json(), media_type="application/json")


@router.post(
    "/v1/reviews/{request_id}/verdict",
    status_code=201,
    summary="Give a verdict",
    response_model=RecordedReview,
    responses={**CASE_ERRORS, 201: {"description": "It is recorded", "headers": WITH_ETAG}},
)
async def give_verdict(
    request_id: RequestId,
    body: NewVerdict,
    cases: CasesDep,
    once: OnceDep,
    version: VersionDep,
    parts: PartsDep,
    holder: HolderDep,
) -> Response:
    """Record the verdict of whoever has the request open; a second opinion leaves it to somebody else.

    `fixed` grades the case with the defects as they were judged, and accepts that revision: the answer says what it
    changed. With other verdicts, judged defects count from the case's next assessment on.
    """
    content = content_of(body, version)
    if await once.is_answered():
        return await once.answer(content, refuse_expired)
    given = await _given(request_id, body, cases, parts, version, holder)

    def work(connection: Connection) -> StoredAnswer:
        planted = find_task(connection, cases.tenant, request_id, cases.caller.id)
        if planted is not None:
            return _scored(connection, cases, planted, body, given)
        request = find_request(connection, cases.tenant, request_id)
        refuse_reviewer(request, cases.load(connection, request.case).facts, cases.caller.id)
        check_lease(connection, cases.tenant, request_id, holder, cases.parts.clock())
        facts, revision = _facts_of(connection, request, body, given, cases, parts)
        read = given.version if version is None and given.regraded is not None else version
        added = add_facts(connection, cases.store.vault, cases.tenant, request.case, facts, facts[0].at, version=read)
        release_review(connection, cases.tenant, request_id, holder)
        answer = RecordedReview(
            review=facts[0].id,
            case=request.case,
            version=added.version,
            assessment=None if revision is None else revision.number,
            comparison=None if revision is None or given.regraded is None else given.regraded.comparison,
        )
        return stored(201, answer, added.version)

    return await once.answer(content, work)


class _Given(NamedTuple):
    """A verdict's defects, worked out before it is written."""

    version: int
    regraded: JudgedCase | None


async def _given(
    request_id: str, body: NewVerdict, cases: Cases, parts: Parts, version: int | None, holder: str
) -> _Given:
    def read(connection: Connection) -> tuple[StoredCase, AssessmentRevision]:
        if find_task(connection, cases.tenant, request_id, cases.caller.id) is None:
            request = find_request(connection, cases.tenant, request_id)
            refuse_reviewer(request, cases.load(connection, request.case).facts, cases.caller.id)
            if not has_lease(connection, cases.tenant, request_id, holder, cases.parts.clock()):
                raise lost_lease()
        return reviewed(connection, cases, request_id)

    case, revision = await cases.read(read)
    if version not in (None, case.version):
        raise StaleVersionError(f"the case is at version {case.version} by now, not {version}; read it again")
    if not body.defects:
        return _Given(case.version, None)
    return _Given(case.version, await regrade_judged(case, revision, body.defects, cases, parts))


def _facts_of(
    connection: Connection, request: ReviewRequest, body: NewVerdict, given: _Given, cases: Cases, parts: Parts
) -> tuple[list[AnyFact], AssessmentRevision | None]:
    """Return the facts of a verdict, the review first, and the revision that a fix leads to."""
    regraded = given.regraded
    stamp = cases.stamp()
    if regraded is not None and regraded.judged:
        stamp["id"] = regraded.judged[0].review
    of_case = {"case": request.case, "reason": request.reason, "why": body.why, "seconds": body.seconds}
    with of_client():
        review = Review.model_validate(
            {
                **stamp,
                **of_case,
                "assessment": request.assessment,
                "request": None if body.verdict == "second_opinion" else request.id,
                "verdict": body.verdict,
            }
        )
    facts: list[AnyFact] = [review, *(() if regraded is None else regraded.judged)]
    if body.verdict != "fixed" or regraded is None:
        return facts, None
    revision = revision_of(connection, regraded.graded, cases, parts)
    accepted = {**cases.stamp(), **of_case, "seconds": None, "assessment": revision.id, "verdict": "accepted"}
    return [*facts, revision, Review.model_validate(accepted)], revision


@router.post(
    "/v1/reviews/{request_id}/release", summary="Give a review back", response_model=Released, responses=CASE_ERRORS
)
async def release(request_id: RequestId, cases: CasesDep, once: OnceDep, holder: HolderDep) -> Response:
    """Let somebody else take a request at once; one that the caller does not have open stays as it is."""

    def work(connection: Connection) -> StoredAnswer:
        planted = find_task(connection, cases.tenant, request_id, cases.caller.id)
        if planted is not None:
            release_task(connection, cases.tenant, planted, cases.parts.clock())
            return stored(200, Released(request=planted.id))
        request = find_request(connection, cases.tenant, request_id)
        release_review(connection, cases.tenant, request_id, holder)
        return stored(200, Released(request=request.id))

    return await once.answer(content_of(), work)


def _scored(
    connection: Connection, cases: Cases, planted: HoneypotTask, body: NewVerdict, given: _Given
) -> StoredAnswer:
    """Keep how the reviewer did on a planted review, and answer as for any other."""
    judged = {f"{one.surface}/{one.defect_id}": one.kind for one in body.defects if one.defect_id is not None}
    now, regraded = cases.parts.clock(), given.regraded if body.verdict == "fixed" else None
    score_task(connection, cases.tenant, planted, body.verdict, judged, body.seconds, now)
    revisions = cases.load(connection, planted.case).facts.every(AssessmentRevision)
    answer = RecordedReview(
        review=new_id(now),
        case=planted.case,
        version=given.version,
        assessment=None if regraded is None else max(one.number for one in revisions) + 1,
        comparison=None if regraded is None else regraded.comparison,
    )
    return stored(201, answer, given.version)


router.include_router(queue)
router.include_router(desk)
