"""Times the store with 100,000 cases against one with a single case, and counts what kills and repeats leave behind.

    python benchmarks/store.py --data /tmp/cases --cases 100000
    python benchmarks/store.py --data postgresql://USER@HOST/NAME --cases 100000
    python benchmarks/store.py --kills 200 --jobs 600
    python benchmarks/store.py --keys 1000

A store that is not full yet is filled first; what a stopped run has written stays. Kills and repeats run on SQLite in a
temporary folder, and on a PostgreSQL that is started for them where Debian's package is installed.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Table, func, insert, select

from phonegrade.core.inspection import Inspection, Scale
from phonegrade.core.vocabulary import ScaleSource, Surface, View
from phonegrade.journeys.facts import AnyFact, Case
from phonegrade.store.append_only import create_tables
from phonegrade.store.case_search import search_cases
from phonegrade.store.cases import load_case
from phonegrade.store.columns import new_id
from phonegrade.store.engines import Database, open_database
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.schema import is_empty, upgrade
from phonegrade.store.tables import CASES, INSPECTIONS, PHONES
from phonegrade.tests.journeys import builders
from phonegrade.tests.store.killed_workers import run_with_kills
from phonegrade.tests.store.postgresql import MISSING, initdb, running_postgresql
from phonegrade.tests.store.test_answers import repeat_all

TENANT = "bench"
SEED = 20261130
BATCH = 250
START = datetime(2026, 1, 1, tzinfo=UTC)


def records(number: int) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every row of one case: six photos, what became of each, and what else comes with them."""
    moment = START + timedelta(seconds=30 * number)
    case_id, asset, visit = (new_id(moment) for _ in range(3))

    def own(fact: Any) -> Any:  # noqa: ANN401  any fact of the builders
        changed: dict[str, Any] = {"id": new_id(moment), "at": moment, "visit": visit}
        changed |= {"case": case_id} if hasattr(fact, "case") else {"asset": asset}
        return fact.model_copy(update=changed)

    case = builders.case().model_copy(update={"id": case_id, "asset": asset, "at": moment})
    yield PHONES, {"tenant": TENANT, "id": asset, "root_id": asset, "at": moment}
    yield CASES, case_row(case, 17)
    yield fact_row(builders.visit("app").model_copy(update={"id": visit, "case": case_id, "at": moment}))
    photos = [own(builders.photo(surface)) for surface in Surface]
    photos = [one.model_copy(update={"sha256": f"{number:032x}{index:032x}"}) for index, one in enumerate(photos)]
    inspected = [own(builders.inspected(photo)) for photo in photos]
    others = [own(one) for one in (builders.asset(), builders.identifier(f"{number:064x}"), builders.diagnosed())]
    for fact in (*photos, *inspected, *others):
        yield fact_row(fact)
    for photo in photos:
        yield INSPECTIONS, inspection_row(photo.sha256, moment)


def case_row(case: Case, version: int) -> dict[str, Any]:
    """The row of a case."""
    names = {"tenant": TENANT, "id": case.id, "journey": case.journey, "channel": case.channel, "asset_id": case.asset}
    counts = {"version": version, "sequence": 0, "at": case.at, "record": case.model_dump_json()}
    return names | counts


def fact_row(fact: AnyFact) -> tuple[Table, dict[str, Any]]:
    """The row of a fact."""
    kept = BY_MODEL[type(fact)]
    row = {column: getattr(fact, member) for column, member in kept.copied.items()}
    owner = {"case_id": fact.case} if kept.owner == "case" else {"asset_id": fact.asset}  # type: ignore[union-attr]
    common = {"tenant": TENANT, "id": fact.id, "at": fact.at, "recorded_by": fact.by, "visit_id": fact.visit}
    return kept.table, {**row, **owner, **common, "record": fact.model_dump_json()}


def inspection_row(sha256: str, moment: datetime) -> dict[str, Any]:
    """The row of an inspection of a clean surface."""
    scale = Scale(px_per_mm=9.5, source=ScaleSource.CATALOGUE, resolvable_mm=0.2)
    corners = ((1.0, 1.0), (700.0, 1.0), (700.0, 1400.0), (1.0, 1400.0))
    record = Inspection(
        photo="front.jpg",
        photo_sha256=sha256,
        view=View.FRONT,
        view_confidence=0.99,
        outline=corners,
        scale=scale,
        surface_size_mm=(71.5, 146.7),
        quality=(),
        contamination=(),
        defects=(),
    )
    keys = {"tenant": TENANT, "photo_sha256": sha256, "fingerprint": "f" * 64, "at": moment}
    return keys | {"record": record.model_dump_json()}


def fill(database: Database, cases: int, limit_s: float) -> bool:
    """Add cases until there are so many; return whether there are, or the time was over first."""
    began = time.monotonic()
    with database.read() as connection:
        count = int(connection.execute(select(func.count()).select_from(CASES)).scalar_one())
    while count < cases:
        if time.monotonic() - began > limit_s:
            print(f"{count} of {cases} cases after {limit_s:.0f} s; run it again to go on")
            return False
        rows: dict[Table, list[dict[str, Any]]] = {}
        for number in range(count, min(count + BATCH, cases)):
            for table, row in records(number):
                rows.setdefault(table, []).append(row)
        with database.write() as connection:
            for table, several in rows.items():
                connection.execute(insert(table), several)
        count = min(count + BATCH, cases)
    return True


def measure(full: Database, single: Database, reads: int) -> None:
    """Read cases and pages of both stores in turns, and print how long that takes."""
    rng = random.Random(SEED)  # noqa: S311  which case is read
    ids = {}
    for database in (full, single):
        with database.read() as connection:
            every = connection.execute(select(CASES.c.id).where(CASES.c.tenant == TENANT)).scalars().all()
        ids[id(database)] = rng.choices(list(every), k=reads + 20)
    times: dict[str, list[float]] = {}
    for turn in range(reads + 20):
        for name, database in (("full", full), ("one case", single)):
            case = ids[id(database)][turn]
            read_ms = _timed(lambda database=database, case=case: _get(database, case))
            list_ms = _timed(lambda database=database, case=case: _page(database, case))
            if turn >= 20:  # the first warm up
                times.setdefault(f"read a case, {name}", []).append(read_ms)
                times.setdefault(f"list 50 cases, {name}", []).append(list_ms)
    for what, values in sorted(times.items()):
        cuts = statistics.quantiles(values, n=100)
        print(f"{what:28} median {statistics.median(values):6.2f} ms, p95 {cuts[94]:6.2f} ms, {len(values)} times")


def _get(database: Database, case: str) -> None:
    with database.read() as connection:
        load_case(connection, TENANT, case)


def _page(database: Database, before: str) -> None:
    with database.read() as connection:
        search_cases(connection, TENANT, before=before)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


@contextmanager
def databases() -> Iterator[Iterator[tuple[str, str]]]:
    """Names and URLs of an empty SQLite and, where it can be started, of an empty PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        tool = initdb()
        if tool is None:
            print(MISSING)
            yield iter([("SQLite", folder)])
            return
        with running_postgresql(tool, fsync=True) as server:
            yield iter([("SQLite", folder), ("PostgreSQL", _new_database(server))])


def _new_database(server: str) -> str:
    name = f"b{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def count_kills(jobs: int, kills: int) -> None:
    """Kill workers, with and without the planted bug, and print how many results there are of a job."""
    for planted in (False, True):
        with databases() as places:
            for name, url in places:
                _with_tables(url)
                outcome = run_with_kills(url, jobs, kills, planted=planted)
                several = sum(count > 1 for count in outcome.results.values())
                what = "without `worker = me`" if planted else "as it is"
                print(
                    f"{name}, {what}: {jobs} jobs, {outcome.kills} kills, {outcome.wall_s:.0f} s: "
                    f"{len(outcome.results)} with a result, {several} with more than one, {outcome.failed} given up"
                )


def count_repeats(keys: int) -> None:
    """Send each of `keys` requests five times at once, and print how many effects that had."""
    with databases() as places:
        for name, url in places:
            _with_tables(url)
            database = open_database(url)
            began = time.monotonic()
            effects = repeat_all(database, keys)
            print(f"{name}: {keys} keys x 5: {sum(effects.values())} effects, {time.monotonic() - began:.1f} s")
            database.close()


def _with_tables(url: str) -> None:
    database = open_database(url)
    with database.write() as connection:
        create_tables(connection)
    database.close()


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder or URL of the store to fill and measure")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--reads", type=int, default=500)
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds of filling before it stops for now")
    parser.add_argument("--jobs", type=int, default=600)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--keys", type=int)
    options = parser.parse_args()
    if options.kills is not None:
        count_kills(options.jobs, options.kills)
    if options.keys is not None:
        count_repeats(options.keys)
    if options.data is None:
        return
    full = open_database(options.data)
    if is_empty(full):
        upgrade(full)
    with tempfile.TemporaryDirectory() as folder:
        single = open_database(folder if full.is_sqlite else _beside(options.data))
        upgrade(single)
        if fill(full, options.cases, options.limit) and fill(single, 1, options.limit):
            measure(full, single, options.reads)
        single.close()
    full.close()


def _beside(url: str) -> str:
    server, _, _ = url.rpartition("/")
    return _new_database(server)


if __name__ == "__main__":
    sys.exit(main())
