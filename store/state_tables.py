"""What is derived, kept beside the facts so that it can be counted: where each case stands, and sums of what happened.

None of it is a fact: `phonegrade data sweep` works the standings out again from the facts.
"""

from typing import get_args

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, PrimaryKeyConstraint, Table, text

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
