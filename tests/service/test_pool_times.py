"""Where the time of each piece of work went: handed over in the context of the request that it is for."""

import asyncio
import contextlib
import logging
import time
from contextvars import ContextVar
from typing import NamedTuple

import pytest

from phonegrade.core.errors import EmptyPhotoError, PhotoCrashedDecoderError
from phonegrade.service.pool import Pool
from phonegrade.service.pool_settings import PoolSettings, WorkTimes
from phonegrade.service.tasks import InspectPhoto
from phonegrade.tests.service.hostile_work import load

request: ContextVar[str] = ContextVar("request", default="none")


class Noted(NamedTuple):
    """What `on_finished` was called with, and in which context."""

    request: str
    times: WorkTimes


def with_times(*photos: bytes, task: str | InspectPhoto = "t", **settings: float) -> tuple[list[Noted], list[int]]:
    """Send photos at once, each from a context of its own, to one worker; what was noted, and memory afterwards."""
    noted: list[Noted] = []

    async def send(pool: "Pool[str | InspectPhoto, str]", photo: bytes) -> None:
        request.set(photo.decode("ascii"))
        before = len(noted)
        with contextlib.suppress(EmptyPhotoError, PhotoCrashedDecoderError):
            await pool.run(task, photo)
        assert len(noted) > before, "the record comes before the answer"

    async def main() -> list[int]:
        pool: Pool[str | InspectPhoto, str] = Pool(
            PoolSettings.model_validate({"workers": 1, "photo_bytes": 1000, **settings}),
            load,  # type: ignore[arg-type]
            on_finished=lambda times: noted.append(Noted(request.get(), times)),
        )
        await pool.start()
        try:
            await asyncio.gather(*(send(pool, photo) for photo in photos))
            return pool.rss_bytes
        finally:
            await pool.close(drain_s=1.0)

    rss_bytes = asyncio.run(main())
    return noted, rss_bytes


def test_every_answer_has_its_times_in_the_context_of_its_request() -> None:
    sent_unix_s = time.time()
    noted, rss_bytes = with_times(b"compute:1", b"compute:2")
    assert [one.request for one in noted] == ["compute:1", "compute:2"]
    first, second = (one.times for one in noted)
    assert (first.task, first.outcome) == ("str", "answered")
    assert sent_unix_s < first.began_unix_s < second.began_unix_s < time.time()
    assert 0 < first.cpu_s <= first.seconds * 1.5
    assert [(one.name, one.seconds <= first.seconds) for one in first.stages] == [("compute", True)]
    assert second.wait_s > first.seconds / 2 > 0
    assert rss_bytes == [second.rss_bytes]
    assert second.rss_bytes > 10_000_000


def test_what_is_wrong_with_a_photo_is_the_outcome() -> None:
    noted, _ = with_times(b"")
    assert [one.times.outcome for one in noted] == ["empty_photo"]


def test_each_death_of_a_worker_has_its_times() -> None:
    noted, rss_bytes = with_times(b"abort", deadline_s=30.0)
    assert [(one.request, one.times.outcome, one.times.stages) for one in noted] == [("abort", "crashed", ())] * 2
    assert noted[1].times.wait_s > noted[0].times.wait_s
    assert len(rss_bytes) == 1


def test_the_kind_of_work_is_named_and_never_the_photo() -> None:
    noted, _ = with_times(b"good", task=InspectPhoto("imei-490154203237518.jpg", None, None, None, None, overlay=False))
    assert noted[0].times.task == "inspect_photo"
    assert "490154203237518" not in repr(noted)


def test_work_that_nobody_waits_for_any_more_is_noted_as_dropped() -> None:
    noted: list[WorkTimes] = []

    async def main() -> None:
        pool: Pool[str, str] = Pool(PoolSettings(workers=1, photo_bytes=1000), load, on_finished=noted.append)
        await pool.start()
        gone = asyncio.create_task(pool.run("t", b"sleep:0.2"))
        await asyncio.sleep(0.05)
        gone.cancel()
        await pool.run("t", b"good")
        await pool.close(drain_s=1.0)

    asyncio.run(main())
    assert [one.outcome for one in noted] == ["dropped", "answered"]


def test_a_fault_in_what_is_called_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    def broken(times: WorkTimes) -> None:
        raise ValueError(times.outcome)

    async def main() -> list[str]:
        pool: Pool[str, str] = Pool(PoolSettings(workers=1, photo_bytes=1000), load, on_finished=broken)
        await pool.start()
        answers = [await pool.run("t", b"good") for _ in range(2)]
        await pool.close(drain_s=1.0)
        return answers

    with caplog.at_level(logging.ERROR):
        assert len(asyncio.run(main())) == 2
    assert "ValueError: answered" in caplog.text
