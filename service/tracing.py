"""Traces of OpenTelemetry, for who asks for them: without `--traces` nothing of it is imported and no socket is opened.

Every span is made in the front process: workers, who open no socket, hand their times over.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI

from phonegrade.core.errors import UsageError
from phonegrade.core.extras import needs_extra
from phonegrade.service.pool_settings import WorkTimes

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter


def install_tracing(app: FastAPI, url: str, exporter: "SpanExporter | None" = None) -> Callable[[WorkTimes], None]:
    """Trace every request of `app` to the collector at `url`, and return what `Pool` takes as `on_finished`.

    Call it after every other middleware was added, so that the request's span holds all of them. Spans go out in
    batches, from a thread of their own, by OTLP over HTTP, or to `exporter` instead; a collector that cannot be reached
    costs no request. Raises UsageError for what is not an HTTP address, and SetupError without the extra `otel`.
    """
    endpoint = traces_endpoint(url)
    with needs_extra("otel", "serve --traces"):
        from phonegrade.service.spans import TraceRequests, provider_of, work_spans
    provider = provider_of(endpoint, exporter)
    tracer = provider.get_tracer("phonegrade")
    app.add_middleware(TraceRequests, tracer=tracer, close=provider.shutdown)
    return work_spans(tracer)


def traces_endpoint(url: str) -> str:
    """Return the address that spans are sent to: `url`, with /v1/traces where it names a collector alone."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"--traces {url!r} is not the address of a collector, such as http://127.0.0.1:4318")
    return url if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/v1/traces"
