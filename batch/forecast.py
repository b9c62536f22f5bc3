"""What a run would do, without doing it: what is there, what is missing, and how long it would take."""

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from phonegrade.batch.engines.chunks import CODE, done_in, still_to_do
from phonegrade.batch.input.hashes import HASH_THREADS, file_of, remembered
from phonegrade.batch.input.places import PlacedFile
from phonegrade.batch.input.stock import Problem, Stock, StockPhoto
from phonegrade.batch.photo_work import PhotoTask, PhotoWork
from phonegrade.batch.plan import plan_of
from phonegrade.batch.run import RunSettings
from phonegrade.core.errors import InputError

TIMED = 6
"""Photos that are inspected to see how long one takes."""


@dataclass(frozen=True)
class Forecast:
    """What a run would do."""

    devices: int
    photos: int
    missing: int
    unreadable: int
    total_bytes: int
    """Of the photos that are there."""
    done: int
    """Photos of which an earlier run in the folder is known to have the answer."""
    problems: tuple[Problem, ...]
    """Of the input, photos that are not there among them."""
    cpu_s_per_photo: float | None
    """None where no photo could be timed."""
    seconds: float | None

    @property
    def by_code(self) -> Counter[str]:
        """How many problems there are of each code."""
        return Counter(problem.code for problem in self.problems)


def forecast_of(stock: Stock, settings: RunSettings, cores: int) -> Forecast:
    """Return what a run would do; of its photos only a few are read, of the others size and time of change.

    Raises SetupError where the models cannot be used.
    """
    photos = [photo for _, photo in stock.photos()]
    with ThreadPoolExecutor(HASH_THREADS, thread_name_prefix="stat") as pool:
        files = dict(zip((photo.location for photo in photos), pool.map(_file, photos), strict=True))
    known = remembered(settings.folder.hashes)
    contents: dict[str, str | InputError] = {}
    for photo in photos:
        file, before = files[photo.location], known.get(photo.location)
        if isinstance(file, InputError):
            contents[photo.location] = file
        else:
            unchanged = before.sha256 if before is not None and before.file == file else None
            contents[photo.location] = photo.sha256 or unchanged or f"not read yet: {photo.location}"
    plan = plan_of(stock, contents, settings.fingerprint.sha256, settings.own_devices, HASH_THREADS)
    missing = still_to_do(plan.photos, done_in(settings.folder.photos))
    each_s = _cpu_s_per_photo(missing, settings)
    errors = Counter(one.code for one in files.values() if isinstance(one, InputError))
    return Forecast(
        devices=len(stock.devices),
        photos=len(photos),
        missing=errors["photo_missing"],
        unreadable=errors["photo_unreadable"],
        total_bytes=sum(one.size_bytes for one in files.values() if isinstance(one, PlacedFile)),
        done=len(plan.photos) - len(missing),
        problems=tuple(plan.problems),
        cpu_s_per_photo=each_s,
        seconds=None if each_s is None else each_s * len(missing) / max(1, min(settings.workers, cores)),
    )


def _file(photo: StockPhoto) -> PlacedFile | InputError:
    try:
        return file_of(photo)
    except InputError as error:
        return error


def _cpu_s_per_photo(tasks: Sequence[PhotoTask], settings: RunSettings) -> float | None:
    """Return the processor time of one photo, from a few evenly spaced ones; the first only warms up."""
    if not tasks:
        return None
    work = PhotoWork(settings.folder.photos, settings.load)
    spaced = [tasks[at * (len(tasks) - 1) // TIMED] for at in range(TIMED + 1)]
    spent = []
    for task in spaced:
        try:
            content = work.read(task)
        except InputError:
            continue
        began_s = time.process_time()
        if work.answer(task, content)[CODE] is None:
            spent.append(time.process_time() - began_s)
    return sum(spent[1:]) / len(spent[1:]) if len(spent) > 1 else None
