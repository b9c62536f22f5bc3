"""Worker processes behind the event loop: a bounded queue with deadlines, one photo a worker at a time.

A photo that kills its worker, or holds it for too long, is tried once more in a fresh one and then given up as
`photo_crashed_decoder`; nothing else is lost. Workers are replaced when they have grown or answered enough.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from phonegrade.core.errors import BusyError, ImageTooLargeError, PhotoCrashedDecoderError, SetupError
from phonegrade.inference.worker_process import Finished, Load, Started
from phonegrade.service.pool_settings import PoolCounts, PoolSettings, WorkTimes
from phonegrade.service.pooled_worker import Job, PooledWorker

log = logging.getLogger(__name__)
Task = TypeVar("Task")
Answer = TypeVar("Answer")
PATIENCE = 0.75
"""Share of the deadline that a photo may be foretold to wait: refused at once is better than after the deadline."""
RESTART_S = 1.0
"""Until a worker that could not be started is tried again."""
SMOOTHING = 0.1
"""Weight of the newest photo in the mean service time that waits are foretold by."""


class Pool(Generic[Task, Answer]):
    """Runs `(task, photo bytes)` in worker processes; lives in one event loop, from `start` to `close`.

    Its processes may be launched earlier, so that they load while their owner does.
    """

    def __init__(
        self,
        settings: PoolSettings,
        load: Load[Task, Answer],
        clock_s: Callable[[], float] = time.monotonic,
        on_finished: Callable[[WorkTimes], None] | None = None,
    ) -> None:
        """`load` runs once in every worker and returns what answers there; it must pass through pickle.

        `on_finished` is called for every piece of work that a worker has begun, before its answer is handed over, in
        the context (`contextvars`) of the request that it is for.
        """
        self.settings = settings
        self.counts = PoolCounts()
        self.service_s = settings.first_photo_s
        self.error: SetupError | None = None
        """Why workers cannot be started; None while they can."""
        self._load = load
        self._clock_s = clock_s
        self.on_finished = on_finished
        self._workers: list[PooledWorker] = []
        self._waiting: deque[Job[Task, Answer]] = deque()
        self._closing = False
        self._changed = asyncio.Event()

    def launch(self) -> None:
        """Start every worker's process; `start` then waits for them."""
        self._workers = [PooledWorker.start(self.settings, self._load) for _ in range(self.settings.workers)]

    async def start(self) -> None:
        """Start every worker and wait until all are ready, or one says why it cannot be."""
        if not self._workers:
            self.launch()
        for worker in self._workers:
            self._listen(worker)
        while self.error is None and not all(worker.ready for worker in self._workers):
            await self._change()

    async def close(self, drain_s: float = 30.0) -> None:
        """Finish what was accepted, at most for `drain_s`, then end every worker."""
        self._closing = True
        ends_s = self._clock_s() + drain_s
        while (self._waiting or any(worker.job for worker in self._workers)) and self._clock_s() < ends_s:
            try:
                await asyncio.wait_for(self._change(), max(0.0, ends_s - self._clock_s()))
            except TimeoutError:
                break
        for job in (*self._waiting, *(worker.job for worker in self._workers if worker.job)):
            if not job.future.done():
                job.future.set_exception(BusyError("the service is shutting down; send it again"))
        self._waiting.clear()
        for worker in self._workers:
            self._ended(worker)
        self._workers = []

    @property
    def ready(self) -> int:
        """How many workers could work now or after their photo."""
        return sum(worker.ready for worker in self._workers)

    @property
    def busy(self) -> int:
        """How many workers have a photo."""
        return sum(worker.job is not None for worker in self._workers)

    @property
    def waiting(self) -> int:
        """How many photos wait for a worker."""
        return len(self._waiting)

    @property
    def rss_bytes(self) -> list[int]:
        """Resident memory of each worker when it last said so; 0 for one that starts."""
        return [worker.rss_bytes for worker in self._workers]

    def expected_wait_s(self, photos: int = 1) -> float:
        """Foretell how long the last of so many photos would wait."""
        ahead = self.waiting + self.busy + photos - self.settings.workers
        return max(0.0, ahead) * self.service_s / self.settings.workers

    def refuse_when_full(self, photos: int = 1) -> None:
        """Raise BusyError, which says how long to wait, where so many photos have no room or would wait too long."""
        if self.error is not None:
            raise self.error
        wait_s = self.expected_wait_s(photos)
        room = self.settings.queue + self.settings.workers - self.waiting - self.busy
        if self._closing or photos > max(room, 0) or wait_s > PATIENCE * self.settings.deadline_s:
            self.counts.refused += 1
            raise BusyError.for_wait(max(1, math.ceil(wait_s)))

    async def run(self, task: Task, data: bytes = b"", *, reserved: bool = False, urgent: bool = False) -> Answer:
        """Return a worker's answer. Raises what it raised, BusyError, or PhotoCrashedDecoderError.

        `reserved` says that there is room, as a device that was begun is finished; `urgent` work, which completes a
        request, goes before photos. A caller that is cancelled takes its photo along: it is not begun, or its answer
        is dropped.
        """
        if len(data) > self.settings.photo_bytes:
            raise ImageTooLargeError(f"over {self.settings.photo_bytes} bytes; send a smaller file")
        if not reserved:
            self.refuse_when_full()
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        now_s = self._clock_s()
        job = Job(task, data, future, now_s, now_s + self.settings.deadline_s, copy_context())
        if urgent:
            self._waiting.appendleft(job)
        else:
            self._waiting.append(job)
        self._assign()
        try:
            return await future
        except asyncio.CancelledError:
            if job in self._waiting:
                self._waiting.remove(job)
            self.counts.dropped += 1
            raise

    def _assign(self) -> None:
        """Give waiting photos to idle workers, oldest first; those that waited too long are refused."""
        idle = [worker for worker in self._workers if worker.ready and worker.job is None]
        while idle and self._waiting:
            job = self._waiting.popleft()
            now_s = self._clock_s()
            if job.future.done():
                continue
            if now_s > job.expires_s:
                self.counts.expired += 1
                job.future.set_exception(BusyError.for_wait(max(1, math.ceil(self.expected_wait_s()))))
                continue
            idle.pop().give(job, now_s, time.time(), self.settings.photo_s)
        self._tell()

    def _heard(self, worker: PooledWorker) -> None:
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            return  # it died; its sentinel says so
        match message:
            case Started(error=None):
                worker.ready, worker.rss_bytes = True, message.rss_bytes
            case Started(error=SetupError() as error):
                self._cannot_start(error)
            case Finished():
                self._finished(worker, message)
        self._assign()

    def _finished(self, worker: PooledWorker, message: Finished[Any]) -> None:
        job = worker.take_back()
        worker.answered += 1
        worker.rss_bytes = message.rss_bytes
        self.service_s += SMOOTHING * (self._clock_s() - worker.began_s - self.service_s)
        if job is not None:
            outcome = "answered" if message.error is None else message.error.code
            times = (worker.began_s - job.submitted_s, *message.spent, message.rss_bytes)
            self._tell_times(job, WorkTimes(job.kind, *times, "dropped" if job.future.done() else outcome))
        if job is not None and not job.future.done():
            if message.error is not None:
                job.future.set_exception(message.error)
            else:
                job.future.set_result(message.answer)
        grown = message.rss_bytes > self.settings.recycle_rss_bytes
        if (grown or worker.answered >= self.settings.recycle_photos) and not self._closing:
            log.info("worker replaced after %d photos at %d MB", worker.answered, message.rss_bytes // 1_000_000)
            self._replace(worker)

    def _died(self, worker: PooledWorker) -> None:
        """Put another in its place; its photo is tried once more, before all others."""
        job = worker.take_back()
        self.counts.crashes += 1
        log.warning("worker died with status %s", worker.process.exitcode)
        if not worker.ready:
            self._cannot_start(SetupError(f"a worker died while it started (status {worker.process.exitcode})"))
        if worker.ready and not self._closing:
            self._replace(worker)
        else:
            self._workers.remove(worker)
            self._ended(worker)
        if job is not None:
            wait_s, seconds = worker.began_s - job.submitted_s, self._clock_s() - worker.began_s
            self._tell_times(job, WorkTimes(job.kind, wait_s, worker.began_unix_s, seconds, 0.0, (), 0, "crashed"))
        if job is not None and not job.future.done():
            job.crashes += 1
            if job.crashes > 1 or self._closing:
                text = "the photo makes its decoder crash or hang; save it again as a plain JPEG"
                job.future.set_exception(PhotoCrashedDecoderError(text))
            else:
                self._waiting.appendleft(job)
        self._assign()

    def _cannot_start(self, error: SetupError) -> None:
        """Remember why, where no other worker is left; else try again a little later."""
        log.error("a worker cannot be started: %s", error)
        if not self.ready:
            self.error = self.error or error
        elif not self._closing:
            asyncio.get_running_loop().call_later(RESTART_S, self._add)

    def _add(self) -> None:
        if not self._closing:
            self._workers.append(self._started())

    def _replace(self, worker: PooledWorker) -> None:
        self.counts.restarts += 1
        self._ended(worker)
        self._workers[self._workers.index(worker)] = self._started()

    def _started(self) -> PooledWorker:
        worker = PooledWorker.start(self.settings, self._load)
        self._listen(worker)
        return worker

    def _listen(self, worker: PooledWorker) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(worker.connection.fileno(), self._heard, worker)
        loop.add_reader(worker.process.sentinel, self._died, worker)

    def _ended(self, worker: PooledWorker) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(worker.connection.fileno())
        loop.remove_reader(worker.process.sentinel)
        worker.end()

    def _tell_times(self, job: Job[Any, Any], times: WorkTimes) -> None:
        if self.on_finished is not None:
            # by the loop, so that what goes wrong there is logged and costs neither the answer nor the worker
            asyncio.get_running_loop().call_soon(self.on_finished, times, context=job.context)

    async def _change(self) -> None:
        await self._changed.wait()

    def _tell(self) -> None:
        """Wake whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()
