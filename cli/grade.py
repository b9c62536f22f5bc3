"""`phonegrade grade`: the photos and tests of one device in, its grade and why out."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phonegrade.assessment.assessment import PHOTO_BY_PHOTO
from phonegrade.assessment.choose_device import ChosenDevice, known_device
from phonegrade.assessment.request import DEFAULT_POLICY, MAX_PHOTOS, Reference, reference_of, refuse_too_many
from phonegrade.cli.console import log_line, print_result, table_console, working
from phonegrade.cli.device_folder import DeviceFolder, read_device_folder
from phonegrade.cli.device_folders import device_folders, holds_device_folders
from phonegrade.cli.grade_folders import FolderOptions, grade_many, refuse_for_folders
from phonegrade.cli.options import (
    DEFAULT_THREADS,
    DeviceName,
    DeviceSize,
    ModelsDir,
    OwnDevices,
    RuntimeName,
    own_devices,
)
from phonegrade.cli.photo_files import read_named_file
from phonegrade.configs.policy import Policy, load_policy
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import FunctionalReport, load_functional
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime, Surface

if TYPE_CHECKING:
    from phonegrade.assessment.assessment import Assessment
    from phonegrade.assessment.inspect_photos import Photos

_MANY = "Many folders"
Folders = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="DIR",
        help="Folder with front.jpg, back.jpg, left.jpg ... bottom.jpg; more photos as front-2.jpg. "
        "Several folders, or one that holds a folder for each device, give a line a device.",
    ),
]
PhotoFiles = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE", help="Photo of this surface; repeat it for more photos.", rich_help_panel="Instead of DIR"
    ),
]
FunctionalFile = Annotated[
    Path | None,
    typer.Option("--functional", metavar="FILE", help="Functional test results; without it, DIR/functional.json."),
]
PolicyName = Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="A shipped policy or a .yaml file.")]
Asset = Annotated[str | None, typer.Option(metavar="TEXT", help="Asset id, IMEI or serial number; echoed.")]
Order = Annotated[str | None, typer.Option(metavar="TEXT", help="Order, lot or case number; echoed.")]
Report = Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a self-contained HTML report.")]
Brief = Annotated[bool, typer.Option("--brief", help="One line; with --json or --jsonl without what each photo shows.")]
OneDeviceThreads = Annotated[int | None, typer.Option(min=1, help="Threads for one photo; without it, 2.")]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="One JSON line a device, errors included.", rich_help_panel=_MANY)]
Reports = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Also write a report a device, index.html and answers.jsonl; a later run grades only what has changed.",
        rich_help_panel=_MANY,
    ),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Grading processes; without it, 1.", rich_help_panel=_MANY)]


def grade(
    folders: Folders = None,
    front: PhotoFiles = None,
    back: PhotoFiles = None,
    left: PhotoFiles = None,
    right: PhotoFiles = None,
    top: PhotoFiles = None,
    bottom: PhotoFiles = None,
    functional: FunctionalFile = None,
    device: DeviceName = None,
    size: DeviceSize = None,
    devices: OwnDevices = None,
    policy: PolicyName = DEFAULT_POLICY,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    asset: Asset = None,
    order: Order = None,
    brief: Brief = False,
    report: Report = None,
    models: ModelsDir = None,
    threads: OneDeviceThreads = None,
    runtime: RuntimeName = ONNX_RUNTIME,
    jsonl: Jsonl = False,
    reports: Reports = None,
    workers: Workers = None,
) -> None:
    """Grade one device, or the device in each of many folders; exit 1 if one of many could not be graded.

    An answer such as "incomplete" is an answer and exits 0; input that cannot be used exits 2.
    """
    named = dict(zip(Surface, (front, back, left, right, top, bottom), strict=True))
    photos = {surface: files for surface, files in named.items() if files}
    if _is_many(folders or [], photos, jsonl=jsonl, reports=reports, workers=workers):
        refuse_for_folders({"--json": as_json, "--report": report, "--threads": threads})
        names = (functional, device, size, devices, policy, asset, order)
        options = FolderOptions(jsonl, brief, reports, workers or 1, *names, models, runtime)
        raise typer.Exit(grade_many(device_folders(folders or [], reports), options))
    files = _files(folders[0] if folders else None, photos)
    refuse_too_many({surface: len(views) for surface, views in files.photos.items()}, MAX_PHOTOS)
    reference = reference_of(asset, order)
    rules = load_policy(policy)
    tests = _tests(functional or files.functional)
    known = known_device(device, size, tests, own_devices(devices))
    _warn(files, functional, known)
    with_models = (models, threads or DEFAULT_THREADS, runtime)
    assessment = _assess(files, tests, known, rules, with_models, reference, report)
    _answer(assessment, as_json=as_json, brief=brief)
    if report is not None:
        # With --json stdout is one JSON document and nothing else.
        (log_line if as_json else print_result)(f"Report: {report.resolve()}")


def _assess(
    files: DeviceFolder,
    tests: FunctionalReport | None,
    known: ChosenDevice,
    rules: Policy,
    with_models: tuple[Path | None, int, Runtime],
    reference: Reference | None,
    report: Path | None,
) -> "Assessment":
    photos = {
        surface: [PhotoFile(file.name, read_named_file(file), surface) for file in views]
        for surface, views in files.photos.items()
    }
    with working("Grading"):
        from phonegrade.assessment.assess import assess_photos
        from phonegrade.cli.options import load_inspector

        assessment = assess_photos(photos, tests, known.device, rules, load_inspector(*with_models), reference)
    assessment = known.add_flags_to(assessment)
    if report is not None:
        _write_report(report, assessment, photos, rules)
    return assessment


def _is_many(
    folders: list[Path],
    photos: dict[Surface, list[Path]],
    *,
    jsonl: bool,
    reports: Path | None,
    workers: int | None,
) -> bool:
    """Return whether this is a run over folders. Raises UsageError for options that do not go together."""
    asked = [name for name, given in (("--jsonl", jsonl), ("--reports", reports), ("--workers", workers)) if given]
    if folders and photos:
        raise UsageError(f"give either the folder {folders[0]} or photos such as --{next(iter(photos))}, not both")
    if asked and not folders:
        raise UsageError(f"{asked[0]} is for folders: name one or more")
    return bool(asked) or len(folders) > 1 or (len(folders) == 1 and holds_device_folders(folders[0]))


def _warn(files: DeviceFolder, functional: Path | None, known: ChosenDevice) -> None:
    """Name on stderr what was given and is not used."""
    if functional is not None and files.functional is not None and functional.resolve() != files.functional.resolve():
        log_line(f"warning: {files.functional.name} was left out: --functional names {functional}")
    for line in (*files.left_out, *(f"{flag.text}; its sizes are assumed" for flag in known.flags)):
        log_line(f"warning: {line}")


def _answer(assessment: "Assessment", *, as_json: bool, brief: bool) -> None:
    from phonegrade.cli.grade_table import brief_line, print_assessment

    if as_json:
        print_result(assessment.model_dump_json(indent=2, exclude=set(PHOTO_BY_PHOTO) if brief else None))
    elif brief:
        print_result(brief_line(assessment))
    else:
        print_assessment(assessment, table_console())


def _files(folder: Path | None, named: dict[Surface, list[Path]]) -> DeviceFolder:
    if folder is None:
        if not named:
            raise UsageError("no photo was given: name a folder, or photos such as --front front.jpg")
        return DeviceFolder(named, None, ())
    return read_device_folder(folder)


def _tests(file: Path | None) -> FunctionalReport | None:
    return None if file is None else load_functional(read_named_file(file), str(file))


def _write_report(file: Path, assessment: "Assessment", photos: "Photos", policy: Policy) -> None:
    from phonegrade.assessment.report import render_report

    try:
        file.write_text(render_report(assessment, photos, policy, datetime.now().astimezone()), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror})") from error
