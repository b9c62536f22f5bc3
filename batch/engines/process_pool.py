"""Chunks in worker processes of this machine; one that dies or hangs costs one chunk's time and no other's answer."""

import os
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from phonegrade.batch.engines.chunks import MOST_CRASHES, Chunk, ChunkDone, Stop, Task, Unread, Work, do_chunk
from phonegrade.core.batch_errors import PhotoUnreadableError
from phonegrade.core.errors import PhonegradeError, SetupError
from phonegrade.core.workers import deaf_to_interrupts, end_with_parent

TASK_S = 60.0
"""How long one photo may hold a worker, who is ended then."""
START_S = 120.0
"""How long a worker may take to start, or to read or write."""
ALONE = 4
"""So much longer may a task take that is answered alone: it is tried twice, in processes that start first."""
POLL_S = 0.5
MOST_LOSSES = 20
"""Workers that may be lost over one chunk before it is given up for this run."""
_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Begun(NamedTuple):
    """A worker begins a task; None: it has ended one, and reads or writes."""

    key: str | None


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    chunk: Chunk[Any] | None = None
    key: str | None = None
    """Of the task in hand."""
    heard: bool = False
    """It has said something since it started."""
    deadline_s: float = 0.0


@dataclass(frozen=True)
class ProcessPool:
    """An engine of so many processes, each of one thread."""

    workers: int
    task_s: float = TASK_S

    def __call__(self, work: Work[Task, Any], chunks: Sequence[Chunk[Task]], stop: Stop) -> Iterator[ChunkDone]:
        """Yield what each chunk took, as they end. Raises SetupError, such as where results cannot be written."""
        run = _Run(work, deque(chunks), self.task_s)
        try:
            for _ in range(min(self.workers, len(chunks))):
                run.start()
            while run.waiting or run.busy:
                if stop.wanted and not run.busy:
                    return
                run.assign(stop)
                yield from run.heard()
        finally:
            run.end()


@dataclass
class _Run:
    work: Work[Any, Any]
    waiting: deque[Chunk[Any]]
    task_s: float
    crashes: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    stillborn: int = 0
    """Workers in a row that ended before they said anything."""
    members: list[_Worker] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return any(worker.chunk is not None for worker in self.members)

    def start(self) -> None:
        # spawn: a fork of a process whose threads hold locks, such as ONNX Runtime's, would never finish
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        # not a daemon: a worker may have a child of its own for a photo that is to be answered alone
        process = context.Process(target=_serve, args=(theirs, self.work), daemon=False, name="phonegrade-batch")
        with _children_of_one_thread(), deaf_to_interrupts():
            process.start()
        theirs.close()
        self.members.append(_Worker(process, ours))

    def assign(self, stop: Stop) -> None:
        for worker in self.members:
            if worker.chunk is None and self.waiting and not stop.wanted:
                worker.chunk, worker.key = self.waiting.popleft(), None
                worker.deadline_s = time.monotonic() + START_S
                crashes = {task.key: self.crashes[task.key] for task in worker.chunk.tasks if self.crashes[task.key]}
                with suppress(OSError):  # it died; its sentinel says so
                    worker.connection.send((worker.chunk, crashes))

    def heard(self) -> Iterator[ChunkDone]:
        sentinels = [worker.process.sentinel for worker in self.members]
        wait([*(worker.connection for worker in self.members), *sentinels], POLL_S)
        for worker in list(self.members):
            yield from self._messages(worker)
            if not worker.process.is_alive():
                yield from self._messages(worker)  # what it sent before it died
                yield from self._lost(worker)
            elif worker.chunk is not None and time.monotonic() > worker.deadline_s:
                worker.process.kill()
                worker.process.join()
                yield from self._lost(worker)

    def _messages(self, worker: _Worker) -> Iterator[ChunkDone]:
        while True:
            try:
                if not worker.connection.poll():
                    return
                message = worker.connection.recv()
            except (EOFError, OSError):
                return  # it died; its sentinel says so
            worker.heard, self.stillborn = True, 0
            match message:
                case Begun():
                    worker.key = message.key
                    worker.deadline_s = time.monotonic() + self._patience_s(message.key)
                case ChunkDone():
                    worker.chunk = worker.key = None
                    yield message
                case PhonegradeError():
                    raise message

    def _patience_s(self, key: str | None) -> float:
        if key is None:
            return START_S
        return self.task_s if self.crashes[key] < MOST_CRASHES else ALONE * self.task_s + START_S

    def _lost(self, worker: _Worker) -> Iterator[ChunkDone]:
        """Put another worker in its place, and its chunk first in the queue."""
        self.members.remove(worker)
        worker.connection.close()
        chunk = worker.chunk
        if worker.key is not None:
            self.crashes[worker.key] += 1
        self.stillborn += not worker.heard
        if self.stillborn >= MOST_LOSSES:
            raise SetupError(f"workers end before they begin (status {worker.process.exitcode})")
        if chunk is not None:
            self.losses[chunk.name] += 1
            if self.losses[chunk.name] <= MOST_LOSSES:
                self.waiting.appendleft(chunk)
            else:
                text = f"{MOST_LOSSES} workers ended over its chunk; run again"
                unread = tuple(Unread(task.key, PhotoUnreadableError.code, text) for task in chunk.tasks)
                yield ChunkDone(0, Counter(), unread, 0.0, Counter(), 0)
        if self.waiting:
            self.start()

    def end(self) -> None:
        for worker in self.members:
            worker.connection.close()
            worker.process.kill()
        for worker in self.members:
            worker.process.join()


def _serve(connection: Connection, work: Work[Task, Any]) -> None:
    """Do one chunk after another until the connection closes; what cannot be written ends the run."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are for the owner, who lets chunks in hand be finished
    end_with_parent()

    def begin(task: Task | None) -> None:
        connection.send(Begun(None if task is None else task.key))

    while True:
        try:
            chunk, crashes = connection.recv()
        except (EOFError, OSError):
            os._exit(0)
        try:
            connection.send(do_chunk(work, chunk, begin, crashes))
        except PhonegradeError as error:
            connection.send(error.with_traceback(None))
        except OSError:
            os._exit(1)  # nobody listens any more


@contextmanager
def _children_of_one_thread() -> Iterator[None]:
    """Let libraries of processes that start in the body take one thread each."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
