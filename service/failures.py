"""How an error becomes an answer: the one translation from the error tree to HTTP."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from phonegrade.configs.errors import BusyError, InputError, PhonegradeError
from phonegrade.service.slots import Slots

log = logging.getLogger("phonegrade.service")


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The JSON of every error, over HTTP and from the command line alike."""
    return {"error": {"code": code, "message": message}}


def install_failures(app: FastAPI) -> None:
    """Makes `app` answer every error as {"error": {"code", "message"}}, counted by code, without a trace."""

    def answer(code: str, message: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
        app.state.metrics.errors.labels(code).inc()
        return JSONResponse(error_body(code, message), status, headers)

    def known(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, PhonegradeError)
        headers = {"Retry-After": str(Slots.retry_after_s)} if isinstance(error, BusyError) else None
        return answer(error.code, str(error), error.http_status, headers)

    def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        told = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors())
        return answer(InputError.code, told, InputError.http_status)

    def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, InputError.code)
        return answer(code, str(error.detail), error.status_code, dict(error.headers or {}))

    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        log.error("unforeseen error", exc_info=error)
        return answer(PhonegradeError.code, "internal error; the service's log tells more", 500)

    app.add_exception_handler(PhonegradeError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)
