"""Traces: request -> work -> stages, nothing that names a photo or device, and nothing at all unless asked for."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar, NamedTuple

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from phonegrade.core.errors import SetupError, UsageError
from phonegrade.core.stages import Stage
from phonegrade.service.pool import Pool
from phonegrade.service.pool_settings import PoolSettings, WorkTimes
from phonegrade.service.tracing import install_tracing, traces_endpoint
from phonegrade.tests.service.hostile_work import load

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
IMEI = "490154203237518"
TIMES = WorkTimes("inspect_photo", 0.5, 1_800_000_000.0, 0.2, 0.15, (Stage("decode", 0.01, 0.05),), 10**8, "answered")


class Spans(NamedTuple):
    """What a collector would have got."""

    all: Sequence[ReadableSpan]

    def one(self, name: str) -> ReadableSpan:
        """Return the one span of that name."""
        (match,) = (span for span in self.all if span.name == name)
        return match

    def tree(self) -> set[tuple[str, str | None]]:
        """Return each span's name and its parent's."""
        names = {span.context.span_id: span.name for span in self.all if span.context}
        return {(span.name, names.get(span.parent.span_id) if span.parent else None) for span in self.all}


def traced(times: WorkTimes, path: str = "/photos/7", headers: dict[str, str] | None = None) -> Spans:
    """The spans of one request to a service that finishes one piece of work for it."""
    exporter = InMemorySpanExporter()
    app = FastAPI()
    on_finished = install_tracing(app, "http://127.0.0.1:4318", exporter)

    @app.get("/photos/{name}")
    async def photo(name: str) -> str:
        on_finished(times)
        return name

    @app.get("/broken/{name}")
    async def broken(name: str) -> None:
        raise ValueError(f"{name} is broken")

    @app.get("/busy")
    async def busy() -> None:
        raise HTTPException(503, "full")

    with TestClient(app, raise_server_exceptions=False) as client:
        client.get(path, headers=headers)
    return Spans(exporter.get_finished_spans())


def test_one_request_is_a_tree_of_request_work_and_stages() -> None:
    spans = traced(TIMES)
    assert spans.tree() == {
        ("GET /photos/{name}", None),
        ("queue", "GET /photos/{name}"),
        ("inspect_photo", "GET /photos/{name}"),
        ("decode", "inspect_photo"),
    }
    assert spans.one("GET /photos/{name}").kind is SpanKind.SERVER
    assert dict(spans.one("GET /photos/{name}").attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/photos/{name}",
        "http.response.status_code": 200,
    }
    assert dict(spans.one("inspect_photo").attributes or {}) == {
        "phonegrade.outcome": "answered",
        "phonegrade.cpu_s": 0.15,
    }


@pytest.mark.parametrize(
    ("name", "start_s", "seconds"), [("queue", -0.5, 0.5), ("inspect_photo", 0.0, 0.2), ("decode", 0.01, 0.05)]
)
def test_spans_have_the_times_that_the_worker_measured(name: str, start_s: float, seconds: float) -> None:
    span = traced(TIMES).one(name)
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.start_time / 1e9 - TIMES.began_unix_s == pytest.approx(start_s, abs=1e-5)
    assert (span.end_time - span.start_time) / 1e9 == pytest.approx(seconds, abs=1e-5)


def test_a_request_goes_on_with_its_callers_trace() -> None:
    span = traced(TIMES, headers={"traceparent": CALLER}).one("GET /photos/{name}")
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" == CALLER[3:-3]


def test_a_caller_who_is_not_sampled_is_not_traced() -> None:
    assert traced(TIMES, headers={"traceparent": CALLER[:-1] + "0"}).all == ()


@pytest.mark.parametrize("path", [f"/photos/{IMEI}", f"/broken/{IMEI}", f"/{IMEI}", f"/photos/a?imei={IMEI}"])
def test_nothing_that_a_caller_sent_is_in_a_span(path: str) -> None:
    spans = traced(TIMES, path, {"X-Request-Id": IMEI, "User-Agent": IMEI})
    assert len(spans.all) > 0
    assert IMEI not in "".join(span.to_json() for span in spans.all)


@pytest.mark.parametrize(("path", "status"), [("/broken/a", 500), ("/busy", 503)])
def test_what_the_service_could_not_do_is_an_error(path: str, status: int) -> None:
    (span,) = traced(TIMES, path).all
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["http.response.status_code"] == status
    assert not span.events


def test_an_unknown_path_is_no_error_and_has_no_route() -> None:
    (span,) = traced(TIMES, "/nothing/here").all
    assert (span.name, span.status.status_code) == ("GET", StatusCode.UNSET)


def test_through_the_pool_every_piece_of_work_is_under_its_own_request() -> None:
    exporter = InMemorySpanExporter()
    pools: list[Pool[str, str]] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pools.append(Pool(PoolSettings(workers=1, photo_bytes=1000), load, on_finished=on_finished))
        await pools[0].start()
        yield
        await pools[0].close()

    app = FastAPI(lifespan=lifespan)
    on_finished = install_tracing(app, "http://127.0.0.1:4318", exporter)

    @app.get("/grade")
    async def grade(photos: int) -> list[str]:
        return await asyncio.gather(*(pools[0].run("t", b"compute") for _ in range(photos)))

    with TestClient(app) as client:
        assert [len(client.get(f"/grade?photos={n}").json()) for n in (1, 2)] == [1, 2]
    spans = exporter.get_finished_spans()
    by_trace = [[one.name for one in spans if _trace(one) == trace] for trace in dict.fromkeys(map(_trace, spans))]
    assert [sorted(names) for names in by_trace] == [
        sorted(["GET /grade", *["queue", "str", "compute"] * n]) for n in (1, 2)
    ]
    assert Spans(spans).tree() == {
        ("GET /grade", None),
        ("queue", "GET /grade"),
        ("str", "GET /grade"),
        ("compute", "str"),
    }


def _trace(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.trace_id


def test_work_of_the_services_own_makes_no_span() -> None:
    exporter = InMemorySpanExporter()
    app = FastAPI()
    on_finished = install_tracing(app, "http://127.0.0.1:4318", exporter)
    with TestClient(app):
        on_finished(TIMES)
    assert exporter.get_finished_spans() == ()


class Collector(BaseHTTPRequestHandler):
    """A collector that keeps the names of the spans that it gets."""

    got: ClassVar[list[tuple[str, str]]] = []

    def do_POST(self) -> None:
        """Take one batch."""
        batch = ExportTraceServiceRequest()
        batch.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in batch.resource_spans:
            self.got.extend((self.path, span.name) for scope in resource.scope_spans for span in scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_the_last_spans_reach_the_collector_before_the_service_ends() -> None:
    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        thread = Thread(target=collector.serve_forever, daemon=True)
        thread.start()
        app = FastAPI()
        on_finished = install_tracing(app, f"http://127.0.0.1:{collector.server_port}")

        @app.get("/photos")
        async def photos() -> None:
            on_finished(TIMES)

        with TestClient(app) as client:
            client.get("/photos")
        collector.shutdown()
    assert sorted(Collector.got) == [
        ("/v1/traces", name) for name in ("GET /photos", "decode", "inspect_photo", "queue")
    ]


def test_a_collector_that_is_away_costs_no_request_and_holds_up_the_end_only_a_little() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        app = FastAPI()
        install_tracing(app, f"http://127.0.0.1:{taken.getsockname()[1]}")

        @app.get("/photos")
        async def photos() -> str:
            return "good"

        began_s = time.monotonic()
        with TestClient(app) as client:
            assert client.get("/photos").status_code == 200
        assert time.monotonic() - began_s < 4.0


def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    monkeypatch.delitem(sys.modules, "phonegrade.service.spans", raising=False)
    with pytest.raises(SetupError, match=r"serve --traces needs opentelemetry.*phonegrade\[otel\]"):
        install_tracing(FastAPI(), "http://127.0.0.1:4318")


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://collector/", "https://collector/v1/traces"),
        ("http://collector/otlp/v1/traces", "http://collector/otlp/v1/traces"),
    ],
)
def test_a_collectors_address_leads_to_its_traces(url: str, endpoint: str) -> None:
    assert traces_endpoint(url) == endpoint


@pytest.mark.parametrize("url", ["", "collector:4318", "ftp://collector", "http://", "http://collector?x=1"])
def test_what_is_not_an_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a collector"):
        traces_endpoint(url)


def test_the_service_imports_no_exporter_by_itself() -> None:
    # FastAPI itself may import OpenTelemetry's interface, which does nothing without its SDK
    code = "import sys, phonegrade.serve, phonegrade.service.tracing as _; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert not {"opentelemetry.sdk", "opentelemetry.exporter", "phonegrade.service.spans"} & set(done.stdout.split())
