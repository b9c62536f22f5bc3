"""The routes of a reviewer's desk: what waits, taking one of it, and trying a verdict out before it is given."""

from collections import Counter
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import Field, NonNegativeInt
from sqlalchemy import Connection, select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.inspection import Defect
from phonegrade.core.strict import Strict
from phonegrade.grading.decision import Decision
from phonegrade.grading.explain.comparison import Comparison
from phonegrade.journeys.evidence import open_dispute
from phonegrade.journeys.evidence_facts import AssessmentRevision, Dispute, ReviewReason, ReviewRequest
from phonegrade.journeys.fact import Utc
from phonegrade.journeys.facts import CaseFacts, Channel
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, content_of, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.parts import PartsDep
from phonegrade.service.review_edits import DefectVerdict, JudgedCase, regrade_judged
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import StoredCase
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.reviews import LeasedReview, queued_reviews, take_review

router = APIRouter(tags=["reviews"], route_class=CaseRoute)
RequestId = Annotated[str, Path(max_length=64, description="Of the request for a review.")]
_REQUESTS = BY_MODEL[ReviewRequest].table


class ReviewTask(Strict):
    """What a reviewer has open until their lease ends."""

    request: ReviewRequest
    leased_until: Utc
    assessment: AssessmentRevision
    dispute: Dispute | None
    version: NonNegativeInt


class QueuedReview(Strict):
    """A request that waits for a verdict."""

    request: ReviewRequest
    journey: str
    channel: Channel
    """Where the case was opened."""
    held: Literal["free", "mine", "other"]
    """Who has it open."""
    leased_until: Utc | None


class ReviewQueue(Strict):
    """What waits for a person, the most urgent first."""

    waiting: dict[ReviewReason, NonNegativeInt]
    reviews: tuple[QueuedReview, ...]


class NewTrial(Strict):
    """Defects as a reviewer would judge them."""

    defects: Annotated[tuple[DefectVerdict, ...], Field(max_length=500)] = ()


class Trial(Strict):
    """What a verdict would lead to."""

    decision: Decision
    comparison: Comparison
    measured: tuple[Defect | None, ...]
    """Sizes and zone of each judged defect that was outlined or is of another kind; None for the others."""


def holder_of(
    cases: CasesDep,
    desk: Annotated[
        str | None,
        Header(
            alias="X-Phonegrade-Desk",
            pattern="^[A-Za-z0-9_-]{1,64}$",
            description="Of one browser: what one key has open in two of them is open twice.",
        ),
    ] = None,
) -> str:
    """Return who has a review open: a key, and the browser where it says which."""
    return cases.caller.id if desk is None else f"{cases.caller.id}/{desk}"


HolderDep = Annotated[str, Depends(holder_of)]


def find_request(connection: Connection, tenant: str, request_id: str) -> ReviewRequest:
    """Return a request for a review. Raises NotFoundError."""
    statement = select(_REQUESTS.c.record).where(_REQUESTS.c.tenant == tenant, _REQUESTS.c.id == request_id)
    record = connection.execute(statement).scalar_one_or_none()
    if record is None:
        raise NotFoundError(f"no request for a review {request_id}")
    return ReviewRequest.model_validate_json(record)


def reviewed_revision(facts: CaseFacts, request: ReviewRequest) -> AssessmentRevision:
    """Return the assessment that a request is about. Raises NotFoundError."""
    revision = facts.by_id(AssessmentRevision, request.assessment)
    if revision is None:
        raise NotFoundError(f"no assessment {request.assessment}")
    return revision


def task_of(connection: Connection, cases: Cases, leased: LeasedReview) -> ReviewTask:
    """Return what a reviewer needs to know of a request that they have open. Raises NotFoundError."""
    case = cases.load(connection, leased.request.case)
    revision = reviewed_revision(case.facts, leased.request)
    return ReviewTask(
        request=leased.request,
        leased_until=leased.leased_until,
        assessment=revision,
        dispute=open_dispute(revision, case.facts),
        version=case.version,
    )


@router.get("/v1/reviews", summary="List what waits for a person", responses=CASE_READ_ERRORS)
async def list_reviews(
    cases: CasesDep, holder: HolderDep, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> ReviewQueue:
    """Answer the requests without a verdict in the order in which they are handed out; nothing is taken."""
    now = cases.parts.clock()
    rows = await cases.read(lambda connection: queued_reviews(connection, cases.tenant, now))
    reviews = []
    for row in rows[:limit]:
        held: Literal["free", "mine", "other"] = "free"
        if row.leased_by is not None:
            held = "mine" if row.leased_by == holder else "other"
        reviews.append(
            QueuedReview(
                request=row.request,
                journey=row.case.journey,
                channel=row.case.channel,
                held=held,
                leased_until=row.leased_until,
            )
        )
    return ReviewQueue(waiting=Counter(row.request.reason for row in rows), reviews=tuple(reviews))


@router.post(
    "/v1/reviews/{request_id}/take", summary="Take one review", response_model=ReviewTask, responses=CASE_ERRORS
)
async def take_one(request_id: RequestId, cases: CasesDep, once: OnceDep, holder: HolderDep) -> Response:
    """Keep a certain request for the caller for ten minutes from now; 409 where somebody else has it, or answered."""

    def work(connection: Connection) -> StoredAnswer:
        request = find_request(connection, cases.tenant, request_id)
        leased = take_review(connection, cases.tenant, request, holder, cases.parts.clock())
        return stored(200, task_of(connection, cases, leased))

    return await once.answer(content_of(), work)


@router.post("/v1/reviews/{request_id}/trial", summary="Try a verdict out", response_model=Trial, responses=CASE_ERRORS)
async def try_out(request_id: RequestId, body: NewTrial, cases: CasesDep, once: OnceDep, parts: PartsDep) -> Response:
    """Answer what the case would be graded with its defects as judged; nothing is recorded."""

    def read(connection: Connection) -> tuple[StoredCase, AssessmentRevision]:
        request = find_request(connection, cases.tenant, request_id)
        case = cases.load(connection, request.case)
        return case, reviewed_revision(case.facts, request)

    case, revision = await cases.read(read)
    regraded = await regrade_judged(case, revision, body.defects, cases, parts)
    return await once.answer(content_of(body), lambda _: stored(200, _trial(regraded)))


def _trial(regraded: JudgedCase) -> Trial:
    decision = regraded.graded.record.decision
    return Trial(decision=decision, comparison=regraded.comparison, measured=regraded.measured)
