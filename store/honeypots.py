"""Planted reviews: assessments whose right verdict is known, given to reviewers now and then to see how well they do.

They are no facts of their case: a verdict on one changes nothing but its reviewer's score.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    UniqueConstraint,
    and_,
    func,
    select,
    update,
)

from phonegrade.core.data_errors import FactConflictError
from phonegrade.journeys.evidence_facts import Review
from phonegrade.store.columns import METADATA, id_column, json_column, new_id, time_column, word_column
from phonegrade.store.engines import insert_if_absent
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.reviews import LEASE
from phonegrade.store.tables import CASES, in_tenant
from phonegrade.store.tallies import Increment, add_tallies

HONEYPOTS = Table(
    "honeypot",
    METADATA,
    word_column("tenant"),
    id_column(),
    id_column("case_id"),
    id_column("assessment_id"),
    word_column("verdict"),
    json_column("defects"),
    word_column("recorded_by"),
    time_column("at"),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "assessment_id"),
    in_tenant("case_id", "cases"),
)
"""Assessments with a known verdict, and what each judged defect really is: `SURFACE/ID` -> kind, or null for none."""

HONEYPOT_TASKS = Table(
    "honeypot_task",
    METADATA,
    word_column("tenant"),
    id_column(),
    id_column("honeypot_id"),
    word_column("reviewer"),
    time_column("at"),
    time_column("leased_until"),
    time_column("answered_at", nullable=True),
    Column("is_right", Boolean, nullable=True),
    Column("defects_right", Integer, nullable=True),
    Column("seconds", Float, nullable=True),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "honeypot_id", "reviewer"),
    in_tenant("honeypot_id", "honeypot"),
    CheckConstraint("(answered_at IS NULL) = (is_right IS NULL)", name="answered"),
    Index(None, "tenant", "reviewer"),
)
"""One honeypot given to one reviewer, once."""
_REVIEWS = BY_MODEL[Review].table
Truth = dict[str, str | None]
"""What each judged defect is."""


class HoneypotTask(NamedTuple):
    """A planted review that a reviewer has open."""

    id: str
    case: str
    assessment: str
    leased_until: datetime


class ReviewerScore(NamedTuple):
    """How a reviewer did on planted reviews."""

    reviewer: str
    answered: int
    right: int


def plant(
    connection: Connection, tenant: str, case: str, assessment: str, verdict: str, truth: Truth, by: str, now: datetime
) -> str:
    """Keep an assessment with its known verdict, and return its id. Raises FactConflictError for the second time."""
    row = {
        "tenant": tenant,
        "id": new_id(now),
        "case_id": case,
        "assessment_id": assessment,
        "verdict": verdict,
        "defects": truth,
        "recorded_by": by,
        "at": now,
    }
    if not insert_if_absent(connection, HONEYPOTS, row):
        raise FactConflictError("this assessment is a honeypot already")
    return str(row["id"])


def reviews_given(connection: Connection, tenant: str, reviewer: str) -> int:
    """Return how many verdicts a reviewer has given, on planted reviews too."""
    own = (
        select(func.count())
        .select_from(_REVIEWS)
        .where(_REVIEWS.c.tenant == tenant, _REVIEWS.c.recorded_by == reviewer)
    )
    planted = (
        select(func.count())
        .select_from(HONEYPOT_TASKS)
        .where(
            HONEYPOT_TASKS.c.tenant == tenant,
            HONEYPOT_TASKS.c.reviewer == reviewer,
            HONEYPOT_TASKS.c.answered_at.is_not(None),
        )
    )
    return int(connection.execute(own).scalar_one()) + int(connection.execute(planted).scalar_one())


def open_task(connection: Connection, tenant: str, reviewer: str, now: datetime) -> HoneypotTask | None:
    """Return the planted review that a reviewer has open, if any."""
    wanted = _tasks(tenant, reviewer).where(HONEYPOT_TASKS.c.leased_until > now)
    row = connection.execute(wanted.limit(1)).one_or_none()
    return None if row is None else _task(row)


def give_task(connection: Connection, tenant: str, reviewer: str, now: datetime) -> HoneypotTask | None:
    """Open a planted review that a reviewer has not had, the oldest first; None where there is none left."""
    had = select(HONEYPOT_TASKS.c.honeypot_id).where(
        HONEYPOT_TASKS.c.tenant == tenant, HONEYPOT_TASKS.c.reviewer == reviewer
    )
    live = select(CASES.c.id).where(
        CASES.c.tenant == HONEYPOTS.c.tenant, CASES.c.id == HONEYPOTS.c.case_id, CASES.c.forgotten_at.is_(None)
    )
    fresh = select(HONEYPOTS).where(
        HONEYPOTS.c.tenant == tenant,
        HONEYPOTS.c.id.not_in(had),
        HONEYPOTS.c.recorded_by != reviewer,
        live.exists(),
    )
    row = connection.execute(fresh.order_by(HONEYPOTS.c.id).limit(1)).one_or_none()
    if row is None:
        return None
    until = now + LEASE
    own = {"tenant": tenant, "id": new_id(now), "honeypot_id": row.id, "reviewer": reviewer}
    if not insert_if_absent(connection, HONEYPOT_TASKS, {**own, "at": now, "leased_until": until}):
        return None
    return HoneypotTask(str(own["id"]), row.case_id, row.assessment_id, until)


def find_task(connection: Connection, tenant: str, task_id: str, reviewer: str) -> HoneypotTask | None:
    """Return a reviewer's own planted review by its id; None for what is none."""
    row = connection.execute(_tasks(tenant, reviewer).where(HONEYPOT_TASKS.c.id == task_id)).one_or_none()
    return None if row is None else _task(row)


def score_task(
    connection: Connection,
    tenant: str,
    task: HoneypotTask,
    verdict: str,
    judged: Mapping[str, str | None],
    seconds: float | None,
    now: datetime,
) -> bool:
    """Keep how a reviewer did, and return whether the verdict was the known one. Raises FactConflictError too late."""
    if task.leased_until <= now:
        raise FactConflictError("this review is no longer yours: its ten minutes are over; take the next one")
    own = and_(HONEYPOTS.c.tenant == tenant, HONEYPOTS.c.assessment_id == task.assessment)
    known = connection.execute(select(HONEYPOTS).where(own)).one()
    right = bool(known.verdict == verdict)
    values = {
        "answered_at": now,
        "is_right": right,
        "defects_right": sum(name in judged and judged[name] == kind for name, kind in known.defects.items()),
        "seconds": seconds,
    }
    one = and_(HONEYPOT_TASKS.c.tenant == tenant, HONEYPOT_TASKS.c.id == task.id)
    connection.execute(update(HONEYPOT_TASKS).where(one).values(**values))
    add_tallies(connection, tenant, [Increment("honeypots", ("right" if right else "wrong",))], now)
    return right


def release_task(connection: Connection, tenant: str, task: HoneypotTask, now: datetime) -> None:
    """Give a planted review back: like any other, it then comes again later."""
    one = and_(HONEYPOT_TASKS.c.tenant == tenant, HONEYPOT_TASKS.c.id == task.id)
    connection.execute(update(HONEYPOT_TASKS).where(one).values(leased_until=now))


def scores(connection: Connection, tenant: str) -> list[ReviewerScore]:
    """Return how each reviewer has done."""
    answered = and_(HONEYPOT_TASKS.c.tenant == tenant, HONEYPOT_TASKS.c.answered_at.is_not(None))
    wanted = select(HONEYPOT_TASKS.c.reviewer, HONEYPOT_TASKS.c.is_right, func.count()).where(answered)
    counts: dict[str, list[int]] = {}
    for reviewer, is_right, count in connection.execute(
        wanted.group_by(HONEYPOT_TASKS.c.reviewer, HONEYPOT_TASKS.c.is_right)
    ):
        both = counts.setdefault(reviewer, [0, 0])
        both[0] += count
        both[1] += count if is_right else 0
    return [ReviewerScore(reviewer, *both) for reviewer, both in sorted(counts.items())]


def _tasks(tenant: str, reviewer: str) -> Any:  # noqa: ANN401  a statement
    both = and_(HONEYPOTS.c.tenant == HONEYPOT_TASKS.c.tenant, HONEYPOTS.c.id == HONEYPOT_TASKS.c.honeypot_id)
    columns = (HONEYPOT_TASKS.c.id, HONEYPOTS.c.case_id, HONEYPOTS.c.assessment_id, HONEYPOT_TASKS.c.leased_until)
    return (
        select(*columns)
        .join(HONEYPOTS, both)
        .where(HONEYPOT_TASKS.c.tenant == tenant, HONEYPOT_TASKS.c.reviewer == reviewer)
        .where(HONEYPOT_TASKS.c.answered_at.is_(None))
    )


def _task(row: Row[Any]) -> HoneypotTask:
    return HoneypotTask(row.id, row.case_id, row.assessment_id, row.leased_until)
