"""The queue of reviews: whose turn it is, what waits and why, and the planted reviews that score reviewers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import Field, NonNegativeFloat, NonNegativeInt
from sqlalchemy import Connection

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.journeys.evidence import open_dispute
from phonegrade.journeys.evidence_facts import AssessmentRevision, Dispute, ReviewReason, ReviewRequest
from phonegrade.journeys.fact import FactId, Utc
from phonegrade.journeys.facts import Channel
from phonegrade.journeys.review_rules import is_drawn
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, content_of, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS
from phonegrade.service.feedback import router as feedback
from phonegrade.service.keys import Scope
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.honeypots import (
    HoneypotTask,
    Truth,
    give_task,
    open_task,
    plant,
    reviews_given,
    scores,
)
from phonegrade.store.reviews import LeasedReview, QueuedReview, next_review, review_queue, waiting_by_reason

router = APIRouter(tags=["reviews"], route_class=CaseRoute)
MOST_QUEUED = 200
RequestId = Annotated[str, Path(max_length=64, description="Of the request for a review.")]


class ReviewTask(Strict):
    """What a reviewer has open until their lease ends."""

    request: ReviewRequest
    leased_until: Utc
    assessment: AssessmentRevision
    dispute: Dispute | None
    version: NonNegativeInt


class QueuedRequest(Strict):
    """A request that waits for a verdict."""

    request: FactId
    case: FactId
    assessment: FactId
    reason: ReviewReason
    age_s: NonNegativeFloat
    due_at: Utc | None
    at: Utc
    journey: str
    channel: Channel
    """Where the case was opened."""
    leased_until: Utc | None
    """Somebody has it open until then."""
    mine: bool
    """It is the caller, in this browser."""


class ReviewQueue(Strict):
    """What waits, the most urgent first."""

    waiting: dict[ReviewReason, NonNegativeInt]
    """How many of each reason, listed here or not."""
    reviews: tuple[QueuedRequest, ...]


class KnownDefect(Strict):
    """What a detection really is."""

    surface: Surface
    defect_id: str
    kind: DefectKind | None
    """None: there is no damage."""


class NewHoneypot(Strict):
    """An assessment whose right verdict is known."""

    case: FactId
    assessment: FactId
    verdict: Annotated[str, Field(pattern="^(accepted|fixed|rejected)$")]
    defects: Annotated[tuple[KnownDefect, ...], Field(max_length=500)] = ()


class PlantedReview(Strict):
    """A honeypot that was kept."""

    honeypot: FactId


class ReviewerFigure(Strict):
    """How somebody did on planted reviews."""

    reviewer: str
    answered: NonNegativeInt
    right: NonNegativeInt


class ReviewerFigures(Strict):
    """Every reviewer who has answered a planted review."""

    reviewers: tuple[ReviewerFigure, ...]


def holder_of(
    cases: CasesDep,
    desk: Annotated[
        str | None,
        Header(
            alias="X-Phonegrade-Desk",
            pattern="^[A-Za-z0-9_-]{1,64}$",
            description="Of one browser: what one key has open in two of them is held twice.",
        ),
    ] = None,
) -> str:
    """Return who has a review open: a key, and the browser where it says which."""
    return cases.caller.id if desk is None else f"{cases.caller.id}/{desk}"


HolderDep = Annotated[str, Depends(holder_of)]


def take(cases: Cases, honeypot_share: float, holder: str, besides: str | None) -> ReviewTask | None:
    """Lease the caller's next review; a share of the turns, drawn by a hash of who and how many, is a planted one.

    `besides` is what they have open already.
    """
    now, reviewer = cases.parts.clock(), cases.caller.id
    with cases.store.database.write() as connection:
        planted = open_task(connection, cases.tenant, reviewer, now)
        if planted is None:
            turn = f"{reviewer} {reviews_given(connection, cases.tenant, reviewer)}"
            if is_drawn("honeypot", turn, honeypot_share):
                planted = give_task(connection, cases.tenant, reviewer, now)
        if planted is not None and planted.id != besides:
            return planted_task(connection, cases, planted)
        leased = next_review(connection, cases.tenant, holder, now, besides)
        return None if leased is None else task_of(connection, cases, leased)


def task_of(connection: Connection, cases: Cases, leased: LeasedReview) -> ReviewTask:
    """Return what a reviewer needs to know of a request that they have open. Raises NotFoundError."""
    loaded = cases.load(connection, leased.request.case)
    assessment = loaded.facts.by_id(AssessmentRevision, leased.request.assessment)
    if assessment is None:
        raise NotFoundError(f"no assessment {leased.request.assessment}")
    return ReviewTask(
        request=leased.request,
        leased_until=leased.leased_until,
        assessment=assessment,
        dispute=open_dispute(assessment, loaded.facts),
        version=loaded.version,
    )


def planted_task(connection: Connection, cases: Cases, planted: HoneypotTask) -> ReviewTask:
    """Return a planted review; the reviewer reads `audit`, as of a random one."""
    facts = cases.load(connection, planted.case).facts
    assessment = facts.by_id(AssessmentRevision, planted.assessment)
    if assessment is None:
        raise NotFoundError(f"no assessment {planted.assessment}")
    request = ReviewRequest(
        id=planted.id,
        at=assessment.at,
        by=assessment.by,
        visit=assessment.visit,
        case=planted.case,
        assessment=planted.assessment,
        reason="audit",
    )
    return task_of(connection, cases, LeasedReview(request, planted.leased_until))


@router.get("/v1/reviews", summary="What waits for a person", responses=CASE_READ_ERRORS)
async def list_of_reviews(
    cases: CasesDep,
    holder: HolderDep,
    reason: Annotated[ReviewReason | None, Query(description="Only these.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_QUEUED)] = 50,
) -> ReviewQueue:
    """Answer the queue with reason and age, the most urgent first; `next` takes one."""
    now = cases.parts.clock()

    def work(connection: Connection) -> tuple[dict[ReviewReason, int], list[QueuedReview]]:
        counts = waiting_by_reason(connection, cases.tenant)
        return counts, review_queue(connection, cases.tenant, now, reason, limit)

    counts, queue = await cases.read(work)
    return ReviewQueue(
        waiting=counts,
        reviews=tuple(
            QueuedRequest(
                request=one.request.id,
                case=one.request.case,
                assessment=one.request.assessment,
                reason=one.request.reason,
                age_s=max(0.0, (now - one.request.at).total_seconds()),
                due_at=one.request.due_at,
                at=one.request.at,
                journey=one.case.journey,
                channel=one.case.channel,
                leased_until=one.leased_until,
                mine=one.leased_by == holder,
            )
            for one in queue
        ),
    )


@router.post(
    "/v1/reviews/honeypots",
    status_code=201,
    summary="Plant a review",
    response_model=PlantedReview,
    responses=CASE_ERRORS,
)
async def plant_review(body: NewHoneypot, cases: CasesDep, once: OnceDep) -> Response:
    """Keep an assessment whose right verdict is known; reviewers get it now and then, and nothing else comes of it."""
    cases.caller.require(Scope.ADMIN)

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, body.case).facts
        if facts.by_id(AssessmentRevision, body.assessment) is None:
            raise NotFoundError(f"no assessment {body.assessment}")
        truth: Truth = {f"{one.surface}/{one.defect_id}": one.kind for one in body.defects}
        if len(truth) != len(body.defects):
            raise UsageError("defects: one is named twice")
        now = cases.parts.clock()
        planted = plant(connection, cases.tenant, body.case, body.assessment, body.verdict, truth, cases.caller.id, now)
        return stored(201, PlantedReview(honeypot=planted))

    return await once.answer(content_of(body), work)


@router.get("/v1/reviews/scores", summary="How reviewers do", responses=CASE_READ_ERRORS)
async def reviewer_scores(cases: CasesDep) -> ReviewerFigures:
    """Answer, for each reviewer, how many planted reviews they answered and how many of them rightly."""
    cases.caller.require(Scope.ADMIN)
    rows = await cases.read(lambda connection: scores(connection, cases.tenant))
    return ReviewerFigures(reviewers=tuple(ReviewerFigure(**one._asdict()) for one in rows))


router.include_router(feedback)
