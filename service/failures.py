"""How an error becomes an answer: the one translation from the error tree to HTTP, as RFC 9457 has it."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from phonegrade.core.errors import (
    BusyError,
    InputError,
    ModelFileError,
    NotReadyError,
    PhonegradeError,
    RateLimitError,
    SetupError,
    UnauthorizedError,
    full_text,
)
from phonegrade.service.logs import request_id
from phonegrade.service.metrics import Metrics

log = logging.getLogger(__name__)
PROBLEM = "application/problem+json"
GONE = 499
"""The client went before it was answered, as nginx counts it."""
_SETUP_MESSAGES = {
    ModelFileError.code: "the service's models cannot be used; see the service's log",
    NotReadyError.code: "the service could not inspect its stored photo; see the service's log",
}
_OTHER_SETUP_MESSAGE = "the service is not set up; see the service's log"
"""An installation's own messages name its folders, which callers have no business knowing."""
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}


def install_failures(app: FastAPI, metrics: Metrics) -> None:
    """Make `app` answer every error as a problem, counted by code, without a traceback."""

    @app.exception_handler(PhonegradeError)
    async def known(request: Request, error: PhonegradeError) -> Response:
        return problem(error, metrics)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        problems = (f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors())
        return _answer(InputError.code, "; ".join(problems), InputError.http_status, metrics)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = _HTTP_CODES.get(error.status_code, InputError.code)
        return _answer(code, str(error.detail), error.status_code, metrics, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=GONE)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        # Starlette raises it again after the answer, so that the server's log has the trace and the caller has not.
        return _answer(PhonegradeError.code, "internal error; see the service's log", 500, metrics)


def problem(error: PhonegradeError, metrics: Metrics) -> Response:
    """Return the answer to a request that ended so; it is counted, and what is ours to repair is logged."""
    headers = {}
    if isinstance(error, BusyError | RateLimitError):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(error.code, _text(error), error.http_status, metrics, headers, error.members)


def problem_json(error: PhonegradeError, metrics: Metrics) -> bytes:
    """Return such an answer's body alone, for an answer that has begun; it is counted and logged in the same way."""
    return bytes(problem(error, metrics).body)


def _text(error: PhonegradeError) -> str:
    if isinstance(error, SetupError):
        log.error("[%s]: %s", error.code, error)
        return _SETUP_MESSAGES.get(error.code, _OTHER_SETUP_MESSAGE)
    return full_text(error)


def _answer(
    code: str,
    message: str,
    status: int,
    metrics: Metrics,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    metrics.errors.labels(code).inc()
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "code": code,
        "request_id": request_id(),
        "error": {"code": code, "message": message},
        **(members or {}),
    }
    return Response(json.dumps(content, ensure_ascii=False), status, headers, PROBLEM)
