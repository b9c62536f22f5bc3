"""What the service counts, for Prometheus."""

import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from phonegrade.assessment.assessment import Assessment
from phonegrade.service.slots import Slots

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counters of one app, in a registry of their own so that two apps in one process do not collide."""

    def __init__(self, slots: Slots) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "phonegrade_requests", "Answered requests.", ("path", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "phonegrade_request_seconds",
            "From the first byte in to the last byte out.",
            ("path",),
            registry=self.registry,
        )
        self.errors = Counter("phonegrade_errors", "Answers that were errors.", ("code",), registry=self.registry)
        self.grades = Counter(
            "phonegrade_grades", "Devices by what they were graded.", ("grade",), registry=self.registry
        )
        busy = Gauge("phonegrade_slots_busy", "Slots at work.", registry=self.registry)
        busy.set_function(lambda: slots.busy)
        Gauge("phonegrade_slots", "Slots there are.", registry=self.registry).set(slots.count)

    def count_grade(self, assessment: Assessment) -> None:
        """Count one graded device."""
        self.grades.labels(assessment.decision.grade or assessment.decision.status).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


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
