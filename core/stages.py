"""How long each stage of a piece of work takes: noted where somebody records it, all but free where nobody does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Stage(NamedTuple):
    """One run of one stage; a stage that runs twice is noted twice."""

    name: str
    start_s: float
    """Seconds from the beginning of the recording."""
    seconds: float


class _Recording(NamedTuple):
    clock_s: Callable[[], float]
    began_s: float
    stages: list[Stage]


_recording: ContextVar[_Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recorded(clock_s: Callable[[], float] = time.perf_counter) -> Iterator[list[Stage]]:
    """Give a list to which every stage inside is added when it ends, also one that ends with an error."""
    recording = _Recording(clock_s, clock_s(), [])
    token = _recording.set(recording)
    try:
        yield recording.stages
    finally:
        _recording.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Stand around a stage; without a recording no clock is read."""
    recording = _recording.get()
    if recording is None:
        yield
        return
    start_s = recording.clock_s()
    try:
        yield
    finally:
        ended_s = recording.clock_s()
        recording.stages.append(Stage(name, start_s - recording.began_s, ended_s - start_s))
