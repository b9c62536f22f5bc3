"""Two databases, one behaviour: nothing is lost, times keep their zone, readers change nothing."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.exc import StatementError

from phonegrade.core.data_errors import DataError, FactConflictError
from phonegrade.core.errors import BusyError, UsageError
from phonegrade.store.columns import Utc, new_id
from phonegrade.store.engines import Database, open_database

COUNTER = Table("counter", MetaData(), Column("value", Integer, nullable=False), Column("at", Utc()))


@pytest.fixture
def counting(empty: Database) -> Database:
    with empty.write() as connection:
        COUNTER.create(connection)
        connection.execute(insert(COUNTER).values(value=0))
    return empty


def test_no_read_modify_write_is_lost(counting: Database) -> None:
    def count(_: int) -> None:
        for _ in range(100):
            with counting.write() as connection:
                value = connection.execute(select(COUNTER.c.value).with_for_update()).scalar_one()
                connection.execute(update(COUNTER).values(value=value + 1))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(4)))
    with counting.read() as connection:
        assert connection.execute(select(COUNTER.c.value)).scalar_one() == 400


def test_a_moment_comes_back_in_utc_and_one_without_a_zone_is_refused(counting: Database) -> None:
    noon = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with counting.write() as connection:
        connection.execute(update(COUNTER).values(at=noon))
    with counting.read() as connection:
        stored = connection.execute(select(COUNTER.c.at)).scalar_one()
        assert stored == noon
        assert stored.tzinfo == UTC
        assert connection.execute(select(COUNTER.c.value).where(COUNTER.c.at == noon)).scalar_one() == 0
    with pytest.raises(StatementError, match="needs its zone"), counting.write() as connection:
        connection.execute(update(COUNTER).values(at=datetime(2026, 11, 30)))


def test_a_reader_sees_one_state_and_changes_nothing(counting: Database) -> None:
    with counting.read() as reader:
        before = reader.execute(select(COUNTER.c.value)).scalar_one()
        with counting.write() as connection:
            connection.execute(update(COUNTER).values(value=before + 1))
        assert reader.execute(select(COUNTER.c.value)).scalar_one() == before
    with pytest.raises((BusyError, DataError)), counting.read() as reader:
        reader.execute(update(COUNTER).values(value=9))


def test_a_failed_body_leaves_nothing(counting: Database) -> None:
    def fail() -> None:
        with counting.write() as connection:
            connection.execute(update(COUNTER).values(value=7))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with counting.read() as connection:
        assert connection.execute(select(COUNTER.c.value)).scalar_one() == 0


def test_an_error_holds_no_value_that_was_to_be_stored(counting: Database) -> None:
    with pytest.raises(FactConflictError) as caught, counting.write() as connection:
        connection.execute(insert(COUNTER).values(value=None, at=datetime(1987, 6, 5, tzinfo=UTC)))
    assert "1987" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("data", ["mysql://a:secret@localhost/x", "sqlite://", "://"])
def test_other_databases_are_refused_without_their_password(data: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_database(data)
    assert "secret" not in str(refused.value)


def test_ids_sort_by_time_and_are_uuids_of_version_7() -> None:
    start = datetime(2026, 11, 30, tzinfo=UTC)
    ids = [new_id(start + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids)
    assert all(one[14] == "7" and one[19] in "89ab" for one in ids)
