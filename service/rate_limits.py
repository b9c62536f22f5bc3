"""How often one holder of a key may ask: a bucket of tokens for each key and scope."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from phonegrade.core.errors import RateLimitError
from phonegrade.service.keys import Scope

BURST_S = 10.0
"""A bucket holds what this many seconds let in, and one request at least."""


class Limited(Protocol):
    """Whose requests are counted."""

    @property
    def id(self) -> str:
        """Of the key."""

    @property
    def per_minute(self) -> int:
        """Requests of each scope."""


@dataclass
class _Bucket:
    tokens: float
    filled_s: float


class RateLimits:
    """Token buckets by key and scope; there are never more of them than keys and scopes."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._buckets: dict[tuple[str, Scope], _Bucket] = {}

    def take(self, key: Limited, scope: Scope) -> None:
        """Take one token. Raises RateLimitError, which says how long to wait, where none is left."""
        per_s = key.per_minute / 60.0
        full = max(1.0, per_s * BURST_S)
        now_s = self._clock_s()
        bucket = self._buckets.setdefault((key.id, scope), _Bucket(full, now_s))
        bucket.tokens = min(full, bucket.tokens + (now_s - bucket.filled_s) * per_s)
        bucket.filled_s = now_s
        if bucket.tokens < 1.0:
            raise RateLimitError.for_wait(key.per_minute, (1.0 - bucket.tokens) / per_s)
        bucket.tokens -= 1.0
