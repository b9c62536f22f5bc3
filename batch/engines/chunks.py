"""What every engine does with a run: chunks of tasks, each of which ends as one Parquet file, whole or not there.

A task is known by its key, which holds everything that decides its answer; what is done is what lies in the folder. So
every engine resumes the same way, and a chunk that is done twice, by a worker that was thought dead, changes nothing.
"""

import hashlib
import io
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import polars as pl

from phonegrade.core.batch_errors import OutputError
from phonegrade.core.errors import InputError
from phonegrade.core.files import write_durably
from phonegrade.core.stages import recorded
from phonegrade.inference.worker_process import rss_bytes

AHEAD = 2
"""Tasks that are read while one is worked on."""
MOST_CRASHES = 2
"""Workers that a task may end before it is answered alone."""
PIECE = "piece-"
"""What the name of a file begins with that holds less than its chunk; those of whole chunks sort before it."""
CODE, KEY = "error_code", "key"
"""Columns that every work's rows have: the error of the answer, null where there is none; and the task's key."""
Answered = Mapping[str, object]


class Keyed(Protocol):
    """A task: `key` decides whether it was done before."""

    @property
    def key(self) -> str: ...


Task = TypeVar("Task", bound=Keyed)
Data = TypeVar("Data")
TaskOf = TypeVar("TaskOf", bound=Keyed, contravariant=True)


class Work(Protocol[TaskOf, Data]):
    """What is done with tasks; passes through pickle."""

    @property
    def folder(self) -> Path:
        """Where chunks are written."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """Columns of the rows, and their polars types."""

    def fetch(self, task: TaskOf) -> Data:
        """Read what a task needs, beside the work. Raises InputError where that cannot be read for now."""

    def answer(self, task: TaskOf, data: Data) -> Answered:
        """Do one task, and return its row."""

    def answer_alone(self, task: TaskOf, data: Data) -> Answered:
        """Do one task that has ended workers before, at nobody's risk."""


@dataclass(frozen=True)
class Chunk(Generic[Task]):
    """Tasks that are done together."""

    tasks: tuple[Task, ...]
    name: str
    """Of its file, made of its tasks' keys: the same tasks make the same file."""


class Unread(NamedTuple):
    """A task whose input could not be read; it is not done, and a later run tries it again."""

    key: str
    code: str
    message: str


class ChunkDone(NamedTuple):
    """What a chunk took."""

    answered: int
    codes: Counter[str]
    """Errors among the answers."""
    unread: tuple[Unread, ...]
    cpu_s: float
    """Of the process while it worked on the chunk, all its threads."""
    stages_cpu_s: Counter[str]
    """Of that, by stage."""
    rss_bytes: int
    """Of the process afterwards."""


@dataclass
class Stop:
    """Set from outside when a run shall end after the chunks in hand."""

    wanted: bool = False


class Engine(Protocol):
    """Does chunks, somewhere. Raises SetupError where none can be done; what it loses is not in the folder."""

    def __call__(self, work: Work[Task, Any], chunks: Sequence[Chunk[Task]], stop: Stop) -> Iterator[ChunkDone]: ...


def chunked(tasks: Sequence[Task], size: int) -> list[Chunk[Task]]:
    """Return the tasks, in their order, in chunks of `size`."""
    groups = (tuple(tasks[start : start + size]) for start in range(0, len(tasks), size))
    return [Chunk(group, _name(group)) for group in groups]


def piece_of(tasks: Sequence[Task]) -> Chunk[Task]:
    """Return a chunk of some tasks of another one, whose file is a piece until `pieces.join_pieces`."""
    return Chunk(tuple(tasks), PIECE + _name(tasks))


def _name(tasks: Sequence[Keyed]) -> str:
    keys = " ".join(task.key for task in tasks)
    return f"{hashlib.sha256(keys.encode()).hexdigest()[:24]}.parquet"


def loop(work: Work[Task, Any], chunks: Sequence[Chunk[Task]], stop: Stop) -> Iterator[ChunkDone]:
    """Do chunk after chunk in this process: what other engines are measured by. A photo that ends it, ends the run."""
    for chunk in chunks:
        if stop.wanted:
            return
        yield do_chunk(work, chunk)


def do_chunk(
    work: Work[Task, Data],
    chunk: Chunk[Task],
    begin: Callable[[Task | None], None] = lambda _: None,
    crashes: Mapping[str, int] | None = None,
) -> ChunkDone:
    """Do the tasks of a chunk, write its file, and return what that took. Raises OutputError.

    `begin` hears of each task before it is worked on, and None after it. Those that ended a worker before, by
    `crashes`, come first, so that little is lost when one does again; from `MOST_CRASHES` on they are answered alone.
    The file keeps the order of the chunk; where tasks cannot be read it is a piece, without them.
    """
    began_cpu_s = time.process_time()
    known = crashes or {}
    order = sorted(chunk.tasks, key=lambda task: -known.get(task.key, 0))
    rows: dict[str, Answered] = {}
    unread: list[Unread] = []
    with recorded(time.thread_time) as stages:
        for task, data in _read_ahead(work, order):
            if isinstance(data, Unread):
                unread.append(data)
                continue
            begin(task)
            alone = known.get(task.key, 0) >= MOST_CRASHES
            rows[task.key] = work.answer_alone(task, data) if alone else work.answer(task, data)
            begin(None)
        done = tuple(task for task in chunk.tasks if task.key in rows)
        if done:
            name = chunk.name if len(done) == len(chunk.tasks) else piece_of(done).name
            write_rows(work.folder / name, [rows[task.key] for task in done], work.schema)
    spent = Counter[str]()
    for stage in stages:
        spent[stage.name] += stage.seconds  # type: ignore[assignment]  # counts of seconds
    return ChunkDone(
        answered=len(done),
        codes=Counter(str(row[CODE]) for row in rows.values() if row[CODE] is not None),
        unread=tuple(unread),
        cpu_s=time.process_time() - began_cpu_s,
        stages_cpu_s=spent,
        rss_bytes=rss_bytes(),
    )


def _read_ahead(work: Work[Task, Data], tasks: Sequence[Task]) -> Iterator[tuple[Task, "Data | Unread"]]:
    """Yield each task with what it needs, of which the next is read meanwhile."""
    ahead: deque[tuple[Task, Future[Data | Unread]]] = deque()
    waiting = iter(tasks)
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
        while True:
            while len(ahead) < AHEAD and (task := next(waiting, None)) is not None:
                ahead.append((task, reader.submit(_fetched, work, task)))
            if not ahead:
                return
            task, future = ahead.popleft()
            yield task, future.result()


def _fetched(work: Work[Task, Data], task: Task) -> "Data | Unread":
    try:
        return work.fetch(task)
    except InputError as error:
        return Unread(task.key, error.code, str(error))


def write_rows(file: Path, rows: Sequence[Answered], schema: Mapping[str, Any]) -> None:
    """Write one Parquet file, whole or not there. Raises OutputError."""
    buffer = io.BytesIO()
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(buffer)
    try:
        write_durably(file, buffer.getvalue())
    except OSError as error:
        raise OutputError(f"{file.parent}: cannot be written ({error.strerror}); make room and run again") from error


def done_in(folder: Path) -> pl.DataFrame:
    """Return the `key` of every task that is done, and the `file` that holds it. Raises OutputError.

    Of a task that two files hold, one is named, and that of a whole chunk before a piece.
    """
    files = sorted(folder.glob("*.parquet"))
    if not files:
        return pl.DataFrame(schema={KEY: pl.String, "file": pl.String})
    try:
        keys = pl.scan_parquet(files, include_file_paths="file").select(KEY, "file").collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        why = str(error).splitlines()[0]
        raise OutputError(f"{folder}: a file is damaged; delete it and run again: {why:.300}") from error
    return keys.unique(KEY, keep="first", maintain_order=True)


def still_to_do(tasks: Sequence[Task], done: pl.DataFrame) -> list[Task]:
    """Return the tasks that are not done: the anti-join by which every engine resumes."""
    wanted = pl.DataFrame(
        {KEY: [task.key for task in tasks], "at": range(len(tasks))}, schema_overrides={"at": pl.Int64}
    )
    return [tasks[at] for at in wanted.join(done, on=KEY, how="anti", maintain_order="left")["at"]]
