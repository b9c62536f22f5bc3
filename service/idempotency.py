"""A request that is sent again is answered again, not computed again: `core.idempotency` in memory."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from phonegrade.core.errors import IdempotencyError, StillRunningError
from phonegrade.core.idempotency import KEPT, read_idempotency_key

MOST = 10_000
MAX_BYTES = 64_000_000


class Answer(NamedTuple):
    """What was answered."""

    status: int
    media_type: str
    body: bytes


@dataclass
class _Entry:
    fingerprint: str
    stored_s: float
    answer: Answer | None = None


class Idempotency:
    """Answers by holder of an API key, route and Idempotency-Key; the oldest are forgotten first."""

    def __init__(
        self, clock_s: Callable[[], float] = time.monotonic, most: int = MOST, max_bytes: int = MAX_BYTES
    ) -> None:
        self._clock_s = clock_s
        self._most, self._max_bytes = most, max_bytes
        self._entries: OrderedDict[tuple[str, str, str], _Entry] = OrderedDict()
        self._bytes = 0

    async def answer(
        self, holder: str, route: str, key: str | None, content: str, work: Callable[[], Awaitable[Answer]]
    ) -> tuple[Answer, bool]:
        """Return `work`'s answer, or the one that was given to the same request before, and whether it was that.

        Only what was computed is kept: an error is raised and may be tried again. Raises UsageError for a key that is
        none, IdempotencyError for one that came with other content, StillRunningError while the first is computed.
        """
        if key is None:
            return await work(), False
        name = (holder, route, read_idempotency_key(key))
        self._forget()
        entry = self._entries.get(name)
        if entry is not None:
            if entry.fingerprint != content:
                raise IdempotencyError("this Idempotency-Key came with other photos or options before; take a new one")
            if entry.answer is None:
                raise StillRunningError("the first request with this Idempotency-Key is still being answered")
            return entry.answer, True
        entry = self._entries[name] = _Entry(content, self._clock_s())
        try:
            entry.answer = await work()
        except BaseException:
            self._entries.pop(name, None)
            raise
        self._bytes += len(entry.answer.body)
        self._forget()
        return entry.answer, False

    def knows(self, holder: str, route: str, key: str | None) -> bool:
        """Return whether such a request came before: its photos are better not begun again."""
        return key is not None and (holder, route, key.strip('"')) in self._entries

    def _forget(self) -> None:
        """Drop what is old, and the oldest where there is too much."""
        now_s = self._clock_s()
        for name, entry in list(self._entries.items()):
            full = len(self._entries) > self._most or self._bytes > self._max_bytes
            if not full and now_s - entry.stored_s <= KEPT.total_seconds():
                return
            if entry.answer is not None:
                self._bytes -= len(entry.answer.body)
                del self._entries[name]
