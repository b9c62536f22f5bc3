"""Stored photos are inspected exactly once: whoever dies, whoever is slow, and however busy the workers are."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from phonegrade.configs.policy import shipped_policy
from phonegrade.configs.policy_set import PolicySet
from phonegrade.core.errors import BusyError, PhotoCrashedDecoderError, SetupError
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.evidence_facts import Inspected, StoredPhoto
from phonegrade.service import inspections
from phonegrade.service.inspections import KIND, Basis, PhotoInspections, ask_for_inspection
from phonegrade.service.pool_settings import PoolSettings
from phonegrade.service.tasks import JSON, Body, DescribeModels, InspectedSurface, InspectSurface
from phonegrade.store.cases import add_facts, load_case, open_case
from phonegrade.store.jobs import claim_job, finish_job, queue_depth
from phonegrade.store.store import Store, open_store
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.journeys import builders
from phonegrade.tests.store.example import CASE, TENANT, example_case

POLICY = shipped_policy("ctia-like")


class ScriptedPool:
    """Answers each photo with the next of `answers`: an error is raised, anything else inspects it."""

    def __init__(self, record: Inspection, *answers: Exception | None) -> None:
        self.settings = PoolSettings(workers=2)
        self.ready, self.busy, self.waiting = 2, 0, 0
        self.asked = 0
        self._record, self._answers = record, list(answers)

    async def run(self, task: Any, data: bytes = b"", **options: bool) -> object:  # noqa: ANN401
        if isinstance(task, DescribeModels):
            return Body(JSON, json.dumps({"models": {"locator": {"sha256": "a" * 64}}}).encode())
        assert isinstance(task, InspectSurface)
        assert data == device_photos()[Surface.FRONT]
        self.asked += 1
        answer = self._answers.pop(0) if self._answers else None
        if answer is not None:
            raise answer
        await asyncio.sleep(0)
        event = {"inspection": self._record.model_dump(mode="json"), "error": None}
        return InspectedSurface(b"", json.dumps(event).encode())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A case with one photo that waits for its inspection."""
    with open_store(str(tmp_path / "data")) as opened:
        now = datetime.now(UTC)
        sha256 = opened.blobs.put(TENANT, device_photos()[Surface.FRONT])
        photo = builders.photo(Surface.FRONT).model_copy(update={"sha256": sha256, "visit": None})
        with opened.database.write() as connection:
            open_case(connection, TENANT, example_case(), now)
            add_facts(connection, opened.vault, TENANT, CASE, [photo], now)
            for _ in range(2):
                ask_for_inspection(connection, TENANT, photo, Basis(Surface.FRONT, None, POLICY), now)
        yield opened


@pytest.fixture
def record(inspector: Any, store: Store) -> Inspection:  # noqa: ANN401
    from phonegrade.core.photo_file import PhotoFile

    photo = PhotoFile("front", device_photos()[Surface.FRONT], Surface.FRONT)
    inspection: Inspection = inspector.inspect(photo)
    return inspection


def run_until_idle(store: Store, pool: Any, after: timedelta = timedelta(0)) -> None:  # noqa: ANN401
    """Let one service inspect until nothing is due any more, with its clock so far ahead."""

    async def main() -> None:
        def clock() -> datetime:
            return datetime.now(UTC) + after

        service = PhotoInspections(store, pool, PolicySet(), (), clock)
        running = asyncio.create_task(service.run())
        for _ in range(400):
            await asyncio.sleep(0.01)
            with store.database.read() as connection:
                depth = queue_depth(connection)
            if depth["waiting"] + depth["running"] == 0:
                break
        service.stop()
        await asyncio.wait_for(running, 10)

    asyncio.run(main())


def inspected(store: Store) -> tuple[Inspected, ...]:
    with store.database.read() as connection:
        return load_case(connection, TENANT, CASE).facts.every(Inspected)


def test_two_askers_and_two_services_inspect_a_photo_once(store: Store, record: Inspection) -> None:
    first, second = ScriptedPool(record), ScriptedPool(record)
    run_until_idle(store, first)
    run_until_idle(store, second)
    assert (first.asked, second.asked) == (1, 0)
    (fact,) = inspected(store)
    assert (fact.surface, fact.problem) == (Surface.FRONT, None)
    assert fact.fingerprint.startswith(Basis(Surface.FRONT, None, POLICY).prefix)


def test_a_dead_workers_photo_is_inspected_by_another_and_its_own_answer_comes_too_late(
    store: Store, record: Inspection
) -> None:
    dead = claim_job(store.database, "worker-that-died", datetime.now(UTC), (KIND,), lease_s=60)
    assert dead is not None
    before = ScriptedPool(record)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspections, "IDLE_S", 0.01)
        run_until_idle(store, before)
    assert (before.asked, inspected(store)) == (0, ()), "its lease still holds"
    after = ScriptedPool(record)
    run_until_idle(store, after, timedelta(minutes=2))
    assert (after.asked, len(inspected(store))) == (1, 1)
    written: list[object] = []
    assert not finish_job(store.database, dead, written.append, lambda: datetime.now(UTC))
    assert written == []


def test_a_busy_pool_makes_a_photo_wait_and_refuses_none(
    store: Store, record: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspections, "IDLE_S", 0.01)
    pool = ScriptedPool(record, *(BusyError("busy") for _ in range(12)))
    run_until_idle(store, pool)
    assert (pool.asked, len(inspected(store))) == (13, 1)


def test_what_no_decoder_survives_is_a_fact_and_no_job_for_ever(store: Store, record: Inspection) -> None:
    pool = ScriptedPool(record, PhotoCrashedDecoderError("it crashes"))
    run_until_idle(store, pool)
    (fact,) = inspected(store)
    assert (pool.asked, fact.problem) == (1, "photo_crashed_decoder")


def test_a_fault_of_ours_is_tried_again(store: Store, record: Inspection) -> None:
    pool = ScriptedPool(record, SetupError("no model"), RuntimeError("unforeseen"))
    run_until_idle(store, pool, timedelta(0))
    assert pool.asked >= 1
    run_until_idle(store, pool, timedelta(hours=1))
    run_until_idle(store, pool, timedelta(hours=2))
    assert (pool.asked, len(inspected(store))) == (3, 1)


def test_a_photo_that_failed_for_good_is_tried_anew_when_somebody_asks(store: Store, record: Inspection) -> None:
    faulty = ScriptedPool(record, *(SetupError("no model") for _ in range(5)))
    for hours in range(1, 6):
        run_until_idle(store, faulty, timedelta(hours=hours))
    assert (faulty.asked, inspected(store)) == (5, ())
    with store.database.write() as connection:
        (photo,) = load_case(connection, TENANT, CASE).facts.every(StoredPhoto)
        ask_for_inspection(connection, TENANT, photo, Basis(Surface.FRONT, None, POLICY), datetime.now(UTC))
    repaired = ScriptedPool(record)
    run_until_idle(store, repaired)
    assert (repaired.asked, len(inspected(store))) == (1, 1)


def test_a_case_that_was_forgotten_gets_no_inspection(store: Store, record: Inspection) -> None:
    from phonegrade.store.forget import forget_case

    forget_case(store.database, store.blobs, TENANT, CASE, datetime.now(UTC))
    pool = ScriptedPool(record)
    run_until_idle(store, pool)
    assert (pool.asked, inspected(store)) == (0, ())
