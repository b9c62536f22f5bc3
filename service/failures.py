"""How an error becomes an answer: the one translation from the error tree to HTTP."""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from phonegrade.core.errors import (
    BusyError,
    InputError,
    ModelFileError,
    NotReadyError,
    PhonegradeError,
    SetupError,
    UsageError,
    full_text,
)
from phonegrade.service.metrics import Metrics
from phonegrade.service.slots import Slots
from phonegrade.service.uploads import FILE_NAME_HINT

log = logging.getLogger(__name__)
_TEXT_TOO_LONG = "Part exceeded maximum size"
"""What the form's parser says of a text, and what people take for a limit on photos."""
_SETUP_TOLD = {
    ModelFileError.code: "the service's models cannot be used; the service's log tells more",
    NotReadyError.code: "the service could not inspect its stored photo; the service's log tells more",
}
_SETUP_TOLD_ELSE = "the service is not set up; the service's log tells more"
"""An installation's own message names its folders, which are no stranger's business."""


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The JSON of every error, over HTTP and from the command line alike."""
    return {"error": {"code": code, "message": message}}


def install_failures(app: FastAPI, metrics: Metrics) -> None:
    """Makes `app` answer every error as {"error": {"code", "message"}}, counted by code, without a trace."""

    def answer(code: str, message: str, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
        metrics.errors.labels(code).inc()
        return JSONResponse(error_body(code, message), status, headers)

    @app.exception_handler(PhonegradeError)
    async def known(request: Request, error: PhonegradeError) -> JSONResponse:
        headers = {"Retry-After": str(Slots.retry_after_s)} if isinstance(error, BusyError) else None
        told = full_text(error)
        if isinstance(error, SetupError):
            log.error("%s %s [%s]: %s", request.method, request.url.path, error.code, error)
            told = _SETUP_TOLD.get(error.code, _SETUP_TOLD_ELSE)
        return answer(error.code, told, error.http_status, headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        told = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors())
        return answer(InputError.code, told, InputError.http_status)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if str(error.detail).startswith(_TEXT_TOO_LONG):
            return answer(UsageError.code, f"a part without a file name is over 1 MiB; {FILE_NAME_HINT}", 400)
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, InputError.code)
        return answer(code, str(error.detail), error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        # Starlette raises it again after the answer, so that the server's log has the trace and the caller has not.
        return answer(PhonegradeError.code, "internal error; the service's log tells more", 500)
