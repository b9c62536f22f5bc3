"""Work for later, done exactly once: a worker leases a job, and its result and the end of the job are one transaction.

A worker that dies loses its lease in time, and another does the job again. One that was only slow finds that the job is
no longer its own, and all that it would have written is undone.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from phonegrade.store.columns import new_id
from phonegrade.store.engines import Database, insert_if_absent
from phonegrade.store.work_tables import JOBS

LEASE_S = 120.0
"""Longer than any inspection takes; a dead worker's job waits for so long."""
MAX_ATTEMPTS = 5
RETRY_S = (0.0, 5.0, 30.0, 120.0)
"""How long a failed job waits, by how often it has failed; the last counts from there on."""
POSTPONED_S = 15.0
"""How long a job waits that could not be tried."""
JobState = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class Claim:
    """A job that a worker has for now."""

    tenant: str
    id: str
    kind: str
    name: str
    payload: dict[str, Any]
    worker: str
    attempt: int
    """With the worker it says whose turn it is: even the same worker may not end an earlier turn of its own."""
    last: bool
    """Whether it is not tried again."""


def worker_name() -> str:
    """Return a name that no other worker has, on this machine or another."""
    return f"worker-{secrets.token_hex(8)}"


def add_job(
    connection: Connection,
    tenant: str,
    kind: str,
    name: str,
    payload: dict[str, Any],
    now: datetime,
    *,
    max_attempts: int = MAX_ATTEMPTS,
) -> str:
    """Ask for a job in the caller's transaction, and return its id; a job of that kind and name is asked for once."""
    same = select(JOBS.c.id).where(JOBS.c.tenant == tenant, JOBS.c.kind == kind, JOBS.c.name == name)
    known = connection.execute(same).scalar()
    if known is not None:
        return str(known)
    row = {
        "tenant": tenant,
        "id": new_id(now),
        "kind": kind,
        "name": name,
        "payload": payload,
        "state": "waiting",
        "attempts": 0,
        "max_attempts": max_attempts,
        "at": now,
        "run_at": now,
    }
    insert_if_absent(connection, JOBS, row)
    return str(connection.execute(same).scalar_one())


def claim_job(
    database: Database, worker: str, now: datetime, kinds: tuple[str, ...] = (), lease_s: float = LEASE_S
) -> Claim | None:
    """Lease the job that has waited longest, of any kind or of `kinds`; None where none is due."""
    due = or_(
        and_(JOBS.c.state == "waiting", JOBS.c.run_at <= now),
        and_(JOBS.c.state == "running", JOBS.c.leased_until <= now),
    )
    wanted = and_(due, JOBS.c.kind.in_(kinds)) if kinds else due
    with database.write() as connection:
        _give_up(connection, now)
        next_id = select(JOBS.c.id).where(wanted, JOBS.c.attempts < JOBS.c.max_attempts)
        next_id = next_id.order_by(JOBS.c.run_at, JOBS.c.id).limit(1)
        if not database.is_sqlite:  # which would drop it without a word; there the transaction itself is the lock
            next_id = next_id.with_for_update(skip_locked=True)
        row = connection.execute(
            update(JOBS)
            .where(JOBS.c.id == next_id.scalar_subquery())
            .values(
                state="running",
                worker=worker,
                attempts=JOBS.c.attempts + 1,
                leased_until=now + timedelta(seconds=lease_s),
            )
            .returning(JOBS)
        ).one_or_none()
    if row is None:
        return None
    last = row.attempts >= row.max_attempts
    return Claim(row.tenant, row.id, row.kind, row.name, row.payload, worker, row.attempts, last)


def finish_job(
    database: Database, claim: Claim, write: Callable[[Connection], None], clock: Callable[[], datetime]
) -> bool:
    """Let `write` store the job's result, in one transaction with its end; return whether the job was still ours.

    Where it was not, nothing of what `write` did is kept.
    """
    try:
        with database.write() as connection:
            if not _end(connection, claim, {"state": "done", "ended_at": clock(), "problem": None}):
                raise _LostError
            write(connection)
    except _LostError:
        return False
    return True


def fail_job(database: Database, claim: Claim, problem: str, now: datetime, *, for_good: bool = False) -> bool:
    """Record that a job failed; it is tried again later unless `for_good` or its attempts are used up.

    `problem` is an error's code, never its text, which may hold what nobody should store. Returns whether it was ours.
    """
    if for_good or claim.last:
        values = {"state": "failed", "ended_at": now, "problem": problem}
    else:
        wait_s = RETRY_S[min(claim.attempt, len(RETRY_S)) - 1]
        values = {"state": "waiting", "run_at": now + timedelta(seconds=wait_s), "problem": problem}
    with database.write() as connection:
        return _end(connection, claim, values)


def postpone_job(database: Database, claim: Claim, now: datetime) -> bool:
    """Give a job back that could not be tried, such as while photos cannot be reached: that was no attempt."""
    later = now + timedelta(seconds=POSTPONED_S)
    with database.write() as connection:
        return _end(connection, claim, {"state": "waiting", "run_at": later, "attempts": JOBS.c.attempts - 1})


def retry_job(connection: Connection, job_id: str, now: datetime) -> None:
    """Let a job that failed for good be tried anew; any other stays as it is."""
    failed = and_(JOBS.c.id == job_id, JOBS.c.state == "failed")
    values = {"state": "waiting", "attempts": 0, "run_at": now, "ended_at": None, "problem": None}
    connection.execute(update(JOBS).where(failed).values(**values))


def extend_lease(database: Database, claim: Claim, now: datetime, lease_s: float = LEASE_S) -> bool:
    """Keep a job that takes long; return whether it is still ours."""
    with database.write() as connection:
        statement = update(JOBS).where(ours(claim)).values(leased_until=now + timedelta(seconds=lease_s))
        return connection.execute(statement).rowcount == 1


def ours(claim: Claim) -> ColumnElement[bool]:
    """Return the condition that a job is still the claim's: leased to that worker, on that attempt."""
    return and_(
        JOBS.c.id == claim.id,
        JOBS.c.state == "running",
        JOBS.c.worker == claim.worker,
        JOBS.c.attempts == claim.attempt,
    )


def queue_depth(connection: Connection, tenant: str | None = None) -> dict[JobState, int]:
    """Return how many jobs there are by state."""
    statement = select(JOBS.c.state, func.count()).group_by(JOBS.c.state)
    if tenant is not None:
        statement = statement.where(JOBS.c.tenant == tenant)
    counts: dict[JobState, int] = {"waiting": 0, "running": 0, "done": 0, "failed": 0}
    return counts | dict(connection.execute(statement).all())


def _end(connection: Connection, claim: Claim, values: dict[str, Any]) -> bool:
    statement = update(JOBS).where(ours(claim)).values(worker=None, leased_until=None, **values)
    return connection.execute(statement).rowcount == 1


def _give_up(connection: Connection, now: datetime) -> None:
    """Fail what crashed its worker so often that it is not tried again."""
    crashed = and_(JOBS.c.state == "running", JOBS.c.leased_until <= now, JOBS.c.attempts >= JOBS.c.max_attempts)
    values = {"state": "failed", "problem": "worker_lost", "ended_at": now, "worker": None, "leased_until": None}
    connection.execute(update(JOBS).where(crashed).values(**values))


class _LostError(Exception):
    """The job is another worker's by now."""
