"""Tables of the store's own work: jobs, events and their delivery, and answers to requests that are sent again."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from phonegrade.store.columns import METADATA, id_column, json_column, one_of, time_column, word_column
from phonegrade.store.tables import in_tenant

JOBS = Table(
    "job",
    METADATA,
    word_column("tenant"),
    id_column(),
    word_column("kind"),
    word_column("name"),
    json_column("payload"),
    word_column("state"),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    time_column("at"),
    time_column("run_at"),
    word_column("worker", nullable=True),
    time_column("leased_until", nullable=True),
    time_column("ended_at", nullable=True),
    word_column("problem", nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("tenant", "kind", "name"),
    one_of("state", ("waiting", "running", "done", "failed")),
    CheckConstraint("attempts >= 0 AND attempts <= max_attempts", name="attempts"),
    CheckConstraint("(state = 'running') = (worker IS NOT NULL)", name="worker"),
    CheckConstraint("(worker IS NULL) = (leased_until IS NULL)", name="lease"),
    Index(
        "ix_job_due",
        "run_at",
        "id",
        sqlite_where=text("state IN ('waiting', 'running')"),
        postgresql_where=text("state IN ('waiting', 'running')"),
    ),
)
"""Work for later; (tenant, kind, name) is what it does, so that the same is never asked for twice."""

EVENTS = Table(
    "event",
    METADATA,
    word_column("tenant"),
    id_column(),
    Column("position", BigInteger, nullable=True),
    word_column("type"),
    time_column("at"),
    id_column("case_id", nullable=True),
    Column("sequence", Integer, nullable=True),
    Column("envelope", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("position"),
    in_tenant("case_id", "cases"),
    UniqueConstraint("tenant", "case_id", "sequence"),
    CheckConstraint("(case_id IS NULL) = (sequence IS NULL)", name="sequence"),
    Index(None, "tenant", "position"),
    Index(
        "ix_event_unplaced",
        "at",
        "id",
        sqlite_where=text("position IS NULL"),
        postgresql_where=text("position IS NULL"),
    ),
)
"""The outbox. `position` is the order in which readers get them; see `store/event_log.py`."""

SUBSCRIPTIONS = Table(
    "subscription",
    METADATA,
    word_column("tenant"),
    id_column(),
    word_column("url"),
    json_column("types"),
    Column("secret", LargeBinary, nullable=False),
    word_column("state"),
    word_column("why", nullable=True),
    Column("position", BigInteger, nullable=False),
    time_column("at"),
    PrimaryKeyConstraint("tenant", "id"),
    one_of("state", ("enabled", "disabled")),
)
"""Who gets which events by webhook; `position` is up to where deliveries have been made of them."""

DELIVERIES = Table(
    "delivery",
    METADATA,
    word_column("tenant"),
    id_column("subscription_id"),
    id_column("event_id"),
    Column("position", BigInteger, nullable=False),
    word_column("state"),
    Column("attempts", Integer, nullable=False),
    time_column("at"),
    time_column("run_at"),
    word_column("worker", nullable=True),
    time_column("leased_until", nullable=True),
    time_column("ended_at", nullable=True),
    Column("status", Integer, nullable=True),
    word_column("problem", nullable=True),
    PrimaryKeyConstraint("tenant", "subscription_id", "event_id"),
    in_tenant("subscription_id", "subscription"),
    ForeignKeyConstraint(["tenant", "event_id"], ["event.tenant", "event.id"]),
    one_of("state", ("waiting", "sending", "delivered", "failed")),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(
        "ix_delivery_due",
        "run_at",
        "position",
        sqlite_where=text("state IN ('waiting', 'sending')"),
        postgresql_where=text("state IN ('waiting', 'sending')"),
    ),
)
"""One event for one subscription, once."""

ANSWERS = Table(
    "idempotency",
    METADATA,
    word_column("tenant"),
    word_column("holder"),
    word_column("route"),
    word_column("name"),
    word_column("fingerprint"),
    word_column("token", nullable=True),
    time_column("leased_until", nullable=True),
    time_column("at"),
    Column("status", Integer, nullable=True),
    json_column("headers", nullable=True),
    word_column("media_type", nullable=True),
    Column("body", LargeBinary, nullable=True),
    time_column("secret_until", nullable=True),
    PrimaryKeyConstraint("tenant", "holder", "route", "name"),
    CheckConstraint("(status IS NULL) = (token IS NOT NULL)", name="answered_or_running"),
    CheckConstraint("(token IS NULL) = (leased_until IS NULL)", name="lease"),
    Index(None, "at"),
)
"""Answers by holder, route and Idempotency-Key; `token` is whose turn it is while there is none yet.

The body of an answer with a `secret_until` is sealed, and emptied after that moment.
"""
