"""Rendering of a set of phones with known wear: photos, truth and manifest. Seeded: same plan, same truth."""

import json
from collections.abc import Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from phonegrade import __version__
from phonegrade.core.errors import SetupError, UsageError
from phonegrade.core.files import write_text
from phonegrade.core.workers import pool_of
from phonegrade.datasets.manifest import DEVICES, MANIFEST
from phonegrade.rendering.set_plan import SetPlan
from phonegrade.rendering.shoot import FOLDERS, DeviceFile, device_file, shoot_device

SETTINGS = "settings.json"


def render_set(out: Path, devices: int, plan: SetPlan, workers: int) -> None:
    """Render `devices` phones by `plan` under `out`; devices that are finished there are kept, so that it resumes.

    A device whose truth is not yet written is rendered again over its photos. Raises UsageError where `out` was begun
    with another plan, and SetupError where a worker process dies.
    """
    _begin(out, plan)
    waiting = [index for index in range(devices) if not device_file(out, index).is_file()]
    total = sum(len(plan.device(index).photos) for index in waiting)
    columns = (TextColumn("{task.description}"), BarColumn(), PhotoRate(Column(no_wrap=True)), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"rendering {len(waiting)} devices", total=total)
        for photos in _shot(out, plan, waiting, workers):
            progress.advance(task, photos)
    _gather(out)


def read_plan(out: Path) -> SetPlan:
    """Return the plan that the set under `out` was begun with; raises FileNotFoundError where there is none."""
    settings = json.loads((out / SETTINGS).read_text(encoding="utf-8"))
    return SetPlan.model_validate(settings["plan"])


def _shot(out: Path, plan: SetPlan, waiting: list[int], workers: int) -> Iterator[int]:
    """Numbers of photos as devices are finished, here or in `workers` processes."""
    if workers <= 1 or len(waiting) <= 1:
        threads = cv2.getNumThreads()
        yield from (shoot_device(out, plan, index) for index in waiting)
        cv2.setNumThreads(threads)
        return
    pool = pool_of(min(workers, len(waiting)))
    try:
        jobs = [pool.submit(shoot_device, out, plan, index) for index in waiting]
        yield from (job.result() for job in as_completed(jobs))
    except BrokenProcessPool as error:
        raise SetupError(
            f"a rendering process died, perhaps for want of memory: run the same command again with fewer than "
            f"{workers} workers, it goes on where it stopped"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(out: Path, plan: SetPlan) -> None:
    """Refuse a folder that was begun with another plan; write the plan down in a new one."""
    wanted: dict[str, object] = {"phonegrade": __version__, "plan": plan.model_dump(mode="json")}
    settings = out / SETTINGS
    if settings.is_file():
        begun = json.loads(settings.read_text(encoding="utf-8"))
        other = sorted(_differing(begun, wanted))
        if other:
            raise UsageError(
                f"{out} was begun with another {', '.join(other)}: give the same to go on, or choose a new folder"
            )
    elif (out / "devices").is_dir() and any((out / "devices").iterdir()):
        raise UsageError(f"{out} holds devices but no {SETTINGS}, so it cannot be continued: choose a new folder")
    for folder in FOLDERS:
        if folder != "clean" or plan.pairs:
            (out / folder).mkdir(parents=True, exist_ok=True)
    if not settings.is_file():
        write_text(settings, json.dumps(wanted, indent=1) + "\n")


def _differing(begun: dict[str, object], wanted: dict[str, object]) -> Iterator[str]:
    """Dotted names of the settings that differ."""
    for key in begun.keys() | wanted.keys():
        was, is_now = begun.get(key), wanted.get(key)
        if isinstance(was, dict) and isinstance(is_now, dict):
            yield from (name if key == "plan" else f"{key}.{name}" for name in _differing(was, is_now))
        elif was != is_now:
            yield key


def _gather(out: Path) -> None:
    """The manifest and the list of all finished devices, in the order of their numbers."""
    files = [
        DeviceFile.model_validate_json(path.read_text(encoding="utf-8"))
        for path in sorted((out / "devices").glob("*.json"))
    ]
    write_text(out / DEVICES, "".join(file.device.model_dump_json() + "\n" for file in files))
    write_text(out / MANIFEST, "".join(photo.model_dump_json() + "\n" for file in files for photo in file.photos))


class PhotoRate(ProgressColumn):
    """Done of all, and photos a second, or an hour where they are slow."""

    def render(self, task: Task) -> Text:
        """`12/80 photos, 1.9 photos/s`."""
        speed = task.finished_speed or task.speed
        rate = "" if not speed else f", {speed:.1f} photos/s" if speed >= 1 else f", {speed * 3600:.0f} photos/h"
        return Text(f"{task.completed:.0f}/{task.total or 0:.0f} photos{rate}")
