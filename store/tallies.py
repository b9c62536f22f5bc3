"""Sums of what has happened, written in the transaction of what they count: each thing counts once, whoever dies.

Rows are only inserted; `fold` now and then replaces many by their sum. Reading is a sum over few rows.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

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
FOLD_OVER = 500


class Increment(NamedTuple):
    """One more of something."""

    figure: str
    labels: tuple[str, ...]
    total: float = 0.0
    """What is summed up beside the count, such as seconds."""
    count: int = 1
    """Less than nothing of what is no more."""


class Sum(NamedTuple):
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
    """Replace rows by their sums where there are more than `over`, and return how many rows there are then."""
    with database.read() as connection:
        count = int(connection.execute(select(func.count()).select_from(TALLIES)).scalar_one())
    if count <= over:
        return count
    with database.write() as connection:
        # of two that fold at once, the second finds the rows gone and adds nothing
        sums: dict[tuple[str, str, str], tuple[int, float]] = {}
        for row in connection.execute(delete(TALLIES).returning(TALLIES)).all():
            before = sums.get((row.tenant, row.figure, row.labels), (0, 0.0))
            sums[row.tenant, row.figure, row.labels] = (before[0] + row.count, before[1] + row.total)
        rows = [
            {"id": new_id(now), "tenant": key[0], "figure": key[1], "labels": key[2], "count": one[0], "total": one[1]}
            for key, one in sorted(sums.items())
            if one[0]
        ]
        if rows:
            connection.execute(insert(TALLIES), rows)
        return len(rows)
