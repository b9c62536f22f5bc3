"""Jobs: done once, whoever dies; given up in the end; asked for once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from phonegrade.store.engines import Database
from phonegrade.store.jobs import (
    MAX_ATTEMPTS,
    RETRY_S,
    Claim,
    add_job,
    claim_job,
    extend_lease,
    fail_job,
    finish_job,
    queue_depth,
)
from phonegrade.tests.store.killed_workers import run_with_kills

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def add(database: Database, name: str = "photo-1", kind: str = "inspect", max_attempts: int = MAX_ATTEMPTS) -> str:
    with database.write() as connection:
        return add_job(connection, "acme", kind, name, {"photo": name}, NOW, max_attempts=max_attempts)


def claimed(database: Database, worker: str, now: datetime = NOW) -> Claim:
    claim = claim_job(database, worker, now, lease_s=10)
    assert claim is not None
    return claim


def write_nothing(connection: Connection) -> None:
    pass


@pytest.mark.parametrize("planted", [False, True], ids=["whole", "lease without its worker"])
def test_each_job_leaves_one_result_whoever_is_killed(database: Database, planted: bool) -> None:
    url = database.url.render_as_string(hide_password=False)
    outcome = run_with_kills(url, count=60, kills=0 if planted else 12, planted=planted)
    assert len(outcome.results) == 60
    more_than_one = {name for name, count in outcome.results.items() if count > 1}
    assert bool(more_than_one) == planted, outcome


def test_a_job_is_asked_for_once(database: Database) -> None:
    assert add(database) == add(database)
    assert add(database, "photo-2") != add(database)
    with database.read() as connection:
        assert queue_depth(connection, "acme")["waiting"] == 2
        assert queue_depth(connection, "other")["waiting"] == 0


def test_nobody_else_gets_a_leased_job_until_the_lease_ends(database: Database) -> None:
    add(database)
    first = claimed(database, "one")
    assert claim_job(database, "two", after(9)) is None
    second = claimed(database, "two", after(10))
    assert second.attempt == 2
    assert not finish_job(database, first, write_nothing, lambda: after(11))
    assert finish_job(database, second, write_nothing, lambda: after(11))
    assert not finish_job(database, second, write_nothing, lambda: after(12))


def test_a_worker_cannot_end_an_earlier_turn_of_its_own(database: Database) -> None:
    add(database)
    first = claimed(database, "one")
    again = claimed(database, "one", after(10))
    assert not finish_job(database, first, write_nothing, lambda: after(11))
    assert not fail_job(database, first, "late", after(11))
    assert finish_job(database, again, write_nothing, lambda: after(11))


def test_a_lease_can_be_extended_by_its_holder_alone(database: Database) -> None:
    add(database)
    first = claimed(database, "one")
    assert extend_lease(database, first, after(9), 10)
    assert claim_job(database, "two", after(15)) is None
    claimed(database, "two", after(19))
    assert not extend_lease(database, first, after(20), 10)


def test_a_result_that_cannot_be_written_leaves_the_job_as_it_was(database: Database) -> None:
    add(database)
    claim = claimed(database, "one")

    def fail(connection: Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        finish_job(database, claim, fail, lambda: after(1))
    assert finish_job(database, claim, write_nothing, lambda: after(2))


def test_a_failed_job_waits_longer_each_time_and_is_given_up(database: Database) -> None:
    add(database)
    now = NOW
    for attempt in range(MAX_ATTEMPTS):
        claim = claimed(database, "one", now)
        assert claim.last == (attempt == MAX_ATTEMPTS - 1)
        assert fail_job(database, claim, "photo_crashed_decoder", now)
        wait_s = RETRY_S[min(attempt, len(RETRY_S) - 1)]
        assert wait_s == 0 or claim_job(database, "one", now + timedelta(seconds=wait_s - 0.1)) is None
        now += timedelta(seconds=wait_s)
    with database.read() as connection:
        assert queue_depth(connection)["failed"] == 1


def test_a_job_that_kills_its_workers_is_given_up(database: Database) -> None:
    add(database, max_attempts=2)
    claimed(database, "one")
    assert claimed(database, "two", after(10)).last
    assert claim_job(database, "three", after(20)) is None
    with database.read() as connection:
        assert queue_depth(connection)["failed"] == 1


def test_a_failure_for_good_is_not_tried_again(database: Database) -> None:
    add(database)
    assert fail_job(database, claimed(database, "one"), "not_an_image", NOW, for_good=True)
    assert claim_job(database, "one", after(1000)) is None


def test_a_worker_takes_the_kinds_that_it_can_do(database: Database) -> None:
    add(database, kind="regrade")
    assert claim_job(database, "one", NOW, ("inspect",)) is None
    claim = claim_job(database, "one", NOW, ("inspect", "regrade"))
    assert claim is not None
    assert (claim.tenant, claim.kind, claim.payload) == ("acme", "regrade", {"photo": "photo-1"})
