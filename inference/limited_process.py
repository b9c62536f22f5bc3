"""Starts the process that `worker_process` runs in, and shares with it the memory that photos come in."""

import mmap
import os
import tempfile
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import send_handle
from typing import Any, NamedTuple

from phonegrade.inference.worker_process import Load, run


class LimitedProcess(NamedTuple):
    """One process, its owner's end of the pipe and the memory they share."""

    process: BaseProcess
    connection: Connection
    slab: mmap.mmap

    def end(self) -> None:
        """End the process and give back what was shared with it."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.slab.close()


def start_limited(load: Load[Any, Any], photo_bytes: int, memory_bytes: int) -> LimitedProcess:
    """Start a process for photos of at most `photo_bytes`; it is ready when it sends `Started`.

    `load` must pass through pickle; `memory_bytes` is what one photo may take beyond what a fresh process has.
    """
    # spawn: a fork of a process whose threads hold locks, such as ONNX Runtime's, would never finish
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (theirs, photo_bytes, load, memory_bytes)
    process = context.Process(target=run, args=arguments, daemon=True, name="phonegrade-worker")
    process.start()
    theirs.close()
    shared = _anonymous_file(photo_bytes)
    try:
        send_handle(ours, shared, process.pid)
        return LimitedProcess(process, ours, mmap.mmap(shared, photo_bytes))
    finally:
        os.close(shared)


def _anonymous_file(size_bytes: int) -> int:
    """Return the descriptor of memory that has no name and takes pages only where it is written.

    Named shared memory lies in /dev/shm, of which containers have 64 MB, and a write that finds none left there ends
    the whole process.
    """
    if hasattr(os, "memfd_create"):
        shared = os.memfd_create("phonegrade-photo")
    else:
        with tempfile.TemporaryFile() as file:
            shared = os.dup(file.fileno())
    os.ftruncate(shared, size_bytes)
    return shared
