"""The counted slots."""

import threading

import anyio
import pytest

from phonegrade.core.errors import BusyError
from phonegrade.service.slots import Slots


def test_work_beyond_the_slots_is_refused_and_not_queued() -> None:
    async def scenario() -> None:
        slots, done = Slots(1), threading.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(slots.run, done.wait)
            await anyio.wait_all_tasks_blocked()
            while not slots.busy:
                await anyio.sleep(0)
            with pytest.raises(BusyError, match="all 1 slots"):
                await slots.run(lambda: None)
            done.set()
        assert slots.busy == 0
        assert await slots.run(lambda: 7) == 7

    anyio.run(scenario)


def test_a_slot_is_given_back_when_the_work_fails() -> None:
    def fail() -> None:
        raise ValueError("no")

    async def scenario() -> None:
        slots = Slots(1)
        with pytest.raises(ValueError, match="no"):
            await slots.run(fail)
        assert slots.busy == 0

    anyio.run(scenario)
