"""Sums of what has happened, written in the transaction of what they count: each thing counts once, whoever dies.

Rows are only inserted; `fold` now and then replaces many by their sum. Reading is a sum over few rows.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from phonegrade.journeys.deal_facts import OfferOutcome, Quote, QuoteEvent
from phonegrade.journeys.device_facts import HandOff, HandOffClaim
from phonegrade.journeys.evidence_facts import Inspected, Review
from phonegrade.journeys.fact import Fact
from phonegrade.store.columns import new_id
from phonegrade.store.engines import Database
from phonegrade.store.state_tables import TALLIES

BOUNDS_S = (10.0, 60.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 86400.0, 3 * 86400.0, 7 * 86400.0, 14 * 86400.0, 30 * 86400.0)
"""Upper bounds of a histogram's buckets in seconds; above the last lies everything else."""
FOLD_OVER, FOLD_BATCH = 500, 5000


@dataclass(frozen=True)
class Increment:
    """One more of something."""

    figure: str
    labels: tuple[str, ...]
    total: float = 0.0
    """What is summed up beside the count, such as seconds."""
    count: int = 1
    """Less than nothing of what is no more."""


@dataclass(frozen=True, order=True)
class Sum:
    """How much there is of a figure with these labels."""

    labels: tuple[str, ...]
    count: int
    total: float


def timed(figure: str, labels: tuple[str, ...], seconds: float) -> Increment:
    """Return one more duration of a histogram: its bucket is its last label."""
    return Increment(figure, (*labels, str(bisect_left(BOUNDS_S, seconds))), max(0.0, seconds))


def tallies_of(fact: Fact) -> list[Increment]:
    """Return what a fact counts for."""
    match fact:
        case Inspected():
            surface = "unknown" if fact.surface is None else fact.surface.value
            gates = (fact.problem,) if fact.problem is not None else fact.retake_on
            return [Increment("inspections", (surface,)), *(Increment("retakes", (surface, gate)) for gate in gates)]
        case Quote():
            return [Increment("offers", ("made",))]
        case QuoteEvent():
            return [Increment("offers", (fact.event,))]
        case OfferOutcome():
            return [Increment("recommendations", (fact.rule, fact.outcome))]
        case HandOff():
            return [Increment("hand_offs", ("opened",))]
        case HandOffClaim():
            return [Increment("hand_offs", ("claimed",))]
        case Review():
            return [Increment("reviews", (fact.reason, fact.verdict))]
        case _:
            return []


def add_tallies(connection: Connection, tenant: str, tallies: Iterable[Increment], now: datetime) -> None:
    """Count in the caller's transaction."""
    rows = [
        {
            "id": new_id(now),
            "tenant": tenant,
            "figure": one.figure,
            "labels": json.dumps(one.labels),
            "count": one.count,
            "total": one.total,
        }
        for one in tallies
    ]
    if rows:
        connection.execute(insert(TALLIES), rows)


def read_tallies(connection: Connection, tenant: str | None = None) -> dict[str, list[Sum]]:
    """Return all sums by figure, those of one tenant or of all together."""
    wanted = select(TALLIES.c.figure, TALLIES.c.labels, func.sum(TALLIES.c.count), func.sum(TALLIES.c.total))
    if tenant is not None:
        wanted = wanted.where(TALLIES.c.tenant == tenant)
    sums: dict[str, list[Sum]] = defaultdict(list)
    for figure, labels, count, total in connection.execute(wanted.group_by(TALLIES.c.figure, TALLIES.c.labels)):
        if count:
            sums[figure].append(Sum(tuple(json.loads(labels)), int(count), float(total)))
    return {figure: sorted(of) for figure, of in sums.items()}


def fold(database: Database, now: datetime, over: int = FOLD_OVER) -> int:
    """Replace rows by their sums where there are more than `over`, and return how many rows there are then.

    A batch is a transaction, so that nobody waits long; sums of one batch are folded again with those of the next.
    """
    count = row_count(database)
    while count > over:
        with database.write() as connection:
            if not _fold_batch(connection, now):
                break
        count = row_count(database)
    return count


def row_count(database: Database) -> int:
    """Return how many rows stand for the sums."""
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(TALLIES)).scalar_one())


def _fold_batch(connection: Connection, now: datetime) -> bool:
    """Fold the oldest rows, and return whether there are fewer since; of two at once, the second finds them gone."""
    oldest = select(TALLIES.c.id).order_by(TALLIES.c.id).limit(FOLD_BATCH)
    gone = connection.execute(delete(TALLIES).where(TALLIES.c.id.in_(oldest)).returning(TALLIES)).all()
    sums: dict[tuple[str, str, str], tuple[int, float]] = {}
    for row in gone:
        count, total = sums.get((row.tenant, row.figure, row.labels), (0, 0.0))
        sums[row.tenant, row.figure, row.labels] = (count + row._mapping["count"], total + row.total)
    rows = [
        {"id": new_id(now), "tenant": key[0], "figure": key[1], "labels": key[2], "count": one[0], "total": one[1]}
        for key, one in sorted(sums.items())
        if one[0]
    ]
    if rows:
        connection.execute(insert(TALLIES), rows)
    return len(rows) < len(gone)
