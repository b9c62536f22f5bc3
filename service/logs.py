"""Logs for machines: one JSON object a line, with the request's id and nothing that names a device or a person."""

import json
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
_GIVEN = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
access = logging.getLogger("phonegrade.access")


def request_id() -> str | None:
    """Return the id of the request that is being answered; None outside of one."""
    return _request_id.get()


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, logger, message, request id, fields and trace, as far as there are any."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        current = getattr(record, "request_id", None) or request_id()
        if current is not None:
            line["request_id"] = current
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """Formats a record for people: what the request's fields are stands in its line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return level, message and fields, with the trace below, if any."""
        fields = " ".join(str(one) for one in getattr(record, "fields", {}).values())
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{record.levelname + ':':10}{fields or record.getMessage()}{trace}"


def log_to_stderr(lines: logging.Formatter, level: int = logging.INFO) -> None:
    """Send every log of this process to stderr; uvicorn's lines of access, which hold paths, are replaced by ours."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(lines)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True


class RequestLog:
    """ASGI middleware: gives each request an id, answers with it, and logs method, route, status and time.

    The route's pattern is logged and never the path, which a stranger chooses; no query, header, file name or body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER.encode("ascii"), b"").decode("latin-1")
        current = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        token = _request_id.set(current)
        started_s = time.perf_counter()
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (HEADER.encode("ascii"), current.encode("ascii"))]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            fields = {
                "method": scope["method"],
                "route": getattr(scope.get("route"), "path", "other"),
                "status": status or 499,  # gone before it was answered, as nginx counts it
                "ms": round((time.perf_counter() - started_s) * 1000, 1),
            }
            access.info("request", extra={"fields": fields, "request_id": current})
            _request_id.reset(token)
