"""A counted number of places for work on the processor."""

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from phonegrade.core.errors import BusyError

T = TypeVar("T")


class Slots:
    """Runs blocking work in threads, at most `count` at a time, and refuses the rest instead of queueing it."""

    retry_after_s = 2

    def __init__(self, count: int) -> None:
        self.count = count
        self.busy = 0
        self._limiter = anyio.CapacityLimiter(count)

    def refuse_when_full(self) -> None:
        """Raise BusyError when every slot is taken."""
        if self.busy >= self.count:
            raise BusyError(f"all {self.count} slots are taken; try again in {self.retry_after_s} s")

    async def run(self, work: Callable[[], T]) -> T:
        """Return `work()`. Raises BusyError when every slot is taken."""
        self.refuse_when_full()
        self.busy += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self.busy -= 1
