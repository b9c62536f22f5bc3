"""What the tables are made of: ids, times and JSON that mean the same on SQLite and on PostgreSQL."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, MetaData, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

ID_LENGTH = 36
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of the store; every constraint has a name, so that a migration can name it too."""


class Utc(TypeDecorator[datetime]):
    """A moment: goes in only with its zone, comes out in UTC.

    SQLite alone would forget the zone, and PostgreSQL answer in its own.
    """

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC. Raises ValueError for one without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time needs its zone: {value!r} has none")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was stored, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id(now: datetime) -> str:
    """Return a fresh UUIDv7 (RFC 9562, 5.7) as text: ids sort by the millisecond of `now`, the rest is random."""
    milliseconds = int(now.timestamp() * 1000)
    bits = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(UUID(int=bits))


def id_column(name: str = "id", *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    """Return a column of ids."""
    return Column(name, String(ID_LENGTH), primary_key=primary_key, nullable=nullable)


def word_column(name: str, *, nullable: bool = False) -> Column[str]:
    """Return a column of short words or names."""
    return Column(name, Text, nullable=nullable)


def time_column(name: str, *, nullable: bool = False) -> Column[datetime]:
    """Return a column of moments."""
    return Column(name, Utc(), nullable=nullable)


def json_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """Return a column of JSON; as text on both, as records are read whole and never searched."""
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def one_of(column: str, words: Sequence[str]) -> CheckConstraint:
    """Return the constraint that `column` holds one of `words`."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
