"""Chunks on a Ray cluster, or on this machine's Ray: plain tasks that write their own files.

Ray's own ways of failing are bounded here: a task is tried twice, a chunk that hangs is cancelled, and whatever is lost
is simply not in the folder, from where the run's last pass does it on this machine.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from phonegrade.batch.engines.chunks import Chunk, ChunkDone, Stop, Task, Work, do_chunk
from phonegrade.batch.engines.process_pool import START_S, TASK_S
from phonegrade.core.errors import PhonegradeError, SetupError
from phonegrade.core.extras import needs_extra

AHEAD = 2
"""Chunks in hand for each processor: enough to keep it busy, few to wait for at the end."""
POLL_S = 0.5


@dataclass(frozen=True)
class RayEngine:
    """An engine of Ray tasks, each of one processor."""

    address: str | None = None
    """Of a running cluster, "auto" for the one that this machine is part of; None: one is started here and ended."""
    workers: int | None = None
    """Logical processors of a Ray that is started here, and chunks in hand at most; None: as many as there are."""
    task_s: float = TASK_S

    def __call__(self, work: Work[Task, Any], chunks: Sequence[Chunk[Task]], stop: Stop) -> Iterator[ChunkDone]:
        """Yield what each chunk took, as they end. Raises SetupError, such as for no cluster at `address`."""
        if not chunks:
            return
        with needs_extra("ray", "batch grade --engine ray"):
            import ray
        if not ray.is_initialized():
            self._join(ray)
        yield from self._run(ray, work, chunks, stop)

    def _join(self, ray: Any) -> None:  # noqa: ANN401
        """Join or start a Ray, for the life of this process. Raises SetupError."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
        where: dict[str, Any] = {"address": self.address}
        if self.address is None:
            where = {"num_cpus": self.workers, "include_dashboard": False}
        try:
            ray.init(**where, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise SetupError(f"Ray cannot be used: {str(error).splitlines()[0]:.200}") from error

    def _run(self, ray: Any, work: Work[Task, Any], chunks: Sequence[Chunk[Task]], stop: Stop) -> Iterator[ChunkDone]:  # noqa: ANN401
        task = ray.remote(num_cpus=1, max_retries=1)(do_chunk)
        shared = ray.put(work)
        waiting = list(reversed(chunks))
        in_hand: dict[Any, float] = {}
        while in_hand or (waiting and not stop.wanted):
            room = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
            while waiting and len(in_hand) < room and not stop.wanted:
                chunk = waiting.pop()
                in_hand[task.remote(shared, chunk)] = time.monotonic() + self._patience_s(chunk)
            ended, _ = ray.wait(list(in_hand), timeout=POLL_S)
            for one in ended:
                del in_hand[one]
                done = _answer_of(ray, one)
                if done is not None:
                    yield done
            for one in [one for one, until_s in in_hand.items() if time.monotonic() > until_s]:
                ray.cancel(one, force=True)

    def _patience_s(self, chunk: Chunk[Any]) -> float:
        """Return how long a chunk may take, with its wait for a processor."""
        return AHEAD * (START_S + len(chunk.tasks) * self.task_s)


def _answer_of(ray: Any, one: Any) -> ChunkDone | None:  # noqa: ANN401
    """Return what a chunk took; None where Ray has lost it. Raises what the chunk raised on purpose."""
    try:
        done: ChunkDone = ray.get(one)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, PhonegradeError):
            raise error.cause from error
        return None
    except ray.exceptions.RayError:
        return None
    return done
