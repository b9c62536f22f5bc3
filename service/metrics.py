"""What the service counts, for Prometheus."""

import time
from collections.abc import Iterator

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from phonegrade.assessment.request import DEFAULT_POLICY
from phonegrade.service.pool import Pool
from phonegrade.service.tasks import Result, Task

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counters of one app, in a registry of their own so that two apps in one process do not collide."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "phonegrade_requests", "Answered requests.", ("path", "method", "status"), registry=self.registry
        )
        self.seconds = self._histogram("phonegrade_request_seconds", "From first byte in to last byte out.", "path")
        self.errors = Counter("phonegrade_errors", "Answers that were errors.", ("code",), registry=self.registry)
        self.grades = Counter(
            "phonegrade_grades", "Devices by what they were graded.", ("policy", "grade"), registry=self.registry
        )
        ProcessCollector(registry=self.registry)

    def watch(self, pool: Pool[Task, Result]) -> None:
        """Answer with the figures of `pool` too."""
        self.registry.register(_PoolCollector(pool))

    def count_grade(self, policy: str | None, outcome: str | None) -> None:
        """Count one graded device."""
        self.grades.labels(policy or DEFAULT_POLICY, outcome or "unknown").inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry, buckets=_SECONDS)


class _PoolCollector(Collector):
    """The pool's figures as they are when they are asked for."""

    def __init__(self, pool: Pool[Task, Result]) -> None:
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        pool, counts = self._pool, self._pool.counts
        for name, text, value in (
            ("workers", "Worker processes there should be.", pool.settings.workers),
            ("workers_ready", "Worker processes that can work.", pool.ready),
            ("workers_busy", "Worker processes at work.", pool.busy),
            ("queue_length", "Photos that wait for a worker.", pool.waiting),
            ("queue_capacity", "Photos that may wait.", pool.settings.queue),
        ):
            yield GaugeMetricFamily(f"phonegrade_{name}", text, value)
        for name, text, value in (
            ("worker_restarts", "Workers replaced by fresh ones.", counts.restarts),
            ("worker_crashes", "Workers that died.", counts.crashes),
            ("queue_refused", "Photos refused because too many waited.", counts.refused),
            ("queue_expired", "Photos that waited too long.", counts.expired),
            ("queue_dropped", "Photos whose client had gone.", counts.dropped),
        ):
            yield CounterMetricFamily(f"phonegrade_{name}", text, value)


class MeterRequests:
    """ASGI middleware that counts and times requests by route, never by raw path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        started_s = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            # A stranger's path or method must not become a label: that would grow without bound.
            path = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD", "OPTIONS"} else "other"
            self.metrics.requests.labels(path, method, str(status)).inc()
            self.metrics.seconds.labels(path).observe(time.perf_counter() - started_s)
