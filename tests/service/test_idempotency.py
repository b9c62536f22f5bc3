"""The same request again gives the same answer again, and is computed once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from phonegrade.core.errors import EmptyPhotoError, IdempotencyError, StillRunningError, UsageError
from phonegrade.core.idempotency import KEPT, fingerprint
from phonegrade.service.idempotency import Answer, Idempotency


class Counting:
    """Work that counts how often it is done."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> Answer:
        self.times += 1
        await asyncio.sleep(0)
        return Answer(200, "application/json", b"%d" % self.times)


def run(use: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await use()

    asyncio.run(main())


def test_the_first_answer_is_given_again_to_the_same_holder_and_route_alone() -> None:
    async def use() -> None:
        memory, work = Idempotency(), Counting()
        assert await memory.answer("kiosk", "/v1/grade", "k1", "c", work) == (
            Answer(200, "application/json", b"1"),
            False,
        )
        assert await memory.answer("kiosk", "/v1/grade", '"k1"', "c", work) == (
            Answer(200, "application/json", b"1"),
            True,
        )
        assert (await memory.answer("app", "/v1/grade", "k1", "c", work))[0].body == b"2"
        assert (await memory.answer("kiosk", "/v1/inspect", "k1", "c", work))[0].body == b"3"
        assert (await memory.answer("kiosk", "/v1/grade", None, "c", work))[0].body == b"4"

    run(use)


def test_other_content_under_the_same_key_is_refused() -> None:
    async def use() -> None:
        memory, work = Idempotency(), Counting()
        await memory.answer("kiosk", "/v1/grade", "k1", "c", work)
        with pytest.raises(IdempotencyError):
            await memory.answer("kiosk", "/v1/grade", "k1", "d", work)
        with pytest.raises(UsageError):
            await memory.answer("kiosk", "/v1/grade", "a b", "c", work)

    run(use)


def test_while_the_first_runs_the_second_is_told_so() -> None:
    async def use() -> None:
        memory, work = Idempotency(), Counting()
        both = await asyncio.gather(
            *(memory.answer("kiosk", "/v1/grade", "k1", "c", work) for _ in range(2)), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in both) == ["StillRunningError", "tuple"]
        assert isinstance(next(one for one in both if isinstance(one, Exception)), StillRunningError)

    run(use)


def test_an_error_is_not_kept() -> None:
    async def use() -> None:
        memory, work = Idempotency(), Counting()

        async def failing() -> Answer:
            raise EmptyPhotoError("nothing in it")

        with pytest.raises(EmptyPhotoError):
            await memory.answer("kiosk", "/v1/grade", "k1", "c", failing)
        assert (await memory.answer("kiosk", "/v1/grade", "k1", "c", work))[1] is False

    run(use)


def test_answers_are_forgotten_when_old_or_too_many() -> None:
    async def use() -> None:
        now_s = 0.0
        memory, work = Idempotency(lambda: now_s, most=3), Counting()
        for number in range(5):
            await memory.answer("kiosk", "/v1/grade", f"k{number}", "c", work)
        assert (await memory.answer("kiosk", "/v1/grade", "k4", "c", work))[1] is True
        assert (await memory.answer("kiosk", "/v1/grade", "k0", "c", work))[1] is False
        now_s = KEPT.total_seconds() + 1
        assert (await memory.answer("kiosk", "/v1/grade", "k4", "c", work))[1] is False

    run(use)


def test_content_does_not_depend_on_the_order_of_parts() -> None:
    one = fingerprint([("front", "a"), ("back", "b")], {"device": "iPhone 13"})
    assert one == fingerprint([("back", "b"), ("front", "a")], {"device": "iPhone 13"})
    assert one != fingerprint([("front", "b"), ("back", "a")], {"device": "iPhone 13"})
