"""What every route of stored cases does before its own code: strict queries, bounded bodies, an Idempotency-Key.

And after it: no error repeats what the client sent.

A router of cases is made with `route_class=CaseRoute`; all else is left to FastAPI.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import Message, Receive

from phonegrade.core.errors import BodyTooLargeError, InputError, UsageError
from phonegrade.service.manners import refuse_compressed, refuse_unknown_query
from phonegrade.service.unrepeated import problems_of, quoting_only, refuse_strange_ids, sent_words, without

MAX_JSON_BYTES = 1_000_000
"""Of a JSON body; photos and documents come as forms, with limits of their own."""


class CaseRoute(APIRoute):
    """A route below /v1 that reads or writes stored cases."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler behind the checks."""
        handle = super().get_route_handler()
        known = tuple(field.alias for field in self.dependant.query_params)
        has_json_body = self.body_field is not None
        form_words, body_type = (
            self._form_words(),
            None if self.body_field is None else self.body_field.field_info.annotation,
        )

        async def checked(request: Request) -> Response:
            body = b""
            try:
                refuse_strange_ids(request)
                refuse_unknown_query(request, known)
                if request.method == "POST":
                    refuse_compressed(request)
                    if not request.headers.get("idempotency-key"):
                        raise UsageError("send an Idempotency-Key, such as a fresh UUID, which a repeat sends again")
                if not has_json_body and not request.headers.get("content-type", "").startswith("application/json"):
                    return await handle(request)
                body = await bounded_body(request)
                return await handle(Request(request.scope, _replay(body, request.receive)))
            except RequestValidationError as error:
                raise InputError(without(problems_of(error, body_type, known), sent_words(request, body))) from None
            except InputError as error:
                text = without(str(error), sent_words(request, body))
                error.args = (text if has_json_body or not form_words else quoting_only(text, form_words),)
                raise

        return checked

    def _form_words(self) -> frozenset[str]:
        """Return the words that the document has for a form: its parts, and what a part may say."""
        content = (self.openapi_extra or {}).get("requestBody", {}).get("content", {})
        properties = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
        values = (word for one in properties.values() for word in one.get("enum", ()))
        return frozenset((*properties, *values))


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
