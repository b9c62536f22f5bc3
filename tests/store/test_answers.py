"""Idempotency-Key in the database: one effect, whatever is sent again, in whatever process, after whatever crash."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, select

from phonegrade.core.data_errors import AnswerExpiredError
from phonegrade.core.errors import IdempotencyError, StillRunningError, UsageError
from phonegrade.store import answers
from phonegrade.store.answers import StoredAnswer, answer_name, answer_once, find_answer, forget_answers
from phonegrade.store.engines import Database
from phonegrade.tests.store.example import VAULT

EFFECTS = Table("effect", MetaData(), Column("name", Text, nullable=False))
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
REPEATS = 5


def clock() -> datetime:
    return NOW


def repeat_all(database: Database, keys: int) -> Counter[str]:
    """Send each of `keys` requests five times at once; return how often each had its effect."""
    with database.write() as connection:
        EFFECTS.create(connection)

    def send(request: int) -> bytes:
        key = f"key-{request // REPEATS}"

        def work(connection: Connection) -> StoredAnswer:
            connection.execute(insert(EFFECTS).values(name=key))
            return StoredAnswer(201, "application/json", f'"{key}"'.encode(), {"ETag": '"1"'})

        while True:
            try:
                answer, _ = answer_once(database, answer_name("acme", "k", "POST /x", key), key, work, clock)
            except StillRunningError:
                time.sleep(0.002)
                continue
            return answer.body

    with ThreadPoolExecutor(REPEATS) as threads:
        bodies = list(threads.map(send, range(keys * REPEATS)))
    assert bodies == [f'"key-{request // REPEATS}"'.encode() for request in range(keys * REPEATS)]
    with database.read() as connection:
        return Counter(connection.execute(select(EFFECTS.c.name)).scalars())


def test_every_key_has_one_effect_however_often_it_is_sent_at_once(database: Database) -> None:
    effects = repeat_all(database, 60)
    assert set(effects.values()) == {1}
    assert len(effects) == 60


def once(database: Database, body: bytes = b"1", content: str = "c", now: datetime = NOW, **name: str) -> bytes:
    whole = answer_name(**{"tenant": "acme", "holder": "k", "route": "r", "key": "a"} | name)
    return answer_once(database, whole, content, lambda _: StoredAnswer(200, "text/plain", body), lambda: now)[0].body


def test_an_answer_is_given_again_byte_for_byte(database: Database) -> None:
    def work(_: Connection) -> StoredAnswer:
        return StoredAnswer(201, "application/json", b"\xff\x00", {"Location": "/v1/cases/1"})

    name = answer_name("acme", "k", "r", '"a"')
    first, repeated = answer_once(database, name, "c", work, clock)
    again, repeated_again = answer_once(database, name, "c", work, clock)
    assert (repeated, repeated_again) == (False, True)
    assert tuple(first) == tuple(again)
    with database.read() as connection:
        assert find_answer(connection, name) == again


@pytest.mark.parametrize("other", [{"tenant": "b"}, {"holder": "l"}, {"route": "s"}, {"key": "b"}])
def test_a_key_counts_for_one_tenant_holder_and_route(database: Database, other: dict[str, str]) -> None:
    assert once(database) == b"1"
    assert once(database, b"2", **other) == b"2"
    assert once(database, b"3") == b"1"


def test_a_key_with_other_content_is_refused(database: Database) -> None:
    once(database)
    with pytest.raises(IdempotencyError):
        once(database, content="other")


def test_an_error_leaves_nothing_and_may_be_tried_again(database: Database) -> None:
    def fail(_: Connection) -> StoredAnswer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_once(database, answer_name("acme", "k", "r", "a"), "c", fail, clock)
    assert once(database, b"2") == b"2"


def work_slowly(connection: Connection) -> StoredAnswer:
    connection.execute(insert(EFFECTS).values(name="slow"))
    return StoredAnswer(200, "text/plain", b"slow")


def test_a_repeat_meets_the_first_still_running_and_takes_over_once_it_has_crashed(database: Database) -> None:
    name = answer_name("acme", "k", "r", "a")
    assert answers._begin(database, name, "c", "token of a process that is killed now", NOW) is None
    with pytest.raises(StillRunningError):
        once(database)
    assert once(database, b"2", now=NOW + timedelta(seconds=61)) == b"2"


def test_one_that_was_overtaken_leaves_no_effect(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.write() as connection:
        EFFECTS.create(connection)
    begin = answers._begin

    def begin_and_be_overtaken(*arguments: Any) -> StoredAnswer | None:  # noqa: ANN401
        known = begin(*arguments)
        monkeypatch.setattr(answers, "_begin", begin)
        assert once(database, b"quick", now=NOW + timedelta(seconds=61)) == b"quick"
        return known

    monkeypatch.setattr(answers, "_begin", begin_and_be_overtaken)
    with pytest.raises(StillRunningError):
        answer_once(database, answer_name("acme", "k", "r", "a"), "c", work_slowly, clock)
    with database.read() as connection:
        assert connection.execute(select(EFFECTS.c.name)).scalars().all() == []
    assert once(database) == b"quick"


def test_answers_are_kept_for_a_week(database: Database) -> None:
    once(database)
    assert once(database, b"2", now=NOW + timedelta(days=7)) == b"1"
    assert once(database, b"2", now=NOW + timedelta(days=7, seconds=1)) == b"2"
    assert forget_answers(database, NOW + timedelta(days=10)) == 0
    assert forget_answers(database, NOW + timedelta(days=14, seconds=1)) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ü", '"'])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(UsageError):
        answer_name("acme", "k", "r", key)


def test_an_answer_with_a_secret_is_kept_sealed_and_emptied_after_it(database: Database) -> None:
    name = answer_name("acme", "k", "POST /x", "a")
    plain = StoredAnswer(201, "application/json", b"the token", secret_until=NOW + timedelta(minutes=10))
    kept, _ = answer_once(database, name, "c", lambda _: plain.sealed(VAULT), clock)
    again, is_replay = answer_once(database, name, "c", lambda _: plain.sealed(VAULT), clock)
    assert is_replay
    assert again.opened(VAULT, NOW) == kept.opened(VAULT, NOW) == plain
    assert b"token" not in kept.body
    later = NOW + timedelta(minutes=11)
    assert forget_answers(database, later) == 0
    with database.read() as connection:
        empty = find_answer(connection, name)
    assert empty is not None
    assert empty.body == b""
    with pytest.raises(AnswerExpiredError, match="another Idempotency-Key"):
        empty.opened(VAULT, later)
