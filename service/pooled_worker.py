"""One worker process as the pool holds it, and the work that it is given."""

import asyncio
import math
import os
import re
from contextvars import Context
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, Generic, TypeVar

from phonegrade.core.errors import SetupError
from phonegrade.inference.worker_process import Load, Order, run
from phonegrade.service.pool_settings import PoolSettings

Task = TypeVar("Task")
Answer = TypeVar("Answer")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps it, not a file of ours


@dataclass(eq=False)
class Job(Generic[Task, Answer]):
    """One photo that waits or is worked on."""

    task: Task
    data: bytes
    future: asyncio.Future[Answer]
    submitted_s: float
    expires_s: float
    context: Context
    """Of the request that it is for."""
    crashes: int = 0

    @property
    def kind(self) -> str:
        """The task's type in snake_case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.task).__name__).lower()


@dataclass(eq=False)
class PooledWorker:
    """One process, its end of the pipe and the memory they share."""

    process: BaseProcess
    connection: Connection
    slab: SharedMemory
    job: Job[Any, Any] | None = None
    ready: bool = False
    answered: int = 0
    began_s: float = 0.0
    began_unix_s: float = 0.0
    rss_bytes: int = 0
    overtime: asyncio.TimerHandle | None = None

    @classmethod
    def start(cls, settings: PoolSettings, load: Load[Any, Any]) -> "PooledWorker":
        """Start a process; it is ready when it says so."""
        # spawn: a fork of a process whose threads hold locks, such as ONNX Runtime's, would never finish
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        slab = SharedMemory(create=True, size=settings.photo_bytes)
        arguments = (theirs, slab.name, load, settings.memory_bytes)
        process = context.Process(target=run, args=arguments, daemon=True, name="phonegrade-worker")
        process.start()
        theirs.close()
        return cls(process, ours, slab)

    def give(self, job: Job[Any, Any], now_s: float, now_unix_s: float, photo_s: float) -> None:
        """Hand over one photo; a worker that has it for longer than `photo_s` is ended."""
        self.job, self.began_s, self.began_unix_s = job, now_s, now_unix_s
        if self.slab.buf is not None:
            self.slab.buf[: len(job.data)] = job.data
        self.overtime = asyncio.get_running_loop().call_later(photo_s, self.process.kill)
        try:
            self.connection.send(Order(job.task, len(job.data)))
        except OSError:
            return  # it died; its sentinel says so

    def take_back(self) -> "Job[Any, Any] | None":
        """Return what it worked on, which is over one way or another."""
        job, self.job = self.job, None
        if self.overtime is not None:
            self.overtime.cancel()
        return job

    def end(self) -> None:
        """End the process and give back what was shared with it."""
        if self.overtime is not None:
            self.overtime.cancel()
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.slab.close()
        self.slab.unlink()


def check_shared_memory(settings: PoolSettings, folder: Path = SHARED_MEMORY) -> None:
    """Raise SetupError where the workers' shared memory has no room for a photo each.

    Its pages are taken when a photo is written, and a write that finds none left ends the whole service: containers
    have 64 MB unless told otherwise.
    """
    try:
        status = os.statvfs(folder)
    except OSError:
        return  # kept elsewhere, by another system
    free_bytes, needed_bytes = status.f_bavail * status.f_frsize, settings.workers * settings.photo_bytes
    if free_bytes < needed_bytes:
        raise SetupError(
            f"{folder} has {free_bytes // 1_000_000} MB left and {settings.workers} workers need"
            f" {math.ceil(needed_bytes / 1_000_000)} MB there: fewer workers, or more of it (docker: --shm-size)"
        )
