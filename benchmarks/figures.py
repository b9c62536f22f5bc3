"""Times the figures of /metrics over many cases, and how long one case takes to be worked out anew.

    python benchmarks/figures.py --cases 100000

On SQLite in a temporary folder, and on a PostgreSQL that is started for it where Debian's package is installed. Every
case stands somewhere, drawn at random, and a request for a review waits for one in twenty.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Table, insert, update

from phonegrade.benchmarks.store import case_row, databases, fact_row
from phonegrade.configs.journey import load_journeys
from phonegrade.journeys.evidence_facts import ReviewRequest
from phonegrade.service.journey_metrics import JourneyCollector
from phonegrade.store.append_only import create_tables
from phonegrade.store.cases import add_facts, open_case
from phonegrade.store.columns import new_id
from phonegrade.store.engines import Database, open_database
from phonegrade.store.standing_counts import moved
from phonegrade.store.standings import sweep
from phonegrade.store.state_tables import CASE_STATES, TALLIES
from phonegrade.store.tables import CASES, PHONES
from phonegrade.store.tallies import Increment, add_tallies, fold, timed
from phonegrade.tests.journeys import builders
from phonegrade.tests.store.example import VAULT

TENANT = "bench"
START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 2000
WORDS: dict[str, tuple[str, ...]] = {
    "journey": ("trade_in", "insurance", "warranty", "care"),
    "channel": ("app", "web", "kiosk", "store", "warehouse"),
    "step": ("consent", "identify", "test", "photograph", "assess", "qualify", "accept", "verify", "erase", "settle"),
    "ending": ("open", "open", "open", "open", "done", "lapsed", "idle"),
    "evidence": ("empty", "incomplete", "retake", "provisional", "needs_person", "verified"),
    "deal": ("none", "qualified", "offered", "accepted", "declined", "settled"),
    "custody": ("customer", "in_transit", "ours", "sold"),
    "outcome": ("waiting", "qualified", "unqualified", "needs_person"),
    "resale": ("blocked", "ready"),
}


def fill(database: Database, cases: int) -> None:
    """Store cases that stand somewhere."""
    rng = random.Random(20261130)  # noqa: S311  where each case stands
    for first in range(0, cases, BATCH):
        rows: dict[Table, list[dict[str, Any]]] = {}
        for number in range(first, min(first + BATCH, cases)):
            for table, row in _rows(number, rng):
                rows.setdefault(table, []).append(row)
        with database.write() as connection:
            for table, several in rows.items():
                connection.execute(insert(table), several)
            labels = [("trade_in", rng.choice(WORDS["step"]), "app") for _ in range(40)]
            add_tallies(
                connection, TENANT, [timed("step_seconds", one, rng.expovariate(0.001)) for one in labels], START
            )


def _rows(number: int, rng: random.Random) -> list[tuple[Table, dict[str, Any]]]:
    moment = START + timedelta(seconds=number)
    case = builders.case().model_copy(update={"id": new_id(moment), "asset": new_id(moment), "at": moment})
    state = {name: rng.choice(words) for name, words in WORDS.items()}
    keys = {
        "tenant": TENANT,
        "case_id": case.id,
        "step_at": moment,
        "stale": False,
        "due_at": moment + timedelta(days=900),
    }
    rows: list[tuple[Table, dict[str, Any]]] = [
        (PHONES, {"tenant": TENANT, "id": case.asset, "root_id": case.asset, "at": moment}),
        (CASES, {**case_row(case, 1), "tenant": TENANT}),
        (CASE_STATES, keys | state),
        *((TALLIES, _sum(moment, one)) for one in moved({"step": None}, state)),
    ]
    if number % 20 == 0:
        own = {"id": new_id(moment), "at": moment, "by": "key-1", "case": case.id, "assessment": new_id(moment)}
        table, row = fact_row(ReviewRequest.model_validate({**own, "reason": "uncertain"}))
        rows.append((table, {**row, "tenant": TENANT}))
    return rows


def _sum(moment: datetime, one: Increment) -> dict[str, Any]:
    own = {"id": new_id(moment), "tenant": TENANT, "figure": one.figure, "labels": json.dumps(one.labels)}
    return own | {"count": one.count, "total": one.total}


def time_settling(database: Database, rounds: int) -> list[float]:
    """Return how long, in ms, each of several cases with a whole trade-in takes to be worked out."""
    journeys = load_journeys()
    facts = builders.whole_trade_in(journeys["trade_in"].sha256)
    with database.write() as connection:
        open_case(connection, TENANT, builders.case(), builders.AT)
        add_facts(connection, VAULT, TENANT, builders.CASE, facts, builders.AT)
    times = []
    for turn in range(rounds):
        with database.write() as connection:
            connection.execute(update(CASE_STATES).where(CASE_STATES.c.case_id == builders.CASE).values(stale=True))
        times.append(_timed(lambda turn=turn: sweep(database, journeys, builders.minutes(200 + turn / 1000))))
    return times


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def measure(database: Database, what: str, cases: int, reads: int) -> None:
    """Fill the store, and print how long a scrape takes."""
    fill(database, cases)
    folded = _timed(lambda: fold(database, START))
    fill(database, 50)  # rows that are not folded yet
    registry = CollectorRegistry()
    registry.register(JourneyCollector(database, lambda: START + timedelta(days=300)))
    times = [_timed(lambda: generate_latest(registry)) for _ in range(reads)]
    typical, most = statistics.median(times), max(times)
    print(f"{what}: figures median {typical:.0f} ms, most {most:.0f} ms; folding before {folded:.0f} ms")


def main() -> None:
    """Measure both databases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--reads", type=int, default=20)
    options = parser.parse_args()
    with databases() as places:
        for name, url in places:
            database = open_database(url)
            with database.write() as connection:
                create_tables(connection)
            for cases in (1, options.cases):
                measure(database, f"{name}, {cases} cases", cases, options.reads)
            settled = time_settling(database, options.reads)
            print(f"{name}: one case worked out anew median {statistics.median(settled):.1f} ms")
            database.close()


if __name__ == "__main__":
    main()
