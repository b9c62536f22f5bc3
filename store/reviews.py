"""The queue of what people are to review: leased for ten minutes, so that nobody works on what another has open."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, nulls_last, or_, select, update

from phonegrade.core.data_errors import FactConflictError
from phonegrade.journeys.evidence_facts import Review, ReviewReason, ReviewRequest
from phonegrade.journeys.facts import Case
from phonegrade.store.engines import insert_if_absent
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.tables import CASES, REVIEW_LEASES

LEASE = timedelta(minutes=10)
_REQUESTS, _REVIEWS = BY_MODEL[ReviewRequest].table, BY_MODEL[Review].table


class LeasedReview(NamedTuple):
    """A request that somebody has open."""

    request: ReviewRequest
    leased_until: datetime


class QueuedReview(NamedTuple):
    """A request that waits, its case, and who has it open until when."""

    request: ReviewRequest
    case: Case
    leased_by: str | None
    leased_until: datetime | None


def next_review(
    connection: Connection, tenant: str, holder: str, now: datetime, besides: str | None = None
) -> LeasedReview | None:
    """Lease the most urgent request that nobody else has open, to `holder`; their own first. None without one.

    A holder is a reviewer, or REVIEWER/DESK where somebody works at several; `besides` is a request that they have open
    already, while they fetch the next. What the two-person rule or a second opinion wants from somebody else is passed
    over; see `review_rules.barred`.
    """
    taken = select(REVIEW_LEASES.c.request_id).where(
        REVIEW_LEASES.c.tenant == tenant, REVIEW_LEASES.c.leased_until > now, REVIEW_LEASES.c.leased_by != holder
    )
    own = select(REVIEW_LEASES.c.request_id).where(
        REVIEW_LEASES.c.tenant == tenant, REVIEW_LEASES.c.leased_until > now, REVIEW_LEASES.c.leased_by == holder
    )
    waiting = select(_REQUESTS.c.id, _REQUESTS.c.record).where(
        _open(tenant), _REQUESTS.c.id.not_in(taken), ~_barred(holder.partition("/")[0])
    )
    if besides is not None:
        waiting = waiting.where(_REQUESTS.c.id != besides)
    in_turn = waiting.order_by(_REQUESTS.c.id.in_(own).desc(), nulls_last(_REQUESTS.c.due_at), _REQUESTS.c.id)
    row = connection.execute(in_turn.limit(1).with_for_update(skip_locked=True, of=_REQUESTS)).one_or_none()
    if row is None:
        return None
    return _lease_to(connection, tenant, ReviewRequest.model_validate_json(row.record), holder, now)


def take_review(
    connection: Connection, tenant: str, request: ReviewRequest, reviewer: str, now: datetime
) -> LeasedReview:
    """Lease a certain request for another ten minutes. Raises FactConflictError where it cannot be had."""
    waits = select(_REQUESTS.c.id).where(_open(tenant), _REQUESTS.c.id == request.id).with_for_update()
    if connection.execute(waits).one_or_none() is None:
        raise FactConflictError("somebody has answered this review")
    leased = _lease_to(connection, tenant, request, reviewer, now)
    if leased is None:
        raise FactConflictError("somebody else has this review open")
    return leased


def _lease_to(
    connection: Connection, tenant: str, request: ReviewRequest, reviewer: str, now: datetime
) -> LeasedReview | None:
    until = now + LEASE
    lease = {"tenant": tenant, "request_id": request.id, "leased_by": reviewer, "leased_until": until}
    if not insert_if_absent(connection, REVIEW_LEASES, lease):
        free = or_(REVIEW_LEASES.c.leased_by == reviewer, REVIEW_LEASES.c.leased_until <= now)
        statement = update(REVIEW_LEASES).where(_lease(tenant, request.id), free)
        if connection.execute(statement.values(leased_by=reviewer, leased_until=until)).rowcount != 1:
            return None
    return LeasedReview(request, until)


def has_lease(connection: Connection, tenant: str, request: str, reviewer: str, now: datetime) -> bool:
    """Return whether the reviewer has that request open."""
    mine = and_(_lease(tenant, request), REVIEW_LEASES.c.leased_by == reviewer, REVIEW_LEASES.c.leased_until > now)
    return connection.execute(select(REVIEW_LEASES.c.request_id).where(mine)).one_or_none() is not None


def check_lease(connection: Connection, tenant: str, request: str, reviewer: str, now: datetime) -> None:
    """Raise FactConflictError unless the reviewer still has that request open."""
    mine = and_(_lease(tenant, request), REVIEW_LEASES.c.leased_by == reviewer, REVIEW_LEASES.c.leased_until > now)
    if connection.execute(select(REVIEW_LEASES.c.request_id).where(mine).with_for_update()).one_or_none() is None:
        raise lost_lease()


def lost_lease() -> FactConflictError:
    """Return the error of a verdict on what its reviewer no longer has open."""
    return FactConflictError("this review is no longer yours: its ten minutes are over; take it again")


def release_review(connection: Connection, tenant: str, request: str, reviewer: str) -> None:
    """Give a request back to the queue; one that is not the reviewer's stays as it is."""
    connection.execute(delete(REVIEW_LEASES).where(_lease(tenant, request), REVIEW_LEASES.c.leased_by == reviewer))


def review_queue(
    connection: Connection, tenant: str, now: datetime, reason: str | None = None, limit: int = 100
) -> list[QueuedReview]:
    """Return what waits for a verdict, the most urgent first."""
    cases = CASES.alias()  # `_open` asks the same table something else
    of_case = and_(cases.c.tenant == _REQUESTS.c.tenant, cases.c.id == _REQUESTS.c.case_id)
    lease = and_(
        REVIEW_LEASES.c.tenant == _REQUESTS.c.tenant,
        REVIEW_LEASES.c.request_id == _REQUESTS.c.id,
        REVIEW_LEASES.c.leased_until > now,
    )
    who = (REVIEW_LEASES.c.leased_by, REVIEW_LEASES.c.leased_until)
    wanted = select(_REQUESTS.c.record, cases.c.record.label("case"), *who).join(cases, of_case)
    wanted = wanted.outerjoin(REVIEW_LEASES, lease).where(_open(tenant))
    if reason is not None:
        wanted = wanted.where(_REQUESTS.c.reason == reason)
    rows = connection.execute(wanted.order_by(nulls_last(_REQUESTS.c.due_at), _REQUESTS.c.id).limit(limit))
    return [
        QueuedReview(
            ReviewRequest.model_validate_json(row.record),
            Case.model_validate_json(row.case),
            row.leased_by,
            row.leased_until,
        )
        for row in rows
    ]


def waiting_by_reason(connection: Connection, tenant: str) -> dict[ReviewReason, int]:
    """Return how many requests of each reason wait for a verdict."""
    counts = select(_REQUESTS.c.reason, func.count()).where(_open(tenant)).group_by(_REQUESTS.c.reason)
    return {reason: int(count) for reason, count in connection.execute(counts)}


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
