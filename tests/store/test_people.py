"""Principals and reviewers: keys count while they should, links once, and nobody reviews what another has open."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from phonegrade.core.data_errors import FactConflictError, NotFoundError
from phonegrade.journeys.evidence_facts import Review, ReviewRequest
from phonegrade.store.cases import add_facts
from phonegrade.store.engines import Database
from phonegrade.store.principals import add_principal, find_principal, principals, revoke_principal
from phonegrade.store.reviews import LEASE, check_lease, next_review, release_review, waiting_reviews
from phonegrade.store.tables import PRINCIPALS
from phonegrade.tests.journeys.builders import fact_id, minutes, of_case
from phonegrade.tests.store.example import CASE, NOW, TENANT, VAULT, store_example

HOUR = timedelta(hours=1)


def test_a_key_counts_until_it_expires_or_is_revoked(database: Database) -> None:
    with database.write() as connection:
        text, principal = add_principal(connection, TENANT, "kiosk-7", ("kiosk",), NOW, expires_at=NOW + HOUR)
        assert find_principal(connection, text, NOW) == principal
        assert find_principal(connection, text, NOW + HOUR) is None
        stored = connection.execute(select(PRINCIPALS.c.sha256)).scalar_one()
        assert text.rpartition("_")[2] not in stored
        with pytest.raises(NotFoundError):
            revoke_principal(connection, "other", principal.id, NOW)
        revoke_principal(connection, TENANT, principal.id, NOW)
        assert find_principal(connection, text, NOW) is None
        assert [one.id for one in principals(connection, TENANT)] == [principal.id]
        assert principals(connection, "other") == []


@pytest.mark.parametrize("text", ["", "pg_0123456789_", "pg_0123456789_" + "x" * 43, "nonsense"])
def test_a_wrong_key_does_not_count(database: Database, text: str) -> None:
    with database.write() as connection:
        key, _ = add_principal(connection, TENANT, "kiosk-7", ("kiosk",), NOW)
        assert find_principal(connection, text, NOW) is None
        assert find_principal(connection, key[:-1] + ("A" if key[-1] != "A" else "B"), NOW) is None


def test_a_link_is_of_one_case_and_is_revoked_with_it_alone(database: Database) -> None:
    with database.write() as connection:
        store_example(connection)
        text, link = add_principal(
            connection, TENANT, "link", ("app",), NOW, kind="link", case=CASE, expires_at=NOW + HOUR
        )
        key = add_principal(connection, TENANT, "kiosk-7", ("kiosk",), NOW).principal
        assert find_principal(connection, text, NOW) == link
        assert (link.kind, link.case, find_principal(connection, text, NOW + HOUR)) == ("link", CASE, None)
        assert [one.id for one in principals(connection, TENANT, CASE)] == [link.id]
        for other, case in ((link.id, fact_id(999)), (key.id, CASE), (link.id, None)):
            with pytest.raises(NotFoundError):
                revoke_principal(connection, TENANT, other, NOW, case)
        revoke_principal(connection, TENANT, link.id, NOW, CASE)
        assert find_principal(connection, text, NOW) is None


@pytest.fixture
def queue(database: Database) -> Database:
    """Three requests, the second the most urgent."""
    due = [None, minutes(100), minutes(200)]
    requests = [
        ReviewRequest(**of_case(400 + index, 10), assessment=fact_id(300), reason="uncertain", due_at=moment)
        for index, moment in enumerate(due)
    ]
    with database.write() as connection:
        store_example(connection)
        add_facts(connection, VAULT, TENANT, CASE, requests, NOW)
    return database


def take(database: Database, reviewer: str, minutes_later: float = 0) -> str | None:
    with database.write() as connection:
        leased = next_review(connection, TENANT, reviewer, NOW + timedelta(minutes=minutes_later))
    return None if leased is None else leased.request.id


def test_the_most_urgent_comes_first_and_nobody_else_gets_it(queue: Database) -> None:
    assert [take(queue, one) for one in "abcd"] == [fact_id(401), fact_id(402), fact_id(400), None]
    assert take(queue, "b") == fact_id(402)
    assert take(queue, "d", 10.1) == fact_id(401)


def test_of_many_reviewers_at_a_time_each_gets_another(queue: Database) -> None:
    with ThreadPoolExecutor(3) as threads:
        got = list(threads.map(lambda number: take(queue, f"r{number}"), range(3)))
    taken = [one for one in got if one is not None]
    assert len(taken) == len(set(taken)) >= 1


def test_a_verdict_takes_it_off_the_queue_and_there_is_one(queue: Database) -> None:
    with queue.write() as connection:
        assert waiting_reviews(connection, TENANT) == 3
        verdict = Review(
            **of_case(450, 20), assessment=fact_id(300), request=fact_id(401), reason="uncertain", verdict="accepted"
        )
        add_facts(connection, VAULT, TENANT, CASE, [verdict], NOW)
        assert waiting_reviews(connection, TENANT) == 2
    assert take(queue, "a") == fact_id(402)
    again = verdict.model_copy(update={"id": fact_id(451)})
    with pytest.raises(FactConflictError), queue.write() as connection:
        add_facts(connection, VAULT, TENANT, CASE, [again], NOW)


def test_a_lease_is_checked_released_and_runs_out(queue: Database) -> None:
    assert take(queue, "a") == fact_id(401)
    with queue.write() as connection:
        check_lease(connection, TENANT, fact_id(401), "a", NOW)
        for reviewer, now in (("b", NOW), ("a", NOW + LEASE)):
            with pytest.raises(FactConflictError):
                check_lease(connection, TENANT, fact_id(401), reviewer, now)
        release_review(connection, TENANT, fact_id(401), "b")
        check_lease(connection, TENANT, fact_id(401), "a", NOW)
        release_review(connection, TENANT, fact_id(401), "a")
        assert next_review(connection, "other", "a", NOW) is None
    assert take(queue, "b") == fact_id(401)
