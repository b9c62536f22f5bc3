"""The routes of people who review: a customer's dispute, the queue of what is to be reviewed, and the verdicts."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, NonNegativeFloat, NonNegativeInt
from sqlalchemy import Connection, select

from phonegrade.core.data_errors import FactConflictError, NotFoundError
from phonegrade.core.inspection import Point
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.journeys.evidence import current_assessment, open_dispute
from phonegrade.journeys.evidence_facts import (
    Dispute,
    Review,
    ReviewedDefect,
    ReviewRequest,
    StoredPhoto,
    Verdict,
)
from phonegrade.journeys.fact import FactId, Sha256, Text, Utc
from phonegrade.journeys.facts import AnyFact
from phonegrade.journeys.review_rules import refuse_reviewer
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, VersionDep, content_of, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import of_client
from phonegrade.service.cases import WITH_ETAG, CaseId
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.parts import PartsDep
from phonegrade.service.review_queue import ReviewTask, take
from phonegrade.service.review_queue import router as queue
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import add_facts
from phonegrade.store.columns import new_id
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.honeypots import HoneypotTask, find_task, release_task, score_task
from phonegrade.store.reviews import check_lease, release_review

router = APIRouter(tags=["reviews"], route_class=CaseRoute)
ANSWER_WITHIN = timedelta(days=2)
"""When a dispute's review is due."""
RequestId = Annotated[str, Path(max_length=64, description="Of the request for a review.")]
_REQUESTS = BY_MODEL[ReviewRequest].table


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


class DefectVerdict(Strict):
    """One defect as the reviewer judges it."""

    surface: Surface
    photo_sha256: Sha256
    defect_id: str | None = None
    polygon: tuple[Point, ...] = ()
    kind: DefectKind | None
    """None: there is no damage."""


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
async def take_review(cases: CasesDep, parts: PartsDep) -> Response:
    """Answer the most urgent request that nobody has open, and keep it for the caller for ten minutes."""

    share = parts.settings.honeypot_share
    task = await run_in_threadpool(take, cases, share)
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
    request_id: RequestId, body: NewVerdict, cases: CasesDep, once: OnceDep, version: VersionDep
) -> Response:
    """Record the verdict of whoever has the request open; a second opinion leaves it to somebody else.

    After `fixed`, the next assessment of the case counts the judged defects as they were judged.
    """

    def work(connection: Connection) -> StoredAnswer:
        planted = find_task(connection, cases.tenant, request_id, cases.caller.id)
        if planted is not None:
            return _scored(connection, cases, planted, body)
        request = _request(connection, cases.tenant, request_id)
        refuse_reviewer(request, cases.load(connection, request.case).facts, cases.caller.id)
        check_lease(connection, cases.tenant, request_id, cases.caller.id, cases.parts.clock())
        with of_client():
            review = Review(
                **cases.stamp(),
                case=request.case,
                assessment=request.assessment,
                request=None if body.verdict == "second_opinion" else request.id,
                reason=request.reason,
                verdict=body.verdict,
                why=body.why,
                seconds=body.seconds,
            )
            judged = [
                ReviewedDefect(**cases.stamp(), case=request.case, review=review.id, **dict(one))
                for one in body.defects
            ]
        facts: list[AnyFact] = [review, *judged]
        added = add_facts(connection, cases.store.vault, cases.tenant, request.case, facts, review.at, version=version)
        release_review(connection, cases.tenant, request_id, cases.caller.id)
        answer = RecordedReview(review=review.id, case=request.case, version=added.version)
        return stored(201, answer, added.version)

    return await once.answer(content_of(body, version), work)


@router.post(
    "/v1/reviews/{request_id}/release", summary="Give a review back", response_model=Released, responses=CASE_ERRORS
)
async def release(request_id: RequestId, cases: CasesDep, once: OnceDep) -> Response:
    """Let somebody else take a request at once; one that the caller does not have open stays as it is."""

    def work(connection: Connection) -> StoredAnswer:
        planted = find_task(connection, cases.tenant, request_id, cases.caller.id)
        if planted is not None:
            release_task(connection, cases.tenant, planted, cases.parts.clock())
            return stored(200, Released(request=planted.id))
        request = _request(connection, cases.tenant, request_id)
        release_review(connection, cases.tenant, request_id, cases.caller.id)
        return stored(200, Released(request=request.id))

    return await once.answer(content_of(), work)


def _scored(connection: Connection, cases: Cases, planted: HoneypotTask, body: NewVerdict) -> StoredAnswer:
    """Keep how the reviewer did on a planted review, and answer as for any other."""
    loaded = cases.load(connection, planted.case)
    judged = {f"{one.surface}/{one.defect_id}": one.kind for one in body.defects if one.defect_id is not None}
    now = cases.parts.clock()
    score_task(connection, cases.tenant, planted, body.verdict, judged, body.seconds, now)
    return stored(201, RecordedReview(review=new_id(now), case=planted.case, version=loaded.version), loaded.version)


def _request(connection: Connection, tenant: str, request_id: str) -> ReviewRequest:
    statement = select(_REQUESTS.c.record).where(_REQUESTS.c.tenant == tenant, _REQUESTS.c.id == request_id)
    record = connection.execute(statement).scalar_one_or_none()
    if record is None:
        raise NotFoundError(f"no request for a review {request_id}")
    return ReviewRequest.model_validate_json(record)


router.include_router(queue)
