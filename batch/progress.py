"""How far a run is: a file that another terminal reads, and the same for Prometheus."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from pydantic import Field, NonNegativeFloat, NonNegativeInt

from phonegrade.batch.engines.chunks import ChunkDone
from phonegrade.batch.run_folder import RunFolder
from phonegrade.core.files import write_text
from phonegrade.core.strict import Strict

log = logging.getLogger(__name__)
State = Literal["running", "finished", "stopped", "failed"]
Stage = Literal["photos", "devices", "report"]
EVERY_S = 1.0


class StageProgress(Strict):
    """How far one stage is."""

    total: NonNegativeInt
    before: NonNegativeInt = 0
    """Done by earlier runs."""
    done: NonNegativeInt = 0
    """By this one."""
    unread: NonNegativeInt = 0
    """Could not be read; a later run tries again."""
    seconds: NonNegativeFloat = 0.0
    cpu_s: NonNegativeFloat = 0.0
    stages_cpu_s: dict[str, float] = Field(default_factory=dict)
    errors: dict[str, int] = Field(default_factory=dict)
    """Answers that are errors, by code."""

    @property
    def per_s(self) -> float | None:
        """Answers a second; None before the first."""
        return self.done / self.seconds if self.done and self.seconds else None

    @property
    def eta_s(self) -> float | None:
        """How long the rest will take; None before the first answer."""
        left = max(0, self.total - self.before - self.done - self.unread)
        return None if self.per_s is None else left / self.per_s


class Progress(Strict):
    """How far a run is."""

    state: State
    stage: Stage
    engine: str
    workers: NonNegativeInt
    began_at: datetime
    updated_at: datetime
    problems: dict[str, int] = Field(default_factory=dict)
    """Of the input, by code."""
    photos: StageProgress = StageProgress(total=0)
    devices: StageProgress = StageProgress(total=0)
    first_answer_s: NonNegativeFloat | None = None
    """From the beginning of the run to its first new answer."""
    worker_rss_bytes: NonNegativeInt = 0
    """The most that a worker had after a chunk."""
    error: str | None = None
    """Why it failed."""


@dataclass
class ProgressFile:
    """Keeps the progress of a run and writes it, at most once a second; that it cannot be written stops no run."""

    folder: RunFolder
    now: Progress
    clock: Callable[[], datetime]
    on_change: Callable[[Progress], None]
    began_s: float = field(default_factory=time.monotonic)
    _written_s: float = 0.0
    _stage_s: float = 0.0

    def begin(self, stage: Stage, total: int, before: int) -> None:
        """Begin a stage, of which so much was done before."""
        self._stage_s = time.monotonic()
        part = {} if stage == "report" else {stage: StageProgress(total=total, before=before)}
        self._change(force=True, stage=stage, **part)

    def add(self, chunk: ChunkDone) -> None:
        """Count a chunk of the stage in hand."""
        if self.now.stage == "report":
            raise ValueError("a report is no stage of chunks")
        part = self.now.photos if self.now.stage == "photos" else self.now.devices
        spent = Counter(part.stages_cpu_s)
        spent.update(chunk.stages_cpu_s)
        grown = part.model_copy(
            update={
                "done": part.done + chunk.answered,
                "unread": part.unread + len(chunk.unread),
                "seconds": time.monotonic() - self._stage_s,
                "cpu_s": part.cpu_s + chunk.cpu_s,
                "stages_cpu_s": dict(spent),
                "errors": dict(Counter(part.errors) + chunk.codes),
            }
        )
        first = self.now.first_answer_s
        if first is None and chunk.answered:
            first = time.monotonic() - self.began_s
        rss_bytes = max(self.now.worker_rss_bytes, chunk.rss_bytes)
        self._change(force=False, **{self.now.stage: grown}, first_answer_s=first, worker_rss_bytes=rss_bytes)

    def end(self, state: State, error: str | None = None) -> None:
        """Write how the run ended."""
        self._change(force=True, state=state, error=error)

    def _change(self, *, force: bool, **values: object) -> None:
        self.now = self.now.model_copy(update={**values, "updated_at": self.clock()})
        self.on_change(self.now)
        if not force and time.monotonic() - self._written_s < EVERY_S:
            return
        self._written_s = time.monotonic()
        try:
            write_text(self.folder.progress, self.now.model_dump_json(indent=2) + "\n")
            write_to_textfile(str(self.folder.metrics), registry_of(self.now))
        except OSError as error:
            log.warning("the progress cannot be written (%s)", error.strerror)


def registry_of(progress: Progress) -> CollectorRegistry:
    """Return a run's progress as metrics."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"phonegrade_batch_{name}", text, labels, registry=registry)

    tasks = gauge("tasks", "Photos and devices of the run", "what", "state")
    errors = gauge("errors", "Answers that are errors", "what", "code")
    cpu = gauge("cpu_seconds", "Processor time of the workers", "what")
    for what, part in (("photos", progress.photos), ("devices", progress.devices)):
        for state in _COUNTS:
            tasks.labels(what, state).set(getattr(part, state))
        for code, count in part.errors.items():
            errors.labels(what, code).set(count)
        cpu.labels(what).set(part.cpu_s)
    problems = gauge("input_problems", "Rows that could not be used", "code")
    for code, count in progress.problems.items():
        problems.labels(code).set(count)
    gauge("running", "Whether the run goes on").set(progress.state == "running")
    gauge("updated_timestamp_seconds", "When this was written").set(progress.updated_at.timestamp())
    gauge("worker_resident_bytes", "The most that a worker had").set(progress.worker_rss_bytes)
    return registry


_COUNTS = ("total", "before", "done", "unread")
