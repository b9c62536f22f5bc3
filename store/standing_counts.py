"""How many cases stand where, kept as sums: what a case counts for is taken away and added as it moves."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from phonegrade.journeys.standing import DROPPED
from phonegrade.store.state_tables import CASE_STATES
from phonegrade.store.tallies import Increment, add_tallies, read_tallies

AXES = ("evidence", "deal", "custody", "outcome", "resale")
COUNTED = ("cases", "axes", "steps", "drop_off")
"""Figures that are kept so."""
Counted = Counter[tuple[str, tuple[str, ...]]]


def counted(state: Mapping[str, Any]) -> Counted:
    """Return what a case counts for, by figure and labels; one that was never worked out counts for nothing."""
    if state["step"] is None:
        return Counter()
    journey, channel, step, ending = (str(state[name]) for name in ("journey", "channel", "step", "ending"))
    counts: Counted = Counter({("cases", (journey, channel, ending)): 1})
    if ending == "open":
        counts["steps", (journey, step, channel)] += 1
        for axis in AXES:
            counts["axes", (axis, str(state[axis]), channel)] += 1
    elif ending in DROPPED:
        counts["drop_off", (journey, step, channel, ending)] += 1
    return counts


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Increment]:
    """Return the sums' changes as a case goes from one state to another; none where it stays."""
    change = counted(after)
    change.subtract(counted(before))
    return [Increment(figure, labels, count=count) for (figure, labels), count in sorted(change.items()) if count]


def drop_state(connection: Connection, tenant: str, case_id: str, now: datetime) -> None:
    """Let a case that is forgotten count for nothing any more."""
    own = (CASE_STATES.c.tenant == tenant, CASE_STATES.c.case_id == case_id)
    row = connection.execute(select(CASE_STATES).where(*own)).mappings().one_or_none()
    if row is not None:
        add_tallies(connection, tenant, moved(dict(row), {"step": None}), now)
        connection.execute(delete(CASE_STATES).where(*own))


def miscounted(connection: Connection) -> int:
    """Return how many of the sums differ from what the cases come to: none, unless somebody has changed a table."""
    names = ("journey", "channel", "step", "ending", *AXES)
    columns = [CASE_STATES.c[name] for name in names]
    right: Counted = Counter()
    for *values, count in connection.execute(select(*columns, func.count()).group_by(*columns)):
        for key in counted(dict(zip(names, values, strict=True))):
            right[key] += count
    sums = read_tallies(connection)
    kept: Counted = Counter({(figure, one.labels): one.count for figure in COUNTED for one in sums.get(figure, ())})
    right.subtract(kept)
    return sum(count != 0 for count in right.values())
