"""`phonegrade inspect`: photos in, what each shows out."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich import box
from rich.table import Table

from phonegrade.assessment.choose_device import known_device
from phonegrade.cli.console import print_result, table_console, watched
from phonegrade.cli.options import (
    DEFAULT_THREADS,
    DeviceName,
    DeviceSize,
    MinConfidence,
    ModelsDir,
    OwnDevices,
    RuntimeName,
    own_devices,
)
from phonegrade.cli.overlay_folder import OverlayFolder
from phonegrade.cli.photo_files import photo_files, read_named_file
from phonegrade.core.errors import UsageError
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import ONNX_RUNTIME, Surface, View

if TYPE_CHECKING:
    from phonegrade.batch.inspect_files import InspectedFile

EXIT_SOME_UNUSABLE = 1
Photos = Annotated[
    list[str],
    typer.Argument(
        metavar="PHOTO|DIR...", help="JPEG, PNG, WebP or HEIC files, and folders: all photos in them, sorted."
    ),
]
ShownView = Annotated[
    Literal["front", "back", "edge"] | None,
    typer.Option(help="What the photos show, where any edge may be; without it or --surface, the locator decides."),
]
ShownSurface = Annotated[
    Surface | None,
    typer.Option(help="The surface that all photos show, left and right as seen facing the display."),
]
Overlays = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Also draw each photo's defects, in PHOTO-overlay.jpg.")
]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Threads for one photo; without it, 2, or 1 with several workers.")
]


def inspect(
    photos: Photos,
    view: ShownView = None,
    surface: ShownSurface = None,
    device: DeviceName = None,
    size: DeviceSize = None,
    devices: OwnDevices = None,
    min_confidence: MinConfidence = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON line a photo instead of a table.")] = False,
    overlay: Overlays = None,
    models: ModelsDir = None,
    threads: Threads = None,
    runtime: RuntimeName = ONNX_RUNTIME,
    workers: Annotated[int, typer.Option(min=1, help="Processes that inspect at once.")] = 1,
) -> None:
    """Find and measure the defects in photos; exit 1 if a photo could not be used: the others are still answered."""
    from phonegrade.batch.inspect_files import InspectSettings, inspect_files

    if view is not None and surface is not None:
        raise UsageError("give --surface or --view, not both: a surface names its view, and which edge it is")
    settings = InspectSettings(
        read=read_named_file,
        models=models,
        runtime=runtime,
        threads=threads or (DEFAULT_THREADS if workers == 1 else 1),
        view=None if view is None else View(view),
        surface=surface,
        device=known_device(device, size, None, own_devices(devices)).device,
        min_confidence=min_confidence,
        overlays=overlay is not None,
    )
    files = photo_files(photos)
    folder = None if overlay is None else OverlayFolder(overlay, files)
    answers = watched(inspect_files(files, settings, workers), len(files), "Inspecting")
    usable = _print_lines(answers, folder) if jsonl else _print_table(answers, folder)
    if not usable:
        raise typer.Exit(EXIT_SOME_UNUSABLE)


def _print_lines(answers: Iterable["InspectedFile"], overlays: OverlayFolder | None) -> bool:
    """Print one JSON line a photo; return whether every photo could be used."""
    usable = True
    for inspected in answers:
        if isinstance(inspected.answer, Inspection):
            _write_overlay(inspected, overlays)
            print_result(inspected.answer.model_dump_json())
        else:
            usable = False
            print_result(error_line(inspected.photo, inspected.answer.code, inspected.answer.message))
    return usable


def _print_table(answers: Iterable["InspectedFile"], overlays: OverlayFolder | None) -> bool:
    """Print a table of all photos; return whether every photo could be used."""
    usable = True
    table = _table()
    for inspected in answers:
        photo, answer = inspected.photo, inspected.answer
        if isinstance(answer, Inspection):
            _write_overlay(inspected, overlays)
            table.add_row(photo, *_row(answer))
        else:
            usable = False
            table.add_row(_printable(photo), f"error [{answer.code}]", "", "", answer.message)
    table_console().print(table)
    return usable


def _write_overlay(inspected: "InspectedFile", overlays: OverlayFolder | None) -> None:
    if overlays is not None and inspected.overlay is not None:
        overlays.write(inspected.photo, inspected.overlay)


def error_line(photo: str, code: str, message: str) -> str:
    """Return the JSON of a photo that could not be used."""
    return json.dumps({"photo": photo, "error": {"code": code, "message": message}})


def _printable(photo: str) -> str:
    """Return a path that is not valid UTF-8 as something that a terminal can show."""
    return photo.encode("utf-8", "replace").decode("utf-8")


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("photo", "view", "scale", "defects", "note"):
        table.add_column(heading, overflow="fold")
    return table


def _row(inspection: Inspection) -> tuple[str, str, str, str]:
    counts = Counter(defect.kind.value for defect in inspection.defects)
    dirt = Counter(patch.kind.value for patch in inspection.contamination)
    defects = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none found"
    scale = inspection.scale
    resolution = "none" if scale.px_per_mm is None else f"{scale.px_per_mm:.1f} px/mm ({scale.source})"
    notes = [flag.message for flag in inspection.quality]
    if dirt:
        notes.append("clean and retake: " + ", ".join(f"{count} {kind}" for kind, count in dirt.items()))
    return f"{inspection.view} {inspection.view_confidence:.2f}", resolution, defects, "\n".join(notes)
