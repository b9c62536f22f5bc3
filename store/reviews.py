"""The queue of what people are to review: leased for ten minutes, so that nobody works on what another has open."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, nulls_last, or_, select, update

from phonegrade.core.data_errors import FactConflictError
from phonegrade.journeys.evidence_facts import Review, ReviewRequest
from phonegrade.store.engines import insert_if_absent
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.tables import CASES, REVIEW_LEASES

LEASE = timedelta(minutes=10)
_REQUESTS, _REVIEWS = BY_MODEL[ReviewRequest].table, BY_MODEL[Review].table


class LeasedReview(NamedTuple):
    """A request that somebody has open."""

    request: ReviewRequest
    leased_until: datetime


def next_review(connection: Connection, tenant: str, reviewer: str, now: datetime) -> LeasedReview | None:
    """Lease the most urgent request that nobody else has open, to `reviewer`; their own first. None without one.

    What the two-person rule or a second opinion wants from somebody else is passed over; see `review_rules.barred`.
    """
    taken = select(REVIEW_LEASES.c.request_id).where(
        REVIEW_LEASES.c.tenant == tenant, REVIEW_LEASES.c.leased_until > now, REVIEW_LEASES.c.leased_by != reviewer
    )
    own = select(REVIEW_LEASES.c.request_id).where(
        REVIEW_LEASES.c.tenant == tenant, REVIEW_LEASES.c.leased_until > now, REVIEW_LEASES.c.leased_by == reviewer
    )
    waiting = select(_REQUESTS.c.id, _REQUESTS.c.record).where(
        _open(tenant), _REQUESTS.c.id.not_in(taken), ~_barred(reviewer)
    )
    in_turn = waiting.order_by(_REQUESTS.c.id.in_(own).desc(), nulls_last(_REQUESTS.c.due_at), _REQUESTS.c.id)
    row = connection.execute(in_turn.limit(1).with_for_update(skip_locked=True, of=_REQUESTS)).one_or_none()
    if row is None:
        return None
    until = now + LEASE
    lease = {"tenant": tenant, "request_id": row.id, "leased_by": reviewer, "leased_until": until}
    if not insert_if_absent(connection, REVIEW_LEASES, lease):
        free = or_(REVIEW_LEASES.c.leased_by == reviewer, REVIEW_LEASES.c.leased_until <= now)
        statement = update(REVIEW_LEASES).where(_lease(tenant, row.id), free)
        if connection.execute(statement.values(leased_by=reviewer, leased_until=until)).rowcount != 1:
            return None
    return LeasedReview(ReviewRequest.model_validate_json(row.record), until)


def check_lease(connection: Connection, tenant: str, request: str, reviewer: str, now: datetime) -> None:
    """Raise FactConflictError unless the reviewer still has that request open."""
    mine = and_(_lease(tenant, request), REVIEW_LEASES.c.leased_by == reviewer, REVIEW_LEASES.c.leased_until > now)
    if connection.execute(select(REVIEW_LEASES.c.request_id).where(mine).with_for_update()).one_or_none() is None:
        raise FactConflictError("this review is no longer yours: its ten minutes are over; take it again")


def release_review(connection: Connection, tenant: str, request: str, reviewer: str) -> None:
    """Give a request back to the queue; one that is not the reviewer's stays as it is."""
    connection.execute(delete(REVIEW_LEASES).where(_lease(tenant, request), REVIEW_LEASES.c.leased_by == reviewer))


class QueuedReview(NamedTuple):
    """A request that waits, and until when somebody has it open."""

    request: ReviewRequest
    leased_until: datetime | None


def review_queue(
    connection: Connection, tenant: str, now: datetime, reason: str | None = None, limit: int = 100
) -> list[QueuedReview]:
    """Return what waits for a verdict, the most urgent first."""
    lease = and_(
        REVIEW_LEASES.c.tenant == _REQUESTS.c.tenant,
        REVIEW_LEASES.c.request_id == _REQUESTS.c.id,
        REVIEW_LEASES.c.leased_until > now,
    )
    wanted = select(_REQUESTS.c.record, REVIEW_LEASES.c.leased_until).outerjoin(REVIEW_LEASES, lease)
    wanted = wanted.where(_open(tenant))
    if reason is not None:
        wanted = wanted.where(_REQUESTS.c.reason == reason)
    rows = connection.execute(wanted.order_by(nulls_last(_REQUESTS.c.due_at), _REQUESTS.c.id).limit(limit))
    return [QueuedReview(ReviewRequest.model_validate_json(record), until) for record, until in rows]


def waiting_reviews(connection: Connection, tenant: str) -> int:
    """Return how many requests wait for a verdict."""
    return int(connection.execute(select(func.count()).select_from(_REQUESTS).where(_open(tenant))).scalar_one())


def _open(tenant: str) -> ColumnElement[bool]:
    verdict = select(_REVIEWS.c.id).where(_REVIEWS.c.tenant == tenant, _REVIEWS.c.request_id == _REQUESTS.c.id)
    gone = select(CASES.c.id).where(
        CASES.c.tenant == tenant, CASES.c.id == _REQUESTS.c.case_id, CASES.c.forgotten_at.is_not(None)
    )
    return and_(_REQUESTS.c.tenant == tenant, ~verdict.exists(), ~gone.exists())


def _barred(reviewer: str) -> ColumnElement[bool]:
    """Return the condition that a reviewer may not have a request: they have reviewed its assessment already."""
    same = and_(
        _REVIEWS.c.tenant == _REQUESTS.c.tenant,
        _REVIEWS.c.assessment_id == _REQUESTS.c.assessment_id,
        _REVIEWS.c.recorded_by == reviewer,
    )
    own = select(_REVIEWS.c.id).where(same)
    return or_(
        and_(_REQUESTS.c.reason == "price", own.exists()), own.where(_REVIEWS.c.verdict == "second_opinion").exists()
    )


def _lease(tenant: str, request: str) -> ColumnElement[bool]:
    return and_(REVIEW_LEASES.c.tenant == tenant, REVIEW_LEASES.c.request_id == request)
