"""The schema: migrations lead to what the code describes, from every release on, CHECKs and indexes included."""

import pytest
from sqlalchemy import update

from phonegrade.core.data_errors import DataError, FactConflictError
from phonegrade.journeys.facts import Visit
from phonegrade.store.append_only import create_tables
from phonegrade.store.cases import load_case
from phonegrade.store.columns import METADATA
from phonegrade.store.engines import Database
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.schema import check_schema, is_empty, newest_revision, revision_of, upgrade
from phonegrade.store.work_tables import EVENTS
from phonegrade.tests.store.example import CASE, TENANT, store_example
from phonegrade.tests.store.schema_text import FIRST, RELEASED, described, released, split, statements


def schema_of(database: Database) -> list[str]:
    with database.read() as connection:
        return described(connection)


def test_migrations_lead_to_what_the_code_describes(empty: Database, database: Database) -> None:
    assert is_empty(empty)
    assert upgrade(empty) == (None, newest_revision())
    assert schema_of(empty) == schema_of(database)
    assert len(schema_of(empty)) > 500
    check_schema(empty)
    assert upgrade(empty) == (newest_revision(), newest_revision())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CONSTRAINT ck_job_worker CHECK ((state = 'running') = (worker IS NOT NULL)),", ""),
        ("CREATE INDEX ix_photo_tenant_sha256 ON photo (tenant, sha256)", "SELECT 1"),
        ("WHERE event IN ('accepted', 'declined')", ""),
        ("BEFORE DELETE ON visit", "BEFORE UPDATE ON visit"),
    ],
    ids=["check", "index", "partial index", "trigger"],
)
def test_the_comparison_notices_what_a_migration_forgot(
    empty: Database, database: Database, before: str, after: str
) -> None:
    dialect = "sqlite" if empty.is_sqlite else "postgresql"
    script = (FIRST / f"first_{dialect}.sql").read_text(encoding="utf-8")
    assert before in script
    with empty.write() as connection:
        for statement in split(script.replace(before, after)):
            connection.exec_driver_sql(statement)
    assert schema_of(empty) != schema_of(database)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_first_migration_was_written_from_the_tables(dialect: str) -> None:
    """To be deleted with the second migration: from then on the first stays as it was released."""
    assert split((FIRST / f"first_{dialect}.sql").read_text(encoding="utf-8")) == statements(dialect)


@pytest.mark.parametrize("release", sorted({path.stem.partition("_")[0] for path in RELEASED.glob("*.sql")}))
def test_every_released_schema_is_upgraded_with_its_cases(empty: Database, database: Database, release: str) -> None:
    dialect = "sqlite" if empty.is_sqlite else "postgresql"
    script = (RELEASED / f"{release}_{dialect}.sql").read_text(encoding="utf-8")
    with empty.write() as connection:
        for statement in split(script):
            connection.exec_driver_sql(statement.replace("%", "%%") if dialect == "postgresql" else statement)
    upgrade(empty)
    assert schema_of(empty) == schema_of(database)
    with empty.read() as connection:
        facts = load_case(connection, TENANT, CASE).facts
    assert {type(fact).__name__ for fact in facts.facts} >= {"Visit", "StoredPhoto", "Identifier", "CustodyMove"}


def test_the_snapshot_is_of_a_whole_case(empty: Database) -> None:
    create = "sqlite" if empty.is_sqlite else "postgresql"
    with empty.write() as connection:
        create_tables(connection)
        store_example(connection)
        rows = released(connection, create)
    assert len(rows) > len(METADATA.sorted_tables)


def test_an_old_or_a_newer_database_is_refused_with_the_remedy(empty: Database) -> None:
    with pytest.raises(DataError, match="phonegrade data upgrade"):
        check_schema(empty)
    upgrade(empty)
    with empty.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DataError, match="newer phonegrade"):
        check_schema(empty)
    with empty.read() as connection:
        assert revision_of(connection) == "9999"


def test_facts_and_events_stay_as_they_were_written(database: Database) -> None:
    visits = BY_MODEL[Visit].table
    with database.write() as connection:
        store_example(connection)
    for statement in (
        update(visits).values(recorded_by="somebody else"),
        visits.delete(),
        update(EVENTS).values(envelope="{}"),
        EVENTS.delete(),
    ):
        with pytest.raises(FactConflictError, match="append-only"), database.write() as connection:
            connection.execute(statement)
