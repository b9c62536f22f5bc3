"""The service: `create_app` wires the parts, `uvicorn phonegrade.serve:app` runs them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import cv2
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from phonegrade import __version__
from phonegrade.service.api import router
from phonegrade.service.authorize import Authorize, KeyFile
from phonegrade.service.docs_page import router as docs_page
from phonegrade.service.failures import install_failures
from phonegrade.service.limits import BodyLimit, HeadAsGet
from phonegrade.service.logs import RequestLog
from phonegrade.service.metrics import MeterRequests, Metrics
from phonegrade.service.parts import Parts
from phonegrade.service.ready import ReadinessProbe
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.slots import Slots

DESCRIPTION = "Finds, measures and grades the wear of used phones from photos, with evidence."


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """Return the service as an ASGI app; models are loaded when it starts, not here."""
    settings = settings or ServiceSettings()
    slots = Slots(settings.slots)
    metrics = Metrics(slots)
    parts = Parts(settings, slots, metrics, ReadinessProbe(settings.ready_photo, settings.ready_fresh_s))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # OpenCV, too, would take every core of the host.
        cv2.setNumThreads(settings.threads)
        await anyio.to_thread.run_sync(parts.load)
        yield

    app = FastAPI(
        title="phonegrade",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # Swagger's and ReDoc's pages load from other servers; ours is below
        redoc_url=None,
    )
    app.state.parts = parts
    app.include_router(router)
    app.include_router(docs_page)
    install_failures(app, metrics)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["Retry-After"],
        )
    app.add_middleware(HeadAsGet)
    if settings.keys_file is not None:
        app.add_middleware(Authorize, keys=KeyFile(settings.keys_file))
    app.add_middleware(MeterRequests, metrics=metrics)
    app.add_middleware(RequestLog)
    return app


app = create_app()
