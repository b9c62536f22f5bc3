"""Runs one piece of work a task in worker processes; a task that kills its worker costs no other task."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import TypeVar

import cv2

from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime
from phonegrade.core.workers import deaf_to_interrupts, pool_of
from phonegrade.inference.inspector import Inspector

Task = TypeVar("Task")
Answer = TypeVar("Answer")
WORKER_DIED = "worker_died"
"""Code of a task that ended its process."""
AHEAD = 2
"""Tasks in hand for each worker: enough to keep it busy, few to run again when one dies."""


def in_order(
    work: Callable[[Task], Answer], tasks: Iterable[Task], workers: int, died: Callable[[Task], Answer]
) -> Generator[Answer, None, None]:
    """Yield `work(task)` of every task, in the order of the tasks, from `workers` processes.

    `died(task)` answers for a task that ends its process. `work`, tasks and answers pass through pickle. What `work`
    raises is raised here; closing the iterator waits for the tasks in hand and starts no other.
    """
    waiting = deque(tasks)
    while waiting:
        done = yield from _until_a_worker_dies(work, waiting, workers)
        if not done:
            yield _alone(work, waiting.popleft(), died)


def _until_a_worker_dies(
    work: Callable[[Task], Answer], waiting: deque[Task], workers: int
) -> Generator[Answer, None, bool]:
    """Take tasks from `waiting` as they are answered; return False where the first one left may have ended a worker."""
    pool = pool_of(max(1, min(workers, len(waiting))))
    in_hand: deque[Future[Answer]] = deque()
    try:
        while waiting:
            while len(in_hand) < min(AHEAD * workers, len(waiting)):
                with deaf_to_interrupts():
                    in_hand.append(pool.submit(work, waiting[len(in_hand)]))
            answer = in_hand[0].result()
            in_hand.popleft()
            waiting.popleft()
            yield answer
    except BrokenProcessPool:
        return False
    finally:
        pool.shutdown(cancel_futures=True)
    return True


def _alone(work: Callable[[Task], Answer], task: Task, died: Callable[[Task], Answer]) -> Answer:
    """Answer one task in a process of its own, so that no other can be the cause."""
    with pool_of(1) as pool:
        try:
            with deaf_to_interrupts():
                future = pool.submit(work, task)
            return future.result()
        except BrokenProcessPool:
            return died(task)


@cache
def inspector_of(models: Path | None, threads: int, runtime: Runtime = ONNX_RUNTIME) -> Inspector:
    """Return the models of a folder, None for the shipped ones, loaded once a process.

    Raises ModelFileError, and SetupError for OpenVINO where it is not installed.
    """
    cv2.setNumThreads(threads)
    return Inspector.load(models, threads, runtime=runtime)
