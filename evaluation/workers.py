"""Runs one piece of work over many photos, here or in worker processes; the answers keep the order of the photos."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from phonegrade.core.workers import pool_of
from phonegrade.inference.inspector import Inspector

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Work = Callable[[Inspector, Task], Answer]
Load = Callable[[], Inspector]
CHUNK = 4

_worker: list[Inspector] = []
"""The inspector of a worker process, which is its own for life."""


def measured(load: Load, work: Work[Task, Answer], tasks: Sequence[Task], workers: int, what: str) -> list[Answer]:
    """Return `work(inspector, task)` of every task, in order; show a progress bar on stderr.

    With `workers` above 1, `load`, `work`, tasks and answers must pass through pickle.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    answers: list[Answer] = []
    with Progress(*columns, console=Console(stderr=True)) as bar:
        shown = bar.add_task(what, total=len(tasks))
        for answer in _answers(load, work, tasks, workers):
            answers.append(answer)
            bar.advance(shown)
    return answers


def _answers(load: Load, work: Work[Task, Answer], tasks: Sequence[Task], workers: int) -> Iterator[Answer]:
    if workers <= 1 or len(tasks) <= CHUNK:
        inspector = load()
        yield from (work(inspector, task) for task in tasks)
        return
    with pool_of(workers, partial(_begin, load)) as pool:
        yield from pool.map(_run, [work] * len(tasks), tasks, chunksize=CHUNK)


def _begin(load: Load) -> None:
    cv2.setNumThreads(1)
    _worker.append(load())


def _run(work: Work[Task, Answer], task: Task) -> Answer:
    return work(_worker[0], task)
