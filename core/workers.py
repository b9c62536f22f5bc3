"""Worker processes that end with the process that started them."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread


def pool_of(workers: int) -> ProcessPoolExecutor:
    """A pool of `workers` fresh processes; a worker whose parent is killed would otherwise wait for work for ever."""
    # spawn: a fork of a process whose threads hold locks, such as ONNX Runtime's, would never finish
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()
