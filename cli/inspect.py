"""`phonegrade inspect`: photos in, what each shows out."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich import box
from rich.table import Table

from phonegrade.assessment.choose_device import known_device
from phonegrade.cli.console import say, table_console, watched
from phonegrade.cli.options import (
    DEFAULT_THREADS,
    DeviceName,
    DeviceSize,
    MinConfidence,
    ModelsDir,
    OwnDevices,
    Threads,
    own_devices,
)
from phonegrade.cli.photo_file import read_named_file
from phonegrade.core.errors import InputError
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import View

EXIT_SOME_UNUSABLE = 1


def inspect(
    photos: Annotated[list[str], typer.Argument(help="JPEG, PNG, WebP or HEIC files.", metavar="PHOTO...")],
    view: Annotated[
        Literal["front", "back", "edge"] | None,
        typer.Option(help="What the photos show; without it the locator tells."),
    ] = None,
    device: DeviceName = None,
    size: DeviceSize = None,
    devices: OwnDevices = None,
    min_confidence: MinConfidence = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object a photo and line instead of a table.")
    ] = False,
    overlay: Annotated[
        Path | None, typer.Option(help="Also draw each photo's defects, in PHOTO-overlay.jpg.", metavar="DIR")
    ] = None,
    models: ModelsDir = None,
    threads: Threads = DEFAULT_THREADS,
) -> None:
    """Find and measure the defects in photos; exit 1 if a photo could not be used, the others are answered."""
    from phonegrade.cli.options import load_inspector
    from phonegrade.cli.overlay_folder import OverlayFolder

    known = known_device(device, size, None, own_devices(devices)).device
    inspector = load_inspector(models, threads)
    shown = None if view is None else View(view)
    overlays = None if overlay is None else OverlayFolder(overlay, photos)
    table = _table()
    unusable = False
    for photo in watched(photos, "Inspecting"):
        try:
            data = read_named_file(photo)
            inspection = inspector.inspect(
                PhotoFile(photo, data), view=shown, device=known, min_confidence=min_confidence
            )
        except InputError as error:
            unusable = True
            if jsonl:
                say(error_line(photo, error))
            else:
                table.add_row(_printable(photo), f"error [{error.code}]", "", "", str(error))
            continue
        if overlays is not None:
            overlays.write(photo, data, inspection)
        if jsonl:
            say(inspection.model_dump_json())
        else:
            table.add_row(photo, *_row(inspection))
    if not jsonl:
        table_console().print(table)
    if unusable:
        raise typer.Exit(EXIT_SOME_UNUSABLE)


def error_line(photo: str, error: InputError) -> str:
    """The JSON of a photo that could not be used."""
    return json.dumps({"photo": photo, "error": {"code": error.code, "message": str(error)}})


def _printable(photo: str) -> str:
    """A path that is no valid UTF-8 as something that a terminal can show."""
    return photo.encode("utf-8", "replace").decode("utf-8")


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("photo", "view", "scale", "defects", "note"):
        table.add_column(heading, overflow="fold")
    return table


def _row(inspection: Inspection) -> tuple[str, str, str, str]:
    counts = Counter(defect.kind.value for defect in inspection.defects)
    dirt = Counter(patch.kind.value for patch in inspection.contamination)
    found = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none found"
    scale = inspection.scale
    told = "none" if scale.px_per_mm is None else f"{scale.px_per_mm:.1f} px/mm ({scale.source})"
    notes = [flag.message for flag in inspection.quality]
    if dirt:
        notes.append("clean and retake: " + ", ".join(f"{count} {kind}" for kind, count in dirt.items()))
    return f"{inspection.view} {inspection.view_confidence:.2f}", told, found, "\n".join(notes)
