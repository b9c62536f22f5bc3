"""A request that is sent again is answered again and not computed again: Idempotency-Key, in memory.

IETF httpapi draft "The Idempotency-Key HTTP Header Field": the same key with other content is 422, while the first is
still being answered 409, afterwards the first answer byte for byte. A request's content is the SHA-256 over its
canonical parts, names and the hashes of files, never the multipart bytes, whose boundary changes.
"""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from phonegrade.core.errors import IdempotencyError, StillRunningError, UsageError

KEPT_S = 7 * 24 * 3600.0
"""Kiosks sleep over a week's end."""
MOST = 10_000
MAX_BYTES = 64_000_000
_KEY = re.compile(r'^"?[\x21\x23-\x7e]{1,255}"?$')


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


def fingerprint(parts: Sequence[tuple[str, str]], options: Mapping[str, str]) -> str:
    """Return the hash of a request's content: (part, SHA-256 of its file) of each file, and its texts."""
    lines = sorted(f"{name}\0{value}" for name, value in (*parts, *options.items()))
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


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
        if not _KEY.fullmatch(key):
            raise UsageError("Idempotency-Key must be 1 to 255 printable characters without spaces, such as a UUID")
        self._forget()
        name = (holder, route, key.strip('"'))
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
            if not full and now_s - entry.stored_s <= KEPT_S:
                return
            if entry.answer is not None:
                self._bytes -= len(entry.answer.body)
                del self._entries[name]
