"""Who asks: the holder of a tenant's API key, or anyone at all where the service asks for no keys."""

from typing import NamedTuple

from starlette.types import Scope as AsgiScope

from phonegrade.core.errors import ForbiddenError
from phonegrade.service.keys import DEFAULT_TENANT, ApiKey, Scope

_CALLER = "phonegrade.caller"


class Caller(NamedTuple):
    """Whose cases a request is about, and who sent it."""

    tenant: str
    id: str
    """Of the key; facts name it as the one who recorded them."""
    scopes: frozenset[Scope]
    per_minute: int
    case: str | None = None
    """The only case that the holder of a capture link may see."""

    def require(self, *scopes: Scope) -> None:
        """Raise ForbiddenError unless the caller has one of these scopes."""
        if self.scopes.isdisjoint(scopes):
            raise ForbiddenError(f"this API key may not do that: it lacks the scope {' or '.join(scopes)}")


ANYONE = Caller(DEFAULT_TENANT, "anyone", frozenset(Scope), 1)
"""Who asks a service without keys."""


def caller_of_key(key: ApiKey) -> Caller:
    """Return the holder of a key from a file."""
    return Caller(key.tenant, key.id, frozenset(key.scopes), key.per_minute)


def remember_caller(scope: AsgiScope, caller: Caller) -> None:
    """Note who sent a request."""
    scope[_CALLER] = caller


def caller_of(scope: AsgiScope) -> Caller:
    """Return who sent a request."""
    caller: Caller = scope.get(_CALLER, ANYONE)
    return caller
