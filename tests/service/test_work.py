"""`phonegrade work` as processes of its own, killed in the middle: each stored photo is inspected exactly once."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from phonegrade.configs.policy import shipped_policy
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.evidence_facts import Inspected
from phonegrade.service.inspections import Basis, ask_for_inspection
from phonegrade.store.cases import add_facts, load_case, open_case
from phonegrade.store.jobs import JobState, queue_depth
from phonegrade.store.schema import upgrade
from phonegrade.store.store import Store, open_store
from phonegrade.store.vault import KEY_VARIABLE
from phonegrade.store.work_tables import JOBS
from phonegrade.tests.journeys import builders
from phonegrade.tests.service.case_client import KEY, place
from phonegrade.tests.store.example import CASE, TENANT, example_case

ROOT = Path(__file__).parents[2]


def stored(store: Store) -> None:
    """Add a case of six photos that wait for their inspections."""
    now = datetime.now(UTC)
    with store.database.write() as connection:
        open_case(connection, TENANT, example_case(), now)
        for surface in Surface:
            sha256 = store.blobs.put(TENANT, (ROOT / "samples" / f"{surface}.jpg").read_bytes())
            photo = builders.photo(surface).model_copy(update={"sha256": sha256, "visit": None})
            add_facts(connection, store.vault, TENANT, CASE, [photo], now)
            basis = Basis(surface, None, shipped_policy("ctia-like"))
            ask_for_inspection(connection, TENANT, photo, basis, now)


def depth(store: Store) -> dict[JobState, int]:
    with store.database.read() as connection:
        return queue_depth(connection)


def begun(data: str, blobs: str, folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "phonegrade", "work", "--data", data, "--blobs", blobs, "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT.parent), KEY_VARIABLE: KEY}
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)  # noqa: S603


def wait_for(store: Store, process: "subprocess.Popen[bytes]", state: JobState, count: int) -> None:
    deadline = time.monotonic() + 120
    while depth(store)[state] < count:
        assert process.poll() is None, "the workers ended by themselves"
        assert time.monotonic() < deadline, depth(store)
        time.sleep(0.02)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_photos_of_killed_workers_are_inspected_once_by_others(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    with place(kind, tmp_path) as (data, blobs), open_store(data, blobs) as store:
        upgrade(store.database)
        stored(store)
        for finished in (1, 2):
            process = begun(data, blobs, tmp_path)
            wait_for(store, process, "done", finished)
            wait_for(store, process, "running", 1)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            with store.database.write() as connection:  # two minutes later
                late = datetime.now(UTC) - timedelta(seconds=1)
                connection.execute(update(JOBS).where(JOBS.c.state == "running").values(leased_until=late))
        process = begun(data, blobs, tmp_path)
        wait_for(store, process, "done", len(Surface))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        with store.database.read() as connection:
            facts = load_case(connection, TENANT, CASE).facts.every(Inspected)
        assert sorted(one.surface or "" for one in facts) == sorted(Surface)
        assert {one.problem for one in facts} == {None}
        assert len({one.fingerprint[16:] for one in facts}) == 1, "models and code are the same for all"
