"""Worker processes that end with the process that started them."""

import math
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread, current_thread, main_thread


def pool_of(workers: int, begin: Callable[[], None] | None = None) -> ProcessPoolExecutor:
    """Return a pool of `workers` fresh processes, each of which first runs `begin`."""
    # spawn: a fork of a process whose threads hold locks, such as ONNX Runtime's, would never finish
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(begin,))


def usable_cores() -> int:
    """Return how many cores this process may use: those of its affinity, or fewer where a container has a quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota_us, period_us = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(cores, math.ceil(int(quota_us) / int(period_us))))
    except (OSError, ValueError):
        return cores  # no such file, or "max"


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Let workers that start in the body ignore Ctrl-C, which reaches every process: their parent stops them."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_with_parent() -> None:
    """End this process when its parent does; it would otherwise wait for work for ever."""

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def _begin(begin: Callable[[], None] | None) -> None:
    end_with_parent()
    if begin is not None:
        begin()
