"""The routes: grading, what the service knows, and its operation."""

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from phonegrade.core.errors import NotReadyError
from phonegrade.core.strict import Strict
from phonegrade.service.examples import NOT_READY, READ_ERRORS
from phonegrade.service.grading import router as grading
from phonegrade.service.identifying import router as identifying
from phonegrade.service.lookups import router as lookups
from phonegrade.service.metrics import CONTENT_TYPE
from phonegrade.service.parts import PartsDep

router = APIRouter()
router.include_router(grading)
router.include_router(identifying)
router.include_router(lookups)
operation = APIRouter(tags=["operation"])


class Readiness(Strict):
    """How many of the workers can work."""

    status: str
    workers: int
    ready: int


@operation.get("/healthz", summary="The process is running")
async def healthz() -> dict[str, str]:
    """Answer while the process runs; whether it can grade is what /readyz answers."""
    return {"status": "alive"}


@operation.get("/readyz", summary="The service can grade", responses={503: NOT_READY})
async def readyz(parts: PartsDep) -> Readiness:
    """Answer 503 where no worker is ready; each is once it has inspected a stored photo. The log has the reason."""
    pool = parts.pool
    if pool.error is not None or not pool.ready:
        raise NotReadyError(str(pool.error or "no worker is ready yet"))
    return Readiness(status="ready", workers=pool.settings.workers, ready=pool.ready)


@operation.get("/metrics", summary="Metrics for Prometheus", response_class=Response, responses=READ_ERRORS)
async def metrics(parts: PartsDep) -> Response:
    """Answer in Prometheus' text format."""
    return Response(await run_in_threadpool(parts.metrics.text), media_type=CONTENT_TYPE)


router.include_router(operation)
