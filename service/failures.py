"""How an error becomes an answer: the one translation from the error tree to HTTP."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from phonegrade.configs.errors import BusyError, InputError, PhonegradeError
from phonegrade.service.metrics import Metrics
from phonegrade.service.slots import Slots


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
        return answer(error.code, str(error), error.http_status, headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        told = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors())
        return answer(InputError.code, told, InputError.http_status)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, InputError.code)
        return answer(code, str(error.detail), error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        # Starlette raises it again after the answer, so that the server's log has the trace and the caller has not.
        return answer(PhonegradeError.code, "internal error; the service's log tells more", 500)
