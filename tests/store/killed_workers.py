"""Workers that are killed at random: how often does each job leave its result? For the tests and for the benchmark."""

import multiprocessing
import random
import time
from collections import Counter
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, select

from phonegrade.store import jobs
from phonegrade.store.engines import Database, open_database

RESULTS = Table("result", MetaData(), Column("name", Text, nullable=False), Column("worker", Text, nullable=False))
"""Without any unique column: only the queue itself keeps a job from leaving two."""
LEASE_S = 0.8
SLOW_EVERY = 12
"""Of so many jobs, one outlives its lease the first time: the case that a lease without `worker = me` gets wrong."""


class Outcome(NamedTuple):
    """What came of it."""

    results: Counter[str]
    """Results by job."""
    kills: int
    failed: int
    wall_s: float


def run_with_kills(
    url: str, count: int, kills: int, *, workers: int = 3, seed: int = 1, planted: bool = False
) -> Outcome:
    """Let workers do `count` jobs while `kills` of them are killed, and return what is there afterwards.

    `planted` takes `worker = me` out of the end of a job.
    """
    database = open_database(url)
    started = time.monotonic()
    with database.write() as connection:
        RESULTS.create(connection)
        for number in range(count):
            jobs.add_job(connection, "t", "try", f"{number}", {"number": number}, _now(), max_attempts=1000)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["phonegrade.tests.store.killed_workers"])
    random_ = random.Random(seed)  # noqa: S311  which worker dies when

    def start() -> BaseProcess:
        process = context.Process(target=work, args=(url, planted), daemon=True)
        process.start()
        return process

    running = [start() for _ in range(workers)]
    killed = 0
    while _left(database):
        time.sleep(random_.uniform(0.02, 0.15))
        index = random_.randrange(workers)
        if killed < kills:
            running[index].kill()
            running[index].join()
            killed += 1
        if not running[index].is_alive():
            running[index] = start()
    for process in running:
        process.join(5)
        process.kill()
        process.join()
    with database.read() as connection:
        results = Counter(connection.execute(select(RESULTS.c.name)).scalars())
        failed = jobs.queue_depth(connection)["failed"]
    database.close()
    return Outcome(results, killed, failed, time.monotonic() - started)


def work(url: str, planted: bool) -> None:
    """Do jobs until there are none."""
    if planted:
        jobs.ours = lambda claim: jobs.JOBS.c.id == claim.id
    database = open_database(url)
    me = jobs.worker_name()
    while True:
        claim = jobs.claim_job(database, me, _now(), lease_s=LEASE_S)
        if claim is None:
            if not _left(database):
                break
            time.sleep(0.05)
            continue
        slow = claim.attempt == 1 and claim.payload["number"] % SLOW_EVERY == 0
        time.sleep(1.5 * LEASE_S if slow else 0.005)

        def write(connection: Connection, name: str = claim.name) -> None:
            connection.execute(insert(RESULTS).values(name=name, worker=me))

        jobs.finish_job(database, claim, write, _now)
    database.close()


def _left(database: Database) -> bool:
    with database.read() as connection:
        depth = jobs.queue_depth(connection)
    return depth["waiting"] + depth["running"] > 0


def _now() -> datetime:
    return datetime.now(UTC)
