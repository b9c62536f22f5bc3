"""A span for each request, below it one for each piece of work, and below that one for each stage.

Needs the extra `otel`; `service.tracing` imports it where traces are asked for.
"""

from collections.abc import Callable
from threading import Thread

import anyio.to_thread
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span, set_span_in_context, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from phonegrade import __version__
from phonegrade.service.pool_settings import WorkTimes

LAST_EXPORT_S = 2.0
"""How long the last spans may hold up the service's end."""
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS"})
_traceparent = TraceContextTextMapPropagator()


def provider_of(endpoint: str, exporter: SpanExporter | None) -> TracerProvider:
    """Return what makes tracers whose spans go to `exporter`, or by OTLP over HTTP to `endpoint`."""
    if exporter is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint)
    resource = Resource.create({"service.name": "phonegrade", "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class TraceRequests:
    """ASGI middleware: a server span for each request, below the caller's where it sent a `traceparent`.

    It is named after the route's pattern and never the path; no query, header, file name or message of an error.
    """

    def __init__(self, app: ASGIApp, tracer: Tracer, close: Callable[[], None]) -> None:
        self.app = app
        self.tracer = tracer
        self.close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._traced(scope, receive, send)
            case "lifespan":
                await self.app(scope, receive, self._closing(send))
            case _:
                await self.app(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        span = self.tracer.start_span(method, _traceparent.extract(headers), SpanKind.SERVER)
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            # an error's message holds the names of files
            with use_span(span, record_exception=False, set_status_on_exception=False):
                await self.app(scope, receive, watched)
        finally:
            _end_request(span, method, getattr(scope.get("route"), "path", None), status)

    def _closing(self, send: Send) -> Send:
        async def closing(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                thread = Thread(target=self.close, daemon=True)
                thread.start()
                await anyio.to_thread.run_sync(thread.join, LAST_EXPORT_S)
            await send(message)

        return closing


def _end_request(span: Span, method: str, route: str | None, status: int) -> None:
    span.set_attributes({"http.request.method": method, "http.response.status_code": status})
    if route is not None:
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
    span.end()


def work_spans(tracer: Tracer) -> Callable[[WorkTimes], None]:
    """Return what adds the spans of one finished piece of work to the request in whose context it is called."""

    def add(times: WorkTimes) -> None:
        request = get_current_span()
        if not request.get_span_context().is_valid:
            return  # work of the service's own
        began_s = times.began_unix_s
        waited = tracer.start_span("queue", start_time=_ns(began_s - times.wait_s))
        waited.end(_ns(began_s))
        work = tracer.start_span(times.task, start_time=_ns(began_s))
        work.set_attributes({"phonegrade.outcome": times.outcome, "phonegrade.cpu_s": round(times.cpu_s, 6)})
        if times.outcome == "crashed":
            work.set_status(StatusCode.ERROR)
        below = set_span_in_context(work)
        for one in times.stages:
            start_s = began_s + one.start_s
            tracer.start_span(one.name, below, start_time=_ns(start_s)).end(_ns(start_s + one.seconds))
        work.end(_ns(began_s + times.seconds))

    return add


def _ns(unix_s: float) -> int:
    return round(unix_s * 1e9)
