"""A run over a stock: its photos are inspected, its devices graded, and the same input gives the same bytes.

However a run ends, what it has answered stays, and the next run over the same folder goes on from there.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from phonegrade.batch.device_work import DeviceWork, device_tasks
from phonegrade.batch.engines.alone import Inspect
from phonegrade.batch.engines.chunks import KEY, Engine, Stop, Task, Unread, Work, done_in, loop, piece_of, still_to_do
from phonegrade.batch.engines.pieces import join_pieces, left_of, whole_chunks
from phonegrade.batch.engines.process_pool import TASK_S, ProcessPool
from phonegrade.batch.fingerprint import Fingerprint, claim_folder, decision_code
from phonegrade.batch.input.hashes import HASH_THREADS, hash_photos
from phonegrade.batch.input.stock import Problem, Stock
from phonegrade.batch.lot.results import write_results
from phonegrade.batch.photo_work import PhotoWork
from phonegrade.batch.plan import Plan, plan_of
from phonegrade.batch.progress import Progress, ProgressFile
from phonegrade.batch.run_folder import RunFolder
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import PhonegradeError

FEW_DEVICES = 64
"""So many devices are graded here: to start processes would take longer."""
_CHUNKS = ((20_000, 8), (200_000, 64))
_LARGEST_CHUNK = 256
"""Tasks of a chunk, by how many tasks there are: few files for many, and little to do again for few."""


@dataclass(frozen=True)
class RunSettings:
    """How a stock is graded, beside the input."""

    folder: RunFolder
    policy: Policy
    fingerprint: Fingerprint
    load: Callable[[], Inspect]
    """As `PhotoWork.load`."""
    engine: Engine
    engine_name: str
    workers: int
    own_devices: tuple[Device, ...] = ()
    task_s: float = TASK_S
    chunk: int | None = None
    """Tasks of a chunk; None: as their number asks for."""
    expected: tuple[str, ...] | None = None
    """Ids that should have come; None: nobody has said."""


class RunResult(NamedTuple):
    """What came of a run."""

    progress: Progress
    problems: tuple[Problem, ...]
    errors: int
    """Devices that could not be graded."""


def grade_stock(
    stock: Stock,
    settings: RunSettings,
    stop: Stop,
    clock: Callable[[], datetime],
    tell: Callable[[Progress], None],
) -> RunResult:
    """Inspect and grade every device of a stock, and write the results into the folder of the run.

    A run that was stopped writes no results, and its progress says so. Raises RunInHandError, OtherFingerprintError for
    a folder of other models, OutputError where nothing can be written, and SetupError where no worker can work.
    """
    folder = settings.folder
    folder.make()
    with folder.alone():
        claim_folder(folder.fingerprint, settings.fingerprint)
        now = clock()
        first = Progress(
            state="running",
            stage="photos",
            engine=settings.engine_name,
            workers=settings.workers,
            began_at=now,
            updated_at=now,
        )
        progress = ProgressFile(folder, first, clock, tell)
        try:
            return _Run(settings, stop, progress).graded(stock)
        except PhonegradeError as error:
            progress.end("failed", f"{error.code}: {error}")
            raise
        except BaseException as error:
            progress.end("failed", type(error).__name__)
            raise


def make_plan(stock: Stock, settings: RunSettings) -> Plan:
    """Return what there is to do; photos are read where nobody has said what they hold. Raises OutputError."""
    contents = hash_photos((photo for _, photo in stock.photos()), settings.folder.hashes, HASH_THREADS)
    return plan_of(stock, contents, settings.fingerprint.sha256, settings.own_devices, HASH_THREADS)


@dataclass
class _Run:
    settings: RunSettings
    stop: Stop
    progress: ProgressFile

    def graded(self, stock: Stock) -> RunResult:
        settings, folder = self.settings, self.settings.folder
        plan = make_plan(stock, settings)
        problems = Counter(problem.code for problem in plan.problems)
        self.progress.now = self.progress.now.model_copy(update={"problems": dict(problems)})
        work = PhotoWork(folder.photos, settings.load, settings.task_s)
        unread = self._stage("photos", work, plan.photos)
        if self.stop.wanted:
            return self._stopped(plan)
        files = dict(done_in(folder.photos).select(KEY, "file").iter_rows())
        basis = f"{decision_code()} {settings.policy.sha256}"
        tasks = device_tasks(plan.devices, files, unread, basis)
        unread |= self._stage("devices", DeviceWork(folder.decisions, settings.policy), tasks)
        if self.stop.wanted:
            return self._stopped(plan)
        self.progress.begin("report", 0, 0)
        lost = [
            Problem(unread[photo.key].code, unread[photo.key].message, device=device.id, surface=photo.surface)
            for device in plan.devices
            for photo in device.photos
            if photo.key in unread
        ]
        plan.problems += lost
        written = write_results(folder, settings.policy, plan, tasks, settings.expected)
        self.progress.end("finished")
        return RunResult(self.progress.now, written.problems, written.errors)

    def _stopped(self, plan: Plan) -> RunResult:
        self.progress.end("stopped")
        return RunResult(self.progress.now, tuple(plan.problems), 0)

    def _stage(self, stage: Any, work: Work[Task, Any], tasks: Sequence[Task]) -> dict[str, Unread]:  # noqa: ANN401
        """Do what is not done of one stage, and return the tasks whose input cannot be read.

        What the engine has lost, or could not read, is tried once more, one by one in processes of this machine.
        """
        done = done_in(work.folder)
        whole = whole_chunks(tasks, done, self.settings.chunk or _chunk_size(len(tasks)))
        left = left_of(whole, done)
        missing = sum(len(chunk.tasks) for chunk in left)
        self.progress.begin(stage, len(tasks), len(tasks) - missing)
        few = stage == "devices" and missing <= FEW_DEVICES
        engine = loop if few else self.settings.engine
        for outcome in engine(work, left, self.stop):
            self.progress.add(outcome._replace(unread=()))
        unread: dict[str, Unread] = {}
        rest = [] if self.stop.wanted else still_to_do(tasks, done_in(work.folder))
        for outcome in ProcessPool(1, self.settings.task_s)(work, [piece_of([task]) for task in rest], self.stop):
            self.progress.add(outcome)
            unread.update((one.key, one) for one in outcome.unread)
        if not self.stop.wanted:
            join_pieces(work, whole)
        return unread


def _chunk_size(tasks: int) -> int:
    return next((size for most, size in _CHUNKS if tasks <= most), _LARGEST_CHUNK)
