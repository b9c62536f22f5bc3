"""The pool: bounded, fair, and not to be killed by a photo."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from phonegrade.core.errors import (
    BusyError,
    EmptyPhotoError,
    ImageTooLargeError,
    PhonegradeError,
    PhotoCrashedDecoderError,
    SetupError,
)
from phonegrade.service.pool import Pool
from phonegrade.service.pool_settings import PoolSettings
from phonegrade.tests.service.hostile_work import load, load_nothing

Use = Callable[["Pool[str, str]"], Awaitable[None]]


def with_pool(use: Use, **settings: float) -> None:
    """Run `use` on a pool of one worker, or as `settings` say."""

    async def main() -> None:
        pool: Pool[str, str] = Pool(PoolSettings.model_validate({"workers": 1, "photo_bytes": 1000, **settings}), load)
        await pool.start()
        try:
            await use(pool)
        finally:
            await pool.close(drain_s=1.0)

    asyncio.run(main())


def test_photos_are_answered_by_every_worker() -> None:
    async def use(pool: Pool[str, str]) -> None:
        answers = await asyncio.gather(*(pool.run(f"t{n}", b"sleep:0.1") for n in range(4)))
        assert [answer.split()[0] for answer in answers] == ["t0", "t1", "t2", "t3"]
        assert len({answer.split()[2] for answer in answers}) == 2

    with_pool(use, workers=2)


def test_what_is_wrong_with_a_photo_is_raised_and_costs_no_worker() -> None:
    async def use(pool: Pool[str, str]) -> None:
        with pytest.raises(EmptyPhotoError):
            await pool.run("t", b"")
        with pytest.raises(ImageTooLargeError):
            await pool.run("t", bytes(1001))
        assert (await pool.run("t", b"good")).startswith("t 4 ")
        assert pool.counts.restarts == 0

    with_pool(use)


@pytest.mark.parametrize("photo", [b"abort", b"hang"])
def test_a_photo_that_ends_its_worker_twice_is_given_up_and_the_next_is_answered(photo: bytes) -> None:
    async def use(pool: Pool[str, str]) -> None:
        bad, good = await asyncio.gather(pool.run("t", photo), pool.run("t", b"good"), return_exceptions=True)
        assert isinstance(bad, PhotoCrashedDecoderError)
        assert isinstance(good, str)
        assert (pool.counts.crashes, pool.ready) == (2, 1)

    with_pool(use, photo_s=0.5, deadline_s=30.0)


def test_a_photo_that_eats_memory_is_refused_and_the_worker_lives() -> None:
    async def use(pool: Pool[str, str]) -> None:
        with pytest.raises(PhotoCrashedDecoderError, match="memory"):
            await pool.run("t", b"eat")
        assert (await pool.run("t", b"good")).startswith("t 4 ")
        assert pool.counts.crashes == 0

    with_pool(use)


def test_a_worker_opens_no_socket() -> None:
    async def use(pool: Pool[str, str]) -> None:
        with pytest.raises(PhonegradeError, match="internal error"):
            await pool.run("t", b"call home")
        assert pool.counts.crashes == 0

    with_pool(use, deadline_s=30.0)


def test_beyond_the_queue_photos_are_refused_with_how_long_to_wait() -> None:
    async def use(pool: Pool[str, str]) -> None:
        accepted = [asyncio.create_task(pool.run("t", b"sleep:0.2")) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError) as refused:
            await pool.run("t", b"good")
        assert refused.value.retry_after_s >= 1
        await asyncio.gather(*accepted)

    with_pool(use, queue=2)


def test_a_photo_that_waited_too_long_is_refused() -> None:
    async def use(pool: Pool[str, str]) -> None:
        pool.service_s = 0.01
        first = asyncio.create_task(pool.run("t", b"sleep:0.5"))
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError):
            await pool.run("t", b"good")
        await first
        assert pool.counts.expired == 1

    with_pool(use, deadline_s=0.2)


def test_work_of_a_client_that_is_gone_is_not_begun() -> None:
    async def use(pool: Pool[str, str]) -> None:
        first = asyncio.create_task(pool.run("t", b"sleep:0.3"))
        gone = asyncio.create_task(pool.run("gone", b"sleep:10"))
        await asyncio.sleep(0.05)
        gone.cancel()
        assert (await pool.run("t", b"good")).startswith("t ")
        await first
        assert (pool.counts.dropped, pool.waiting) == (1, 0)

    with_pool(use)


def test_a_worker_is_replaced_after_so_many_photos() -> None:
    async def use(pool: Pool[str, str]) -> None:
        answers = [await pool.run("t", b"good") for _ in range(4)]
        assert len({answer.split()[2] for answer in answers}) == 2
        assert pool.counts.restarts == 2

    with_pool(use, recycle_photos=2)


def test_closing_finishes_what_was_accepted() -> None:
    async def main() -> None:
        pool: Pool[str, str] = Pool(PoolSettings(workers=1), load)
        await pool.start()
        accepted = [asyncio.create_task(pool.run("t", b"sleep:0.1")) for _ in range(3)]
        await asyncio.sleep(0.01)
        await pool.close()
        assert all(answer.startswith("t ") for answer in await asyncio.gather(*accepted))

    asyncio.run(main())


def test_a_broken_installation_is_said_at_the_start() -> None:
    async def main() -> None:
        pool: Pool[str, str] = Pool(PoolSettings(workers=2), load_nothing)  # type: ignore[arg-type]
        await pool.start()
        with pytest.raises(SetupError, match="no model here"):
            await pool.run("t", b"good")
        await pool.close()

    asyncio.run(main())
