"""Triggers that keep facts and events as they were written, in either database's language.

A fact may be changed or deleted once its case, or its phone, is forgotten; an event may get its position, once, and be
deleted once it is older than what somebody has set down as old.
"""

from sqlalchemy import Connection

from phonegrade.store.columns import METADATA
from phonegrade.store.fact_tables import FACT_TABLES
from phonegrade.store.honeypots import HONEYPOT_TASKS, HONEYPOTS
from phonegrade.store.state_tables import (
    CASE_STATES,
    EVENT_HORIZONS,
    FILE_DELETIONS,
    LOT_NUMBERS,
    TALLIES,
    TIMED_EVENTS,
)
from phonegrade.store.work_tables import EVENTS

FURTHER = (EVENT_HORIZONS, FILE_DELETIONS, HONEYPOTS, HONEYPOT_TASKS, LOT_NUMBERS, CASE_STATES, TALLIES, TIMED_EVENTS)
"""Tables that no other module of this room has to know for `METADATA` to hold them all."""
_OWNERS = {"case": ("cases", "case_id"), "asset": ("asset", "asset_id")}
_PLACED = "OLD.position IS NULL AND NEW.tenant = OLD.tenant AND NEW.id = OLD.id AND NEW.envelope = OLD.envelope"


def create_tables(connection: Connection) -> None:
    """Make every table and trigger in an empty database, as the migrations would have."""
    METADATA.create_all(connection)
    for statement in append_only_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def append_only_statements(dialect: str) -> list[str]:
    """Return the statements that make the triggers, for a database whose tables are there."""
    make = _for_sqlite if dialect == "sqlite" else _for_postgresql
    statements = [] if dialect == "sqlite" else [_function(owner) for owner in ("case", "asset", "tenant", "event")]
    for fact in FACT_TABLES:
        statements += [make(fact.table.name, verb, fact.owner, "") for verb in ("update", "delete")]
    return [
        *statements,
        make(EVENTS.name, "update", "tenant", _PLACED),
        make(EVENTS.name, "delete", "event", ""),
    ]


def _forgotten(owner: str) -> str:
    if owner == "event":
        return f"EXISTS (SELECT 1 FROM {EVENT_HORIZONS.name} WHERE until > OLD.at)"  # noqa: S608
    if owner not in _OWNERS:
        return "0 = 1"
    table, column = _OWNERS[owner]
    return (
        f"EXISTS (SELECT 1 FROM {table} WHERE tenant = OLD.tenant AND id = OLD.{column} AND forgotten_at IS NOT NULL)"  # noqa: S608
    )


def _for_sqlite(table: str, verb: str, owner: str, allowed: str) -> str:
    return (
        f"CREATE TRIGGER keep_{table}_{verb} BEFORE {verb.upper()} ON {table} FOR EACH ROW "
        f"WHEN NOT ({allowed or _forgotten(owner)}) "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: a row of {table} stays as it is'); END"
    )


def _for_postgresql(table: str, verb: str, owner: str, allowed: str) -> str:
    when = f"WHEN (NOT ({allowed})) " if allowed else ""
    return (
        f"CREATE TRIGGER keep_{table}_{verb} BEFORE {verb.upper()} ON {table} FOR EACH ROW {when}"
        f"EXECUTE FUNCTION phonegrade_keep_{owner}_fact()"
    )


def _function(owner: str) -> str:
    return f"""CREATE FUNCTION phonegrade_keep_{owner}_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_forgotten(owner)} THEN RETURN COALESCE(NEW, OLD); END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'append-only: a row of ' || TG_TABLE_NAME || ' stays as it is';
END $$"""
