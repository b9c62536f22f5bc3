"""A process of its own for strangers' photos: bytes come in over shared memory, answers go out, and it may die.

Decoders are native code that a damaged file can make hang, eat memory or abort. Such a process is held to an amount of
memory, opens no socket, and ends with the process that started it. What a task may take of time is its owner's to
watch: `service.pool` ends a worker that takes too long.
"""

import logging
import mmap
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from phonegrade.core.errors import PhonegradeError, PhotoCrashedDecoderError, SetupError
from phonegrade.core.stages import Stage, recorded
from phonegrade.core.workers import end_with_parent

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Handle = Callable[[Task, bytes], Answer]
Load = Callable[[], Handle[Task, Answer]]
log = logging.getLogger(__name__)
PAGE_BYTES = resource.getpagesize()


class Order(NamedTuple, Generic[Task]):
    """One photo to work on: what to do, and how many bytes of the shared memory are its file."""

    task: Task
    size_bytes: int


class Started(NamedTuple):
    """The worker has loaded what it works with, or why it could not."""

    error: SetupError | None = None
    rss_bytes: int = 0


class Spent(NamedTuple):
    """When an order was worked on and what it took, by the worker's own clocks."""

    began_unix_s: float
    seconds: float
    cpu_s: float
    """Processor time of all the worker's threads."""
    stages: tuple[Stage, ...]


class Finished(NamedTuple, Generic[Answer]):
    """The answer of one order, or the error that the photo is to blame for, or we are."""

    answer: Answer | None
    error: PhonegradeError | None
    rss_bytes: int
    spent: Spent


def run(connection: Connection, photo_bytes: int, load: Load[Task, Answer], memory_bytes: int) -> None:
    """Load, then answer one order after another until the connection closes.

    The connection's first message is the descriptor of `photo_bytes` of memory that photos come in; `memory_bytes` is
    what the worker may take beyond what it has when it is ready.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who drains
    end_with_parent()
    shared = recv_handle(connection)
    memory = mmap.mmap(shared, photo_bytes, prot=mmap.PROT_READ)
    os.close(shared)
    try:
        handle = load()
    except SetupError as error:
        connection.send(Started(error))
        return
    _restrict(memory_bytes)
    connection.send(Started(rss_bytes=rss_bytes()))
    while True:
        try:
            order: Order[Task] = connection.recv()
        except EOFError:
            return
        connection.send(_answer(handle, order, memory[: order.size_bytes]))


def _answer(handle: Handle[Task, Answer], order: Order[Task], data: bytes) -> Finished[Answer]:
    """Work on one order and time it, whatever comes of it."""
    began_unix_s, began_s, began_cpu_s = time.time(), time.perf_counter(), time.process_time()
    answer: Answer | None = None
    error: PhonegradeError | None = None
    with recorded() as stages:
        try:
            answer = handle(order.task, data)
        except PhonegradeError as raised:
            error = raised
        except MemoryError:
            error = PhotoCrashedDecoderError(
                "the photo needs more memory than a photo may; save it again as a plain JPEG"
            )
        except Exception:
            log.exception("unforeseen error in a worker")
            error = PhonegradeError("internal error; see the service's log")
    seconds, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    return Finished(answer, error, rss_bytes(), Spent(began_unix_s, seconds, cpu_s, tuple(stages)))


def rss_bytes(pid: int | str = "self") -> int:
    """Resident memory of a process; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES
    except OSError:
        return 0


def _restrict(memory_bytes: int) -> None:
    """No core dumps, no sockets, and no more memory than now and `memory_bytes`."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * PAGE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory_bytes,) * 2)
    except OSError:
        pass  # where the system has no such limit, the owner's recycling by resident memory remains
    sys.addaudithook(_refuse_sockets)


def _refuse_sockets(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo"):
        raise PermissionError("a worker opens no socket")
