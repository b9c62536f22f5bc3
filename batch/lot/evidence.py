"""The contact sheet of a lot: close-ups of defects that decide, of the devices that a person sees first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.report_pictures import NATIVE_PX, Picture, close_up
from phonegrade.batch.device_work import ASSESSMENT, DeviceTask
from phonegrade.batch.engines.chunks import KEY
from phonegrade.batch.input.places import read_file
from phonegrade.batch.photo_work import MAX_BYTES
from phonegrade.core.errors import InputError
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.photo.decode import decode

MOST = 24
LONG_SIDE_PX = 420


class LotCloseUp(NamedTuple):
    """One close-up."""

    device: str
    surface: Surface
    defect: Defect
    grade: str | None
    picture: Picture


def contact_sheet(
    tasks: Sequence[DeviceTask], files: Mapping[str, str], wanted: Sequence[int], most: int = MOST
) -> list[LotCloseUp]:
    """Return a close-up of the largest deciding defect of each of the `wanted` tasks, at most so many.

    `files` are those of graded devices by key. A device without such a defect, or whose photo cannot be read any more,
    is passed over.
    """
    shown: list[LotCloseUp] = []
    for at in wanted:
        if len(shown) >= most:
            break
        task = tasks[at]
        assessment = _assessment(files[task.key], task.key)
        if assessment is not None:
            shown.extend(_evidence(task, assessment))
    return shown


def _assessment(file: str, key: str) -> Assessment | None:
    text = pl.scan_parquet(file).filter(pl.col(KEY) == key).select(ASSESSMENT).collect().item()
    return None if text is None else Assessment.model_validate_json(text)


def _evidence(task: DeviceTask, assessment: Assessment) -> Iterator[LotCloseUp]:
    """Yield the close-up of one device; nothing where there is none to show."""
    decisive = {
        (reason.surface, name)
        for reason in (*assessment.decision.reasons, *assessment.decision.review)
        for name in reason.defect_ids
    }
    named = [
        (surface, defect)
        for surface, inspection in assessment.inspections.items()
        for defect in inspection.defects
        if defect.polygon and (surface, defect.id) in decisive
    ]
    if not named:
        return
    surface, defect = max(named, key=lambda one: one[1].length_mm or 0.0)
    inspection = assessment.inspections[surface]
    places = [
        photo.location for photo in task.device.photos if (photo.surface, photo.name) == (surface, inspection.photo)
    ]
    try:
        photo = decode(read_file(places[0], MAX_BYTES), long_side_px=NATIVE_PX)
    except (InputError, IndexError):
        return
    picture = close_up(photo, inspection, defect, landscape=True, long_side_px=LONG_SIDE_PX)
    yield LotCloseUp(task.device.id, surface, defect, assessment.decision.grade, picture)
