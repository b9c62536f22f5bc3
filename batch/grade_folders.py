"""Grades many folders, one device each, in worker processes: one JSON line a device, and reports."""

import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from phonegrade import __version__
from phonegrade.assessment.assess import assess_photos
from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.choose_device import ChosenDevice, known_device
from phonegrade.assessment.inspect_photos import Photos
from phonegrade.assessment.report import render_report
from phonegrade.assessment.request import Reference
from phonegrade.batch.report_folder import ReportFolder
from phonegrade.batch.worker_tasks import WORKER_DIED, in_order, inspector_of
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import InputError, full_text
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import ModelRef
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime


@dataclass(frozen=True)
class DeviceInput:
    """What one folder holds of its device."""

    photos: Photos
    functional: FunctionalReport | None
    left_out: tuple[str, ...]
    """Files that are not used, each with the reason."""


@dataclass(frozen=True)
class FolderSettings:
    """How every folder of a run is read and graded; passes through pickle."""

    read: Callable[[Path], DeviceInput]
    """A function of a module. Raises InputError for a folder that cannot be used."""
    policy: Policy
    models: Path | None = None
    runtime: Runtime = ONNX_RUNTIME
    """Folder of the .onnx files; None: the shipped ones."""
    device: str | None = None
    size: str | None = None
    own_devices: tuple[Device, ...] = ()
    reference: Reference | None = None
    reports: Path | None = None
    """Where reports and answers are kept; a device whose input has not changed is then not graded again."""


@dataclass(frozen=True)
class GradedFolder:
    """The answer for one folder."""

    folder: str
    line: str
    """JSON without a line break: `folder`, `fingerprint` and the assessment, or `folder` and the `error`."""
    error: str | None = None
    """Code and message; None for a device that was graded, be it only "incomplete"."""
    warnings: tuple[str, ...] = ()
    resumed: bool = False
    """Nothing changed since an earlier run, whose answer this is."""

    def assessment(self) -> Assessment | None:
        """Return the assessment that `line` holds; None for an error."""
        if self.error is not None:
            return None
        answer = json.loads(self.line)
        return Assessment.model_validate_json(
            json.dumps({key: value for key, value in answer.items() if key not in ("folder", "fingerprint")})
        )


def grade_folders(
    folders: Sequence[Path], settings: FolderSettings, workers: int
) -> Generator[GradedFolder, None, None]:
    """Yield the answer for every folder, in the order given, whatever the number of `workers`.

    A folder that cannot be graded, or that ends its worker, is answered with an error and stops no other. With
    `settings.reports` that folder holds, however the run ends, whole files only, and an index of all that was answered.
    Raises SetupError where the models cannot be used, and UsageError where reports cannot be written.
    """
    answers = in_order(partial(_grade, settings), folders, workers, _worker_died)
    if settings.reports is None:
        yield from answers
        return
    reports = ReportFolder.made(settings.reports)
    try:
        for answer in answers:
            if answer.error is not None:
                reports.keep(answer.folder, answer.line, None)
            yield answer
    finally:
        answers.close()  # what is in hand is finished before the index is written
        reports.write_index([str(folder) for folder in folders])


def _grade(settings: FolderSettings, folder: Path) -> GradedFolder:
    """Grade one folder, in a worker."""
    try:
        return _graded(settings, folder)
    except InputError as error:
        return _failed(folder, error.code, full_text(error))


def _graded(settings: FolderSettings, folder: Path) -> GradedFolder:
    given = settings.read(folder)
    chosen = known_device(settings.device, settings.size, given.functional, settings.own_devices)
    inspector = inspector_of(settings.models, 1, settings.runtime)
    warnings = (*given.left_out, *(f"{flag.text}; its sizes are assumed" for flag in chosen.flags))
    fingerprint = fingerprint_of(given, chosen, settings, inspector.model_ref)
    reports = None if settings.reports is None else ReportFolder(settings.reports)
    kept = None if reports is None else reports.kept(str(folder), fingerprint)
    if kept is not None:
        return GradedFolder(str(folder), kept, warnings=warnings, resumed=True)
    assessment = assess_photos(
        given.photos, given.functional, chosen.device, settings.policy, inspector, settings.reference
    )
    assessment = chosen.add_flags_to(assessment)
    head = json.dumps({"folder": str(folder), "fingerprint": fingerprint}, separators=(",", ":"))
    line = f"{head[:-1]},{assessment.model_dump_json()[1:]}"
    if reports is not None:
        report = render_report(assessment, given.photos, settings.policy, datetime.now().astimezone())
        reports.keep(str(folder), line, report)
    return GradedFolder(str(folder), line, warnings=warnings)


def fingerprint_of(given: DeviceInput, chosen: ChosenDevice, settings: FolderSettings, models: ModelRef) -> str:
    """Return the SHA-256 of everything that decides the answer: equal ones need no second grading."""
    photos = [[surface, photo.name, photo.sha256] for surface, views in given.photos.items() for photo in views]
    decisive = {
        "phonegrade": __version__,
        "policy": settings.policy.sha256,
        "models": models.model_dump(),
        "photos": photos,
        "functional": None if given.functional is None else given.functional.model_dump(mode="json"),
        "device": repr(chosen),
        "reference": None if settings.reference is None else settings.reference.model_dump(),
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _worker_died(folder: Path) -> GradedFolder:
    text = "the process that graded this folder ended without an answer, perhaps for lack of memory"
    return _failed(folder, WORKER_DIED, text)


def _failed(folder: Path, code: str, message: str) -> GradedFolder:
    line = json.dumps({"folder": str(folder), "error": {"code": code, "message": message}}, separators=(",", ":"))
    return GradedFolder(str(folder), line, error=f"[{code}]: {message}")
