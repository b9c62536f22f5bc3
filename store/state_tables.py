"""What is kept beside the facts and is none: where each case stands, sums, numbers in lots, and what upkeep notes.

`phonegrade data sweep` works out again from the facts where cases stand.
"""

from typing import get_args

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, PrimaryKeyConstraint, Table, text

from phonegrade.journeys.facts import Channel
from phonegrade.store.columns import METADATA, id_column, one_of, time_column, word_column
from phonegrade.store.tables import in_tenant

CASE_STATES = Table(
    "case_state",
    METADATA,
    word_column("tenant"),
    id_column("case_id"),
    word_column("journey"),
    word_column("channel"),
    word_column("step", nullable=True),
    word_column("ending"),
    word_column("evidence"),
    word_column("deal"),
    word_column("custody"),
    word_column("outcome"),
    word_column("resale"),
    time_column("step_at"),
    id_column("agreed_id", nullable=True),
    id_column("erased_id", nullable=True),
    Column("stale", Boolean, nullable=False),
    time_column("due_at", nullable=True),
    PrimaryKeyConstraint("tenant", "case_id"),
    in_tenant("case_id", "cases"),
    one_of("channel", get_args(Channel)),
    Index("ix_case_state_stale", "tenant", "case_id", sqlite_where=text("stale = 1"), postgresql_where=text("stale")),
    Index(
        "ix_case_state_due",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)
"""Where a case stands. `stale`: a fact was added since; `due_at`: the clock may change it then; no `step`: never
worked out. `agreed_id` and `erased_id` are the assessment and the certificate that have been counted."""

TALLIES = Table(
    "tally",
    METADATA,
    id_column(primary_key=True),
    word_column("tenant"),
    word_column("figure"),
    word_column("labels"),
    Column("count", BigInteger, nullable=False),
    Column("total", Float, nullable=False),
    Index(None, "tenant", "figure"),
)
"""Sums by figure and labels: rows are only added, so that nobody waits for another, and folded now and then."""

TIMED_EVENTS = Table(
    "timed_event",
    METADATA,
    word_column("tenant"),
    word_column("noun_verb"),
    id_column("subject_id"),
    time_column("at"),
    PrimaryKeyConstraint("tenant", "noun_verb", "subject_id"),
)
"""Events that the clock led to and that have been written: each is, once."""

LOT_NUMBERS = Table(
    "lot_number",
    METADATA,
    word_column("tenant"),
    id_column("lot_id"),
    word_column("hmac"),
    Column("line", Integer, nullable=True),
    id_column("scan_id", nullable=True),
    PrimaryKeyConstraint("tenant", "lot_id", "hmac"),
    in_tenant("lot_id", "lot"),
    Index(None, "tenant", "hmac"),
)
"""Keyed hashes by lot: `line` expects that number, `scan_id` read it. No fact: forgetting a phone deletes its own."""

FILE_DELETIONS = Table(
    "file_deletion",
    METADATA,
    word_column("tenant"),
    word_column("sha256"),
    time_column("at"),
    PrimaryKeyConstraint("tenant", "sha256"),
)
"""Files that a forgotten case had: each is deleted unless something needs it by then, whoever dies in between."""

EVENT_HORIZONS = Table("event_horizon", METADATA, id_column(primary_key=True), time_column("until"), time_column("at"))
"""Events of before `until` may be deleted since `at`: the one way by which the database lets an event go."""
