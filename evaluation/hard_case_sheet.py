"""What the models say of each hard case, and one picture of it all."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.evaluation.mistakes import write_jpeg
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.overlay import DIRT_RGB, KIND_RGB, OUTLINE_RGB

COLUMNS = 6
CELL_PX, LINE_PX, LINES, GAP_PX = 270, 15, 4, 8
WRAP = 44
AROUND = 0.04
"""Of the photo's long side, shown round the device."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class Answer:
    """One case: what is to be seen, what was told, and the photo with it drawn in."""

    name: str
    true: str
    said: str
    picture: NDArray[np.uint8]


class CasePhoto(Protocol):
    """A photo that was made to fool the models, and what is to be seen in it."""

    @property
    def file(self) -> PhotoFile:
        """Its name is the case's."""

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """(H, W, 3)."""

    @property
    def body(self) -> NDArray[np.bool_]:
        """Where the body is, on a coarser grid (h, w)."""

    @property
    def visible_kinds(self) -> list[str]: ...
    @property
    def hidden(self) -> int:
        """Marks that cannot be seen."""


def answer_hard_cases(inspector: Inspector, photos: Iterable[CasePhoto]) -> tuple[Answer, ...]:
    """Inspect every photo as it would be sent: surface promised, device unknown."""
    return tuple(_answer(inspector, photo) for photo in track(photos, "hard cases", console=Console(stderr=True)))


def write_hard_cases(answers: Sequence[Answer], path: Path) -> None:
    """One JPEG of all cases, each over its name, its truth and what was told."""
    rows = -(-len(answers) // COLUMNS)
    height, width = CELL_PX + LINES * LINE_PX + GAP_PX, CELL_PX + GAP_PX
    sheet = np.full((rows * height + GAP_PX, COLUMNS * width + GAP_PX, 3), 255, np.uint8)
    for number, answer in enumerate(answers):
        y, x = GAP_PX + number // COLUMNS * height, GAP_PX + number % COLUMNS * width
        sheet[y : y + CELL_PX, x : x + CELL_PX] = answer.picture
        lines = textwrap.wrap(f"told: {answer.said or 'nothing'}", WRAP)
        texts = (answer.name, f"true: {answer.true or 'nothing'}", *lines)[:LINES]
        for line, text in enumerate(texts):
            at = (x + 1, y + CELL_PX + LINE_PX * (line + 1) - 3)
            colour = (0, 0, 0) if line == 0 else (70, 70, 70)
            cv2.putText(sheet, text, at, _FONT, 0.38, colour, 1, cv2.LINE_AA)
    write_jpeg(path, sheet)


def _answer(inspector: Inspector, photo: CasePhoto) -> Answer:
    inspection = inspector.inspect(photo.file)
    true = _listed(Counter(photo.visible_kinds)) + (f" + {photo.hidden} unseen" if photo.hidden else "")
    return Answer(photo.file.name, true.removeprefix(" + "), _said(inspection), _picture(photo, inspection))


def _said(told: Inspection) -> str:
    counts = Counter([*(one.kind.value for one in told.defects), *(one.kind.value for one in told.contamination)])
    notes = [flag.code for flag in told.quality if flag.code in ("cut_off", "no_device", "no_outline")]
    return "; ".join(part for part in (_listed(counts), *notes) if part)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _picture(photo: CasePhoto, told: Inspection) -> NDArray[np.uint8]:
    """The photo cut to the device and fitted into a square, with outline, defects by kind and dirt drawn in."""
    rgb, regions = photo.rgb, photo.body
    rows, columns = np.nonzero(regions)
    share, pad = max(rgb.shape[:2]) / max(regions.shape), AROUND * max(rgb.shape[:2])
    low = np.maximum([columns.min() * share - pad, rows.min() * share - pad], 0).astype(int)
    high = np.minimum([columns.max() * share + pad, rows.max() * share + pad], rgb.shape[1::-1]).astype(int)
    cut = rgb[low[1] : high[1], low[0] : high[0]]
    zoom = CELL_PX / max(cut.shape[:2])
    size = (max(round(cut.shape[1] * zoom), 1), max(round(cut.shape[0] * zoom), 1))
    small = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC), np.uint8)
    marks = [(defect.polygon, KIND_RGB[defect.kind]) for defect in told.defects]
    marks += [(dirt.polygon, DIRT_RGB) for dirt in told.contamination]
    marks += [] if told.outline is None else [(told.outline, OUTLINE_RGB)]
    for polygon, colour in marks:
        points = np.round((np.asarray(polygon) - low) * zoom).astype(np.int32)
        cv2.polylines(small, [points], True, colour, 1, cv2.LINE_AA)
    square = np.full((CELL_PX, CELL_PX, 3), 255, np.uint8)
    y, x = (CELL_PX - size[1]) // 2, (CELL_PX - size[0]) // 2
    square[y : y + size[1], x : x + size[0]] = small
    return square
