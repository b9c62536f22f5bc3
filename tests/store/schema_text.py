"""What a database is made of, as text: for comparing two, and for writing the first migration.

`python -m phonegrade.tests.store.schema_text` writes the first migration and its snapshot again: until the first
release that has them, and never after it.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from phonegrade.store.append_only import append_only_statements
from phonegrade.store.columns import METADATA
from phonegrade.store.schema import MIGRATIONS

FIRST = MIGRATIONS / "versions"
DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def statements(dialect: str) -> list[str]:
    """Every statement that `create_tables` executes."""
    made = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=DIALECTS[dialect])).strip())
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            made.append(str(CreateIndex(index).compile(dialect=DIALECTS[dialect])).strip())
    return [re.sub(r"[ \t]+\n", "\n", one).replace("\t", "  ") for one in (*made, *append_only_statements(dialect))]


def described(connection: Connection) -> list[str]:
    """Tables, columns, keys, CHECKs, indexes and triggers of a database, one a line, without Alembic's own table."""
    lines = []
    inspector = inspect(connection)
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        for column in inspector.get_columns(table):
            lines.append(f"{table}: {column['name']} {column['type']!r} null={column['nullable']} {column['default']}")
        lines.append(f"{table}: pk {inspector.get_pk_constraint(table)}")
        for what in ("get_foreign_keys", "get_unique_constraints", "get_check_constraints", "get_indexes"):
            found = getattr(inspector, what)(table)
            lines += sorted(f"{table}: {what} {' '.join(repr(one).split())}" for one in found)
    return [*lines, *_triggers(connection)]


def _triggers(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    else:
        rows = connection.exec_driver_sql(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
            "UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
    return sorted(" ".join(str(row[0]).split()) for row in rows)


def split(script: str) -> list[str]:
    """The statements of a script: each ends with a semicolon and an empty line."""
    return [one.strip() for one in script.split(";\n\n") if one.strip()]


def write_first() -> None:
    """Write the first migration's scripts."""
    for dialect in DIALECTS:
        text = "".join(f"{one};\n\n" for one in statements(dialect))
        Path(FIRST / f"first_{dialect}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_first()
