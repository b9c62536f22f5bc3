"""What a database is made of, as text: for comparing two, and for writing the first migration.

`python -m phonegrade.tests.store.schema_text` writes the first migration and its snapshot again: until the first
release that has them, and never after it.
"""

import json
import re
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from phonegrade.store.append_only import append_only_statements, create_tables
from phonegrade.store.columns import METADATA
from phonegrade.store.engines import open_database
from phonegrade.store.schema import MIGRATIONS, newest_revision

FIRST = MIGRATIONS / "versions"
RELEASED = Path(__file__).parent / "released"
_VERSION = "INSERT INTO alembic_version VALUES ('{}')"
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
        for what in ("get_foreign_keys", "get_unique_constraints", "get_check_constraints"):
            parts = getattr(inspector, what)(table)
            lines += sorted(f"{table}: {what} {' '.join(repr(one).split())}" for one in parts)
    return [*lines, *_as_sql(connection)]


def _as_sql(connection: Connection) -> list[str]:
    """Indexes and triggers in the database's own words: what SQLAlchemy reads of them leaves out half."""
    if connection.dialect.name == "sqlite":
        queries = ["SELECT sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"]
    else:
        queries = [
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        ]
    rows = [str(row[0]) for query in queries for row in connection.exec_driver_sql(query)]
    return sorted(" ".join(row.split()) for row in rows)


def split(script: str) -> list[str]:
    """The statements of a script: each ends with a semicolon and an empty line."""
    return [one.strip() for one in script.split(";\n\n") if one.strip()]


def released(connection: Connection, dialect: str) -> list[str]:
    """Statements that make this database again with its rows, as the migrations up to here leave it."""
    rows = []
    for table in METADATA.sorted_tables:
        for row in connection.execute(select(table)).mappings():
            values = {name: value for name, value in row.items() if value is not None and not isinstance(value, bytes)}
            if len(values) < sum(value is not None for value in row.values()):
                continue  # sealed secrets: their key is not released
            plain = {name: _plain(value) for name, value in values.items()}
            names, literals = ", ".join(plain), ", ".join(plain.values())
            rows.append(f"INSERT INTO {table.name} ({names}) VALUES ({literals})")  # noqa: S608  our own rows
    version = ["CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"]
    return [*statements(dialect), *rows, *version, _VERSION.format(newest_revision())]


def _plain(value: object) -> str:
    match value:
        case int():
            return str(value)
        case datetime():
            return f"'{value:%Y-%m-%d %H:%M:%S.%f}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return "'" + json.dumps(value) + "'"


def write_first() -> None:
    """Write the first migration's scripts, and the snapshot that later versions are tested to upgrade."""
    from phonegrade.tests.store.example import store_example

    with TemporaryDirectory() as folder:
        database = open_database(folder)
        with database.write() as connection:
            create_tables(connection)
            store_example(connection)
        for dialect in DIALECTS:
            _write(FIRST / f"first_{dialect}.sql", statements(dialect))
            with database.read() as connection:
                _write(RELEASED / f"first_{dialect}.sql", released(connection, dialect))
        database.close()


def _write(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"{one};\n\n" for one in lines), encoding="utf-8")


if __name__ == "__main__":
    write_first()
