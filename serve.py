"""The service: `create_app` wires the parts, `uvicorn phonegrade.serve:app` runs them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Scope

from phonegrade import __version__
from phonegrade.configs.policy_set import PolicySet
from phonegrade.service.api import router
from phonegrade.service.authorize import Authorize, KeyFile, Keys
from phonegrade.service.caller import Caller
from phonegrade.service.connections import HeadAsGet, LingeringClose
from phonegrade.service.docs_page import router as docs_page
from phonegrade.service.examples import install_openapi
from phonegrade.service.failures import install_failures
from phonegrade.service.keys import KeyRing, parse_keys
from phonegrade.service.loading import worker_pool
from phonegrade.service.logs import RequestLog
from phonegrade.service.metrics import MeterRequests, Metrics
from phonegrade.service.parts import Parts
from phonegrade.service.pool import Pool
from phonegrade.service.pool_settings import WorkTimes
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.tasks import Result, Task
from phonegrade.service.tracing import install_tracing

FindKey = Callable[[str], Awaitable[Caller | None]]
DESCRIPTION = "Finds, measures and grades the wear of used phones from photos, with evidence."


def create_app(settings: ServiceSettings | None = None, pool: Pool[Task, Result] | None = None) -> FastAPI:
    """Return the service as an ASGI app; workers load the models when it starts, not here.

    `pool` are its workers, by default those of `worker_pool`. Raises PolicyError or KeysFileError for an operator's
    files that are not valid.
    """
    settings = settings or ServiceSettings()
    parts = build_parts(settings, pool)
    metrics = parts.metrics
    room = _cases(parts)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await parts.pool.start()
            async with room.life(parts):
                yield
        finally:
            await parts.pool.close(settings.drain_s)

    app = FastAPI(
        title="phonegrade",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # Swagger's and ReDoc's pages load from other servers; ours is below
        redoc_url=None,
        # its own traces would hold bodies and headers, and go wherever the environment says
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.parts = parts
    app.include_router(router)
    app.include_router(room.routes)
    app.include_router(docs_page)
    install_failures(app, metrics)
    install_openapi(app)
    _add_middleware(app, parts, room)
    if settings.traces is not None:
        parts.watchers.append(install_tracing(app, settings.traces))
    return app


def _add_middleware(app: FastAPI, parts: Parts, room: "_CaseRoom") -> None:
    settings = parts.settings
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["Retry-After", "X-Request-Id", "Idempotency-Replayed", "ETag", "Location"],
        )
    app.add_middleware(HeadAsGet)
    keys = _keys(settings)
    if keys is not None:
        app.add_middleware(
            Authorize,
            keys=keys,
            metrics=parts.metrics,
            stored=room.find_key,
            session=room.session_key,
            is_public=room.is_public,
        )
    app.add_middleware(LingeringClose)
    app.add_middleware(MeterRequests, metrics=parts.metrics)
    app.add_middleware(RequestLog)


class _CaseRoom(NamedTuple):
    """What stored cases add to the service."""

    life: Callable[[Parts], AbstractAsyncContextManager[None]]
    routes: APIRouter
    find_key: FindKey | None = None
    session_key: Callable[[Scope], Awaitable[str]] | None = None
    is_public: Callable[[str], bool] = lambda _: False


def _cases(parts: Parts) -> _CaseRoom:
    """Return nothing to add without --data: neither a route nor a database's library is loaded then."""
    if parts.settings.data is None:
        return _CaseRoom(lambda _: nullcontext(), APIRouter())
    from phonegrade.service.case_life import router, stored_cases, stored_key
    from phonegrade.service.pages import is_page
    from phonegrade.service.sessions import key_of_session

    return _CaseRoom(stored_cases, router, partial(stored_key, parts), partial(key_of_session, parts), is_page)


def _keys(settings: ServiceSettings) -> Keys | None:
    if settings.keys_text is not None:
        return KeyRing(parse_keys(settings.keys_text.get_secret_value(), "the environment's keys"))
    if settings.keys_file is not None:
        return KeyFile(settings.keys_file)
    return KeyRing(()) if settings.stored_keys else None


def build_parts(settings: ServiceSettings, pool: Pool[Task, Result] | None = None) -> Parts:
    """Return what the routes share; nothing is started here. Raises PolicyError."""
    pool = pool or worker_pool(settings)
    metrics = Metrics()
    watchers: list[Callable[[WorkTimes], None]] = [metrics.observe]

    def tell(times: WorkTimes) -> None:
        for watch in watchers:
            watch(times)

    pool.on_finished = tell
    metrics.watch(pool)
    return Parts(settings, PolicySet(settings.policies_dir), pool, metrics, watchers)


def __getattr__(name: str) -> FastAPI:
    """Build `app` for whoever asks for it: importing this module builds none."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return create_app()
