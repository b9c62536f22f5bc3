"""`phonegrade grade`: the photos and tests of one device in, its grade and why out."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phonegrade.assessment.choose_device import ChosenDevice, known_device
from phonegrade.assessment.request import DEFAULT_POLICY, MAX_PHOTOS, reference_of, refuse_too_many
from phonegrade.cli.console import complain, say, table_console, working
from phonegrade.cli.device_folder import DeviceFolder, read_device_folder
from phonegrade.cli.options import DEFAULT_THREADS, DeviceName, DeviceSize, ModelsDir, OwnDevices, Threads, own_devices
from phonegrade.cli.photo_file import read_named_file
from phonegrade.configs.policy import Policy, load_policy
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import FunctionalReport, load_functional
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface

if TYPE_CHECKING:
    from phonegrade.assessment.assessment import Assessment
    from phonegrade.assessment.inspect_photos import Photos

Shots = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Photo of it; say it again for another shot.", rich_help_panel="Instead of DIR"),
]
FunctionalFile = Annotated[
    Path | None,
    typer.Option("--functional", metavar="FILE", help="Functional test results; without it DIR/functional.json."),
]
PolicyName = Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="A shipped policy or a .yaml file.")]
Asset = Annotated[str | None, typer.Option(metavar="TEXT", help="Asset id, IMEI or serial number; echoed.")]
Order = Annotated[str | None, typer.Option(metavar="TEXT", help="Order, lot or case number; echoed.")]
Report = Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a self-contained HTML report.")]

_PHOTO_BY_PHOTO = ("inspections", "photos", "views")
"""Fields of an answer that say what each photo shows, by far the most of it."""


def grade(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with front.jpg, back.jpg, left.jpg ... bottom.jpg; more shots as front-2.jpg.", metavar="DIR"
        ),
    ] = None,
    front: Shots = None,
    back: Shots = None,
    left: Shots = None,
    right: Shots = None,
    top: Shots = None,
    bottom: Shots = None,
    functional: FunctionalFile = None,
    device: DeviceName = None,
    size: DeviceSize = None,
    devices: OwnDevices = None,
    policy: PolicyName = DEFAULT_POLICY,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    asset: Asset = None,
    order: Order = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="One line; with --json the decision without what each photo shows.")
    ] = False,
    report: Report = None,
    models: ModelsDir = None,
    threads: Threads = DEFAULT_THREADS,
) -> None:
    """Grade one device; exit 0 whenever it was judged, be it only "incomplete", and 2 for unusable input."""
    options = dict(zip(Surface, (front, back, left, right, top, bottom), strict=True))
    files = _files(folder, {surface: given for surface, given in options.items() if given})
    refuse_too_many({surface: len(views) for surface, views in files.photos.items()}, MAX_PHOTOS)
    reference = reference_of(asset, order)
    rules = load_policy(policy)
    tests = _tests(functional or files.functional)
    known = known_device(device, size, tests, own_devices(devices))
    _warn(files, functional, known)
    photos = {
        surface: [PhotoFile(file.name, read_named_file(file), surface) for file in views]
        for surface, views in files.photos.items()
    }
    with working("Grading"):
        from phonegrade.assessment.assess import assess_photos
        from phonegrade.cli.options import load_inspector

        assessment = assess_photos(photos, tests, known.device, rules, load_inspector(models, threads), reference)
    assessment = known.told_in(assessment)
    if report is not None:
        _write_report(report, assessment, photos, rules)
    _answer(assessment, as_json=as_json, brief=brief)
    if report is not None:
        # With --json stdout is one JSON document and nothing else.
        (complain if as_json else say)(f"Report: {report.resolve()}")


def _warn(files: DeviceFolder, functional: Path | None, known: ChosenDevice) -> None:
    """Tells on stderr what was given and is not used."""
    if functional is not None and files.functional is not None and functional.resolve() != files.functional.resolve():
        complain(f"warning: {files.functional.name} was left out: --functional names {functional}")
    for line in (*files.left_out, *(f"{flag.text}; its sizes are assumed" for flag in known.flags)):
        complain(f"warning: {line}")


def _answer(assessment: "Assessment", *, as_json: bool, brief: bool) -> None:
    from phonegrade.cli.grade_table import brief_line, print_assessment

    if as_json:
        say(assessment.model_dump_json(indent=2, exclude=set(_PHOTO_BY_PHOTO) if brief else None))
    elif brief:
        say(brief_line(assessment))
    else:
        print_assessment(assessment, table_console())


def _files(folder: Path | None, named: dict[Surface, list[Path]]) -> DeviceFolder:
    if folder is None:
        if not named:
            raise UsageError("no photo was given: name a folder, or photos such as --front front.jpg; see --help")
        return DeviceFolder(named, None, ())
    if named:
        raise UsageError(f"give either the folder {folder} or photos such as --{next(iter(named))}, not both")
    return read_device_folder(folder)


def _tests(file: Path | None) -> FunctionalReport | None:
    return None if file is None else load_functional(read_named_file(file), str(file))


def _write_report(file: Path, assessment: "Assessment", photos: "Photos", policy: Policy) -> None:
    from phonegrade.assessment.report import render_report

    try:
        file.write_text(render_report(assessment, photos, policy, datetime.now().astimezone()), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror})") from error
