"""What every route of stored cases does before its own code: strict queries, bounded bodies, an Idempotency-Key.

A router of cases is made with `route_class=CaseRoute`; all else is left to FastAPI.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message, Receive

from phonegrade.core.errors import BodyTooLargeError, UsageError
from phonegrade.service.manners import refuse_compressed, refuse_unknown_query

MAX_JSON_BYTES = 1_000_000
"""Of a JSON body; photos and documents come as forms, with limits of their own."""


class CaseRoute(APIRoute):
    """A route below /v1 that reads or writes stored cases."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler behind the checks."""
        handle = super().get_route_handler()
        known = tuple(field.alias for field in self.dependant.query_params)
        has_json_body = self.body_field is not None

        async def checked(request: Request) -> Response:
            refuse_unknown_query(request, known)
            if request.method == "POST":
                refuse_compressed(request)
                if not request.headers.get("idempotency-key"):
                    raise UsageError("send an Idempotency-Key, such as a fresh UUID, which a repeat sends again")
            if not has_json_body:
                return await handle(request)
            body = await bounded_body(request)
            return await handle(Request(request.scope, _replay(body, request.receive)))

        return checked


async def bounded_body(request: Request) -> bytes:
    """Return the body. Raises BodyTooLargeError before more than the limit is read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise BodyTooLargeError(f"the request's body is over {MAX_JSON_BYTES} bytes; send less")
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body that was read, once, and then what the client does next."""
    unread = [body]

    async def replayed() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return replayed
