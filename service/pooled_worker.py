"""One worker process as the pool holds it, and the work that it is given."""

import asyncio
import mmap
import re
from contextvars import Context
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from phonegrade.inference.limited_process import start_limited
from phonegrade.inference.worker_process import Load, Order
from phonegrade.service.pool_settings import PoolSettings

Task = TypeVar("Task")
Answer = TypeVar("Answer")


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
    slab: mmap.mmap
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
        started = start_limited(load, settings.photo_bytes, settings.memory_bytes)
        return cls(started.process, started.connection, started.slab)

    def give(self, job: Job[Any, Any], now_s: float, now_unix_s: float, photo_s: float) -> None:
        """Hand over one photo; a worker that has it for longer than `photo_s` is ended."""
        self.job, self.began_s, self.began_unix_s = job, now_s, now_unix_s
        self.slab[: len(job.data)] = job.data
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
