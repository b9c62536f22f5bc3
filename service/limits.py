"""The limit on a request's body, before anything parses it."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from phonegrade.core.errors import BodyTooLargeError
from phonegrade.service.failures import error_body


class BodyLimit:
    """ASGI middleware that refuses a body over `max_bytes` by its announced length, else by counting."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced_bytes(scope) > self.max_bytes:
            await self._refuse(scope, receive, send)
            return
        received_bytes = 0
        answered = False

        async def counted() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self.max_bytes:
                raise BodyTooLargeError(self._message())
            return message

        async def guarded(message: Message) -> None:
            # A parser may turn the error above into an answer of its own: the truth is that the body was too large.
            nonlocal answered
            if received_bytes > self.max_bytes and not answered:
                return
            answered = True
            await send(message)

        try:
            await self.app(scope, counted, guarded)
        except BodyTooLargeError:
            if answered:
                raise
        if received_bytes > self.max_bytes and not answered:
            await self._refuse(scope, receive, send)

    def _message(self) -> str:
        return f"the request's body is over {self.max_bytes} bytes; send smaller photos"

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = BodyTooLargeError(self._message())
        headers = {"connection": "close"}
        await JSONResponse(error_body(error.code, str(error)), error.http_status, headers)(scope, receive, send)


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


class HeadAsGet:
    """ASGI middleware that answers HEAD with what GET would answer, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, without_body)
