"""Who may ask: every request but those for health needs an API key once the service has a file of keys."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from phonegrade.core.errors import ForbiddenError, InputError, KeysFileError, UnauthorizedError
from phonegrade.service.failures import problem
from phonegrade.service.keys import ApiKey, KeyRing, read_keys
from phonegrade.service.keys import Scope as KeyScope
from phonegrade.service.metrics import Metrics
from phonegrade.service.rate_limits import RateLimits

HEALTH = frozenset({"/healthz", "/readyz"})
GRADE = frozenset({"/v1/grade", "/v1/inspect"})
METRICS = frozenset({"/metrics"})
_KEY_ID = "phonegrade.key_id"
REREAD_S = 2.0
"""A key that was revoked counts no longer than this."""


class Keys(Protocol):
    """Who may ask."""

    def find(self, text: str) -> ApiKey | None:
        """Return the key that `text` is, or None."""


class KeyFile:
    """The keys of a file, read again when it changes; the keys before stay where it has become unreadable."""

    def __init__(self, file: Path, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Raises KeysFileError for a file that cannot be used."""
        self._file, self._clock_s = file, clock_s
        self._ring, self._changed = KeyRing(read_keys(file)), self._stamp()
        self._looked_s = clock_s()

    def find(self, text: str) -> ApiKey | None:
        """Return the key that `text` is, or None."""
        if self._clock_s() - self._looked_s > REREAD_S:
            self._looked_s = self._clock_s()
            stamp = self._stamp()
            if stamp != self._changed:
                try:
                    self._ring, self._changed = KeyRing(read_keys(self._file)), stamp
                except KeysFileError:
                    self._ring = KeyRing(())  # who may ask is not known: nobody
        return self._ring.find(text)

    def _stamp(self) -> tuple[int, int]:
        try:
            stat = self._file.stat()
        except OSError:
            return (0, 0)
        return (stat.st_mtime_ns, stat.st_size)


class Authorize:
    """ASGI middleware: answers 401, 403 or 429 before a body is read."""

    def __init__(self, app: ASGIApp, keys: Keys, metrics: Metrics, limits: RateLimits | None = None) -> None:
        self.app = app
        self._metrics = metrics
        self._keys = keys
        self._limits = limits or RateLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH or scope["method"] == "OPTIONS":
            await self.app(scope, receive, send)
            return
        try:
            scope[_KEY_ID] = self._check(scope).id
        except InputError as error:
            await problem(error, self._metrics)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _check(self, scope: Scope) -> ApiKey:
        key = self._keys.find(_given(scope))
        if key is None:
            raise UnauthorizedError("send an API key that counts, as Authorization: Bearer KEY or X-API-Key: KEY")
        needed = scope_of(scope["path"])
        if needed not in key.scopes:
            raise ForbiddenError(f"this API key may not do that: it lacks the scope {needed}")
        self._limits.take(key, needed)
        return key


def key_id(scope: Scope) -> str:
    """Return the id of the key that a request came with; "" where none is needed."""
    return str(scope.get(_KEY_ID, ""))


def scope_of(path: str) -> KeyScope:
    """Return what a key must be allowed for a path."""
    if path in METRICS:
        return KeyScope.METRICS
    return KeyScope.GRADE if path in GRADE else KeyScope.READ


def _given(scope: Scope) -> str:
    headers = dict(scope["headers"])
    text = str(headers.get(b"x-api-key", b"").decode("latin-1"))
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.casefold() == "bearer" else text
