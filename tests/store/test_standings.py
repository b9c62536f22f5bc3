"""What is derived follows the facts and the clock: every change of the gate and every lapse is one event."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from phonegrade.configs.journey import load_journeys
from phonegrade.journeys.device_facts import HandOff
from phonegrade.journeys.facts import AnyFact
from phonegrade.store.blobs import FolderBlobs
from phonegrade.store.cases import add_facts, load_case, open_case
from phonegrade.store.engines import Database
from phonegrade.store.event_log import events_after
from phonegrade.store.figures import Figures, read_figures
from phonegrade.store.forget import forget_case
from phonegrade.store.standing_counts import miscounted
from phonegrade.store.standings import settling, sweep, unsettled
from phonegrade.store.state_tables import CASE_STATES, TALLIES
from phonegrade.store.tallies import Increment, Sum, add_tallies, fold, read_tallies
from phonegrade.tests.journeys import builders
from phonegrade.tests.journeys.builders import fact_id, minutes
from phonegrade.tests.store.example import CASE, TENANT, VAULT, example_case

JOURNEYS = load_journeys()
SOON, LATER = minutes(200), minutes(200) + timedelta(days=40)
HAND_OFF = HandOff(**builders.of_case(60, 100), token_sha256="7" * 64, code="42", expires_at=minutes(110))


def settled(database: Database) -> Database:
    return replace(database, settle=settling(JOURNEYS))


def opened(database: Database, *facts: AnyFact, now: datetime = SOON, **members: object) -> None:
    with database.write() as connection:
        open_case(connection, TENANT, example_case().model_copy(update=members), now)
        add_facts(connection, VAULT, TENANT, CASE, facts, now)


def verbs(database: Database, *nouns: str) -> Counter[str]:
    names = (one.type.removeprefix("phonegrade.").removesuffix(".v1") for one in events_after(database, TENANT, 0))
    return Counter(name for name in names if name.split(".")[0] in nouns or name.endswith("expired"))


def figures(database: Database, tenant: str | None = None) -> Figures:
    with database.read() as connection:
        return read_figures(connection, SOON, tenant)


WHOLE = builders.whole_trade_in(JOURNEYS["trade_in"].sha256)


def test_the_gate_s_change_is_an_event_whoever_changed_it(database: Database) -> None:
    following = settled(database)
    asked = builders.review_request(builders.assessment(2, 25, "warehouse"))
    opened(following, *WHOLE, asked)
    assert verbs(database, "resale") == {}
    verdict = builders.review(builders.assessment(2, 25, "warehouse"), "accepted", 101).model_copy(
        update={"request": asked.id}
    )
    with following.write() as connection:
        version = add_facts(connection, VAULT, TENANT, CASE, [verdict], SOON).version
    assert verbs(database, "resale") == {"resale.ready": 1}
    with following.write() as connection:
        assert load_case(connection, TENANT, CASE).version == version
        add_facts(connection, VAULT, TENANT, CASE, [builders.moved("returned", 120, 72)], SOON)
    assert verbs(database, "resale") == {"resale.ready": 1, "resale.blocked": 1}


def test_what_another_process_wrote_is_found_by_the_sweep_once(database: Database) -> None:
    opened(database, *WHOLE)
    assert verbs(database, "resale") == {}
    assert figures(database).unsettled == 1
    assert sweep(database, JOURNEYS, SOON) == 1
    assert verbs(database, "resale") == {"resale.ready": 1}
    assert sweep(database, JOURNEYS, SOON) == 0
    assert figures(database).unsettled == 0


@pytest.mark.parametrize("sweepers", [1, 4])
def test_what_the_clock_ends_is_one_event_each_under_many_sweepers(database: Database, sweepers: int) -> None:
    offer = builders.quote(builders.assessment())
    opened(settled(database), *WHOLE[:-7], offer, HAND_OFF, expires_at=minutes(60 * 24 * 35))
    assert verbs(database) == {"handoff.expired": 1}, "the facts were added after it had ended"
    with ThreadPoolExecutor(sweepers) as threads:
        for one in [threads.submit(sweep, database, JOURNEYS, LATER) for _ in range(4)]:
            one.result()
    assert verbs(database) == {"handoff.expired": 1, "offer.expired": 1, "locks.expired": 1, "case.expired": 1}
    assert sweep(database, JOURNEYS, LATER + timedelta(days=400)) in (0, 1)
    assert sum(verbs(database).values()) == 4
    every = [one for one in figures(database).offers if one.labels["event"] == "expired"]
    assert [one.count for one in every] == [1]


def test_the_clock_closes_the_gate_by_itself(database: Database) -> None:
    opened(settled(database), *WHOLE)
    assert verbs(database, "resale") == {"resale.ready": 1}
    sweep(database, JOURNEYS, LATER)
    assert verbs(database, "resale") == {"resale.ready": 1, "resale.blocked": 1, "locks.expired": 1}


def test_a_case_is_not_due_again_before_the_clock_can_change_it(database: Database) -> None:
    opened(settled(database), *WHOLE)
    with database.read() as connection:
        due_at = connection.execute(select(CASE_STATES.c.due_at)).scalar_one()
        assert unsettled(connection, due_at) == 0
    assert due_at == minutes(8) + timedelta(days=JOURNEYS["trade_in"].needs.locks.max_age_days)  # type: ignore[union-attr]
    assert sweep(database, JOURNEYS, due_at) == 0
    assert sweep(database, JOURNEYS, due_at + timedelta(microseconds=1)) == 1


def test_a_journey_that_is_not_here_is_passed_over(database: Database) -> None:
    opened(database, *WHOLE)
    assert sweep(database, {}, SOON) == 1
    assert sweep(database, {}, SOON) == 0
    assert figures(database).cases == ()


def test_figures_are_a_tenant_s_own_and_count_who_left_where(database: Database, tmp_path: Path) -> None:
    opened(settled(database), *WHOLE[:-7], builders.quote(builders.assessment()))
    sweep(database, JOURNEYS, LATER)
    own = figures(database, TENANT)
    assert [(one.labels["step"], one.labels["how"], one.count) for one in own.drop_off] == [("accept", "lapsed", 1)]
    assert own.steps == own.axes == ()
    assert figures(database, "other").cases == ()
    with database.read() as connection:
        assert miscounted(connection) == 0
    forget_case(database, FolderBlobs(tmp_path), TENANT, CASE, LATER)
    assert figures(database).cases == figures(database).drop_off == ()


def test_a_sum_that_somebody_changed_is_noticed(database: Database) -> None:
    opened(settled(database), *WHOLE)
    with database.write() as connection:
        assert miscounted(connection) == 0
        add_tallies(connection, TENANT, [Increment("cases", ("trade_in", "app", "open"))], SOON)
        assert miscounted(connection) == 1


def test_sums_stay_as_they_were_when_they_are_folded(database: Database) -> None:
    def add(number: int) -> None:
        with database.write() as connection:
            add_tallies(connection, TENANT, [Increment("retakes", ("front", "blur"), number)], SOON)

    with ThreadPoolExecutor(4) as threads:
        for one in [threads.submit(add, number) for number in range(40)]:
            one.result()
        for folding in [threads.submit(fold, database, SOON, 1) for _ in range(4)]:
            folding.result()
    with database.read() as connection:
        assert read_tallies(connection) == {"retakes": [Sum(("front", "blur"), 40, sum(range(40)))]}
        assert read_tallies(connection, "other") == {}
        assert len(connection.execute(select(TALLIES)).all()) == 1


def test_the_first_fact_is_not_lost_to_a_case_of_the_same_phone(database: Database) -> None:
    opened(settled(database), *WHOLE)
    second = example_case().model_copy(update={"id": fact_id(901), "asset": builders.ASSET})
    with settled(database).write() as connection:
        open_case(connection, TENANT, second, SOON)
        add_facts(connection, VAULT, TENANT, CASE, [builders.lock_check(150, 44, activation="on")], SOON)
    assert verbs(database, "resale") == {"resale.ready": 1, "resale.blocked": 1}
    with database.read() as connection:
        assert unsettled(connection, SOON) == 0
