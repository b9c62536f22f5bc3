"""Who may ask: every request but those for health needs an API key once the service has a file of keys."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from phonegrade.core.errors import KeysFileError, PhonegradeError, UnauthorizedError
from phonegrade.service.caller import Caller, caller_of, caller_of_key, remember_caller
from phonegrade.service.failures import problem
from phonegrade.service.keys import ApiKey, KeyRing, read_keys
from phonegrade.service.keys import Scope as KeyScope
from phonegrade.service.metrics import Metrics
from phonegrade.service.rate_limits import RateLimits

HEALTH = frozenset({"/healthz", "/readyz"})
GRADE = frozenset({"/v1/grade", "/v1/inspect"})
METRICS = frozenset({"/metrics"})
REVIEWS = "/v1/reviews"
SESSION = frozenset({"/v1/session"})
"""Whoever has a key may ask for a session of it."""
CASES = (
    "/v1/cases",
    "/v1/photos",
    "/v1/handoffs",
    "/v1/assets",
    "/v1/lots",
    "/v1/offers",
    "/v1/events",
    "/v1/webhooks",
    "/v1/figures",
    "/v1/feedback",
)
"""What a service with --data answers besides; every role may ask, and each sees what its own route lets it see."""
ROLES = (KeyScope.KIOSK, KeyScope.APP, KeyScope.STORE, KeyScope.REVIEWER, KeyScope.WAREHOUSE, KeyScope.ADMIN)
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

    def __init__(
        self,
        app: ASGIApp,
        keys: Keys,
        metrics: Metrics,
        limits: RateLimits | None = None,
        stored: Callable[[str], Awaitable[Caller | None]] | None = None,
        session: Callable[[Scope], Awaitable[str]] | None = None,
        is_public: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`stored` finds keys that are kept with the cases, such as a customer's for one case.

        `session` finds the key of a session that a request's cookie holds, and `is_public` says of which paths nothing
        is asked: the pages.
        """
        self.app = app
        self._session, self._is_public = session, is_public
        self._metrics = metrics
        self._keys, self._stored = keys, stored
        self._limits = limits or RateLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_open(scope):
            await self.app(scope, receive, send)
            return
        try:
            remember_caller(scope, await self._check(scope))
        except PhonegradeError as error:
            await problem(error, self._metrics)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        return scope["path"] in HEALTH or scope["method"] == "OPTIONS" or self._is_public(scope["path"])

    async def _check(self, scope: Scope) -> Caller:
        text = given_key(scope)
        if not text and self._session is not None:
            text = await self._session(scope)
        caller = await self._find(text)
        if caller is None:
            raise UnauthorizedError("send an API key that counts, as Authorization: Bearer KEY or X-API-Key: KEY")
        enough = scopes_of(scope["path"])
        caller.require(*enough)
        self._limits.take(caller, next(one for one in enough if one in caller.scopes))
        return caller

    async def _find(self, text: str) -> Caller | None:
        key = self._keys.find(text)
        if key is not None:
            return caller_of_key(key)
        return None if self._stored is None or not text else await self._stored(text)


def key_id(scope: Scope) -> str:
    """Return the id of the key that a request came with; that of `ANYONE` where none is needed."""
    return caller_of(scope).id


def scopes_of(path: str) -> tuple[KeyScope, ...]:
    """Return the scopes of which one opens a path."""
    if _is_below(path, (REVIEWS,)):
        return (KeyScope.REVIEWER, KeyScope.ADMIN)
    if _is_below(path, CASES):
        return ROLES
    if path in SESSION:
        return tuple(KeyScope)
    return (scope_of(path),)


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def scope_of(path: str) -> KeyScope:
    """Return what a key must be allowed for a path that is about no case."""
    if path in METRICS:
        return KeyScope.METRICS
    return KeyScope.GRADE if path in GRADE else KeyScope.READ


def given_key(scope: Scope) -> str:
    """Return the API key in a request's headers; empty where there is none."""
    headers = dict(scope["headers"])
    text = str(headers.get(b"x-api-key", b"").decode("latin-1"))
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.casefold() == "bearer" else text
