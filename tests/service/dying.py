"""A service and `phonegrade work` that kill themselves at a write: before and after each commit, fsync and rename.

Each place of each request kills once, so a play that goes on after every death meets every write of every request; the
work beside the requests, such as inspections and webhooks, dies a few times at each of its writes.
"""

import asyncio
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from sqlalchemy import Connection
from starlette.types import ASGIApp, Receive, Scope, Send

from phonegrade.cli.work import _work
from phonegrade.serve import create_app
from phonegrade.service import inspections, pooled_worker
from phonegrade.service.settings import ServiceSettings
from phonegrade.store import answers, jobs, webhooks
from phonegrade.store.engines import Database

LEASE_S = 1.0
"""Of jobs, deliveries and requests: what a dead process had is waited for so long, not for minutes."""
BESIDE = 3
"""How often the work beside the requests dies at one and the same write."""
_request: ContextVar[tuple[str, Counter[str]] | None] = ContextVar("request", default=None)


class Faults(NamedTuple):
    """What a process does wrong, or has done to it."""

    deaths: Path
    """Where the places are noted at which a process has died; shared by all of them."""
    ends: Path
    """Where each job is noted whose end a worker was granted."""
    at_writes: float = 0.0
    """Share of the writes at which processes die."""
    slow: float = 0.0
    """Share of the jobs that outlive their lease the first time."""
    planted: bool = False
    """Take `worker = me` out of the end of a job."""


class Deaths:
    """Kills this process at the first write at which none has died yet."""

    def __init__(self, file: Path, share: float) -> None:
        self._file, self._share = file, share
        self._known = Counter(file.read_text(encoding="utf-8").splitlines() if file.exists() else ())
        self._lock = threading.Lock()

    def at(self, what: str) -> None:
        """Die here, unless enough processes have."""
        current = _request.get()
        where, most = (f"beside {_caller()}", BESIDE) if current is None else (current[0], 1)
        if current is not None:
            current[1][what] += 1
            what = f"{what} {current[1][what]}"
        label = f"{what}, {where}"
        with self._lock:
            if self._known[label] >= most or random.Random(label).random() >= self._share:  # noqa: S311  which writes
                return
            with self._file.open("a", encoding="utf-8") as noting:
                noting.write(f"{label}\n")
            os.kill(os.getpid(), signal.SIGKILL)


class Named:
    """ASGI middleware: lets a write know its request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "GET":
            name = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
            _request.set((name, Counter()))
        await self._app(scope, receive, send)


def serve(settings: ServiceSettings, port: int, faults: Faults) -> None:
    """Run a service until it is killed."""
    _prepare(faults)
    uvicorn.run(Named(create_app(settings)), port=port, log_level="error", timeout_graceful_shutdown=5)


def work(settings: ServiceSettings, faults: Faults) -> None:
    """Inspect stored photos until killed."""
    _prepare(faults)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stderr = nowhere
        asyncio.run(_work(settings))


def _prepare(faults: Faults) -> None:
    os.setsid()
    # nothing else runs yet when the pool starts, and importing all anew is most of a short life
    pooled_worker.get_context = lambda _: get_context("fork")  # type: ignore[attr-defined]
    answers.LEASE = timedelta(seconds=LEASE_S)
    inspections.claim_job = partial(jobs.claim_job, lease_s=2 * LEASE_S)  # type: ignore[attr-defined]
    inspections.extend_lease = partial(jobs.extend_lease, lease_s=2 * LEASE_S)  # type: ignore[attr-defined]
    inspections.add_job = partial(jobs.add_job, max_attempts=1000)  # type: ignore[attr-defined]
    inspections.finish_job = partial(_finish, faults)  # type: ignore[attr-defined]
    webhooks.claim_delivery = partial(webhooks.claim_delivery, lease_s=2 * LEASE_S)  # type: ignore[attr-defined]
    if faults.planted:
        jobs.ours = lambda claim: jobs.JOBS.c.id == claim.id
    if faults.at_writes:
        _die_at_writes(Deaths(faults.deaths, faults.at_writes))


def _finish(
    faults: Faults,
    database: Database,
    claim: jobs.Claim,
    write: Callable[[Connection], None],
    clock: Callable[[], datetime],
) -> bool:
    """End a job as `finish_job` does, some too late, and note those that were this worker's to end."""
    if claim.attempt == 1 and random.Random(claim.id).random() < faults.slow:  # noqa: S311  which jobs are slow
        time.sleep(3 * LEASE_S)
    if not jobs.finish_job(database, claim, write, clock):
        return False
    with faults.ends.open("a", encoding="utf-8") as noting:
        noting.write(f"{claim.id}\n")
    return True


def _die_at_writes(deaths: Deaths) -> None:
    whole, sync, replace = Database.write, os.fsync, Path.replace

    @contextmanager
    def write(self: Database) -> Iterator[Connection]:
        with whole(self) as connection:
            yield connection
            deaths.at("before commit")
        deaths.at("after commit")

    def fsync(descriptor: int) -> None:
        deaths.at("before fsync")
        sync(descriptor)
        deaths.at("after fsync")

    def rename(self: Path, target: Any) -> Path:  # noqa: ANN401  as pathlib has it
        deaths.at("before rename")
        renamed = replace(self, target)
        deaths.at("after rename")
        return renamed

    Database.write = write  # type: ignore[method-assign]
    os.fsync = fsync  # type: ignore[assignment]
    Path.replace = rename  # type: ignore[assignment,method-assign]


def _caller() -> str:
    """Return the function of the service or the store that writes."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(("phonegrade.store.", "phonegrade.service.")) and "engines" not in name:
            return f"{name.rpartition('.')[2]}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "elsewhere"
