"""The worst mistakes of an evaluation, and one picture of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind
from phonegrade.evaluation.key_metrics import DAMAGE
from phonegrade.evaluation.outcome import Box, PhotoOutcome
from phonegrade.evaluation.real_photos import RealPrediction
from phonegrade.inference.overlay import KIND_RGB
from phonegrade.inference.photo.decode import decode

COUNT = 24
PER_PHOTO = 2
"""One spoilt photo must not fill the sheet."""
COLUMNS = 6
CELL_PX, CAPTION_PX, GAP_PX = 190, 32, 6
AROUND = 2.2
"""Side of what is shown, over the longer side of the defect."""
LEAST_PX = 110
MISSED_RGB = (255, 255, 255)
PAPER = (225, 225, 225)
QUALITY = 80
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class Mistake:
    """One wrong prediction; `badness` ranks the mistakes of one sort."""

    photo: str
    sort: str
    """false, missed or misnamed."""
    kind: str
    text: str
    badness: float
    box: Box


def rendered_mistakes(outcomes: Sequence[PhotoOutcome]) -> list[Mistake]:
    """Return the most confident false positives, the longest misses and wrong kinds, a third each where enough."""
    false, missed, misnamed = [], [], []
    for o in outcomes:
        for one in o.detections:
            if one.kind in DAMAGE and not one.is_damage:
                text = f"false {one.kind} {one.confidence:.2f}"
                note = f"on {one.on_dirt}" if one.on_dirt else o.surface
                false.append(Mistake(o.photo, "false", one.kind, f"{text}\n{note}", one.confidence, one.box))
        for defect in o.visible_defects:
            if defect.kind not in DAMAGE or defect.detected:
                continue
            size = f"{defect.length_mm:.1f} mm {defect.style}"
            if defect.predicted_kind == "nothing":
                missed.append(
                    Mistake(
                        o.photo, "missed", defect.kind, f"missed {defect.kind}\n{size}", defect.length_mm, defect.box
                    )
                )
            else:
                text = f"{defect.kind} taken for {defect.predicted_kind}\n{size}"
                misnamed.append(Mistake(o.photo, "misnamed", defect.predicted_kind, text, defect.length_mm, defect.box))
    return worst(false, missed, misnamed)


def real_mistakes(predictions: Sequence[RealPrediction]) -> list[Mistake]:
    """Return the most confident false positives on photos without damage, and the worst misses on damaged ones."""
    false, missed = [], []
    for one in predictions:
        file, labels = one.photo.file, ";".join(sorted(one.photo.labels))
        if not one.photo.has_damage:
            for defect in one.shipped or ():
                text = f"false {defect.kind} {defect.confidence:.2f}\n{labels}"
                false.append(Mistake(file, "false", defect.kind, text, defect.confidence, _box(defect)))
        elif DefectKind.CRACK in one.photo.labels and not any(d.kind == DefectKind.CRACK for d in one.shipped or ()):
            surest = one.top(DefectKind.CRACK)
            missed.append(Mistake(file, "missed", "crack", f"missed crack\nat most {surest:.2f}", 2 - surest, _whole))
        if one.scratches is not None and one.photo.scratches is not None:
            detected = one.scratches.detected[:, -1]
            for polygons, is_detected in zip(one.photo.scratches, detected, strict=True):
                points = np.concatenate([np.asarray(polygon) for polygon in polygons])
                if not is_detected:
                    extent = float(np.hypot(*np.ptp(points, axis=0)))
                    text = f"missed scratch\n{extent:.0f} px"
                    missed.append(Mistake(file, "missed", "scratch", text, extent / (extent + 200), _around(points)))
    return worst(false, missed)


def worst(*sorts: list[Mistake]) -> list[Mistake]:
    """Return up to COUNT mistakes, an equal share of each sort, the worst of each first, at most PER_PHOTO a photo."""
    ranked = [_spread(sorted(sort, key=lambda m: (-m.badness, m.photo))) for sort in sorts]
    taken = [0] * len(ranked)
    while sum(taken) < COUNT and any(have < len(sort) for have, sort in zip(taken, ranked, strict=True)):
        for at, sort in enumerate(ranked):
            if taken[at] < len(sort) and sum(taken) < COUNT:
                taken[at] += 1
    return [mistake for have, sort in zip(taken, ranked, strict=True) for mistake in sort[:have]]


def _spread(ranked: list[Mistake]) -> list[Mistake]:
    chosen: list[Mistake] = []
    for mistake in ranked:
        if sum(other.photo == mistake.photo for other in chosen) < PER_PHOTO:
            chosen.append(mistake)
    return chosen


def write_sheet(root: Path, mistakes: Sequence[Mistake], path: Path) -> None:
    """Write one JPEG of `mistakes`, cut out of the photos under `root`, with the defect in question framed."""
    rows = -(-len(mistakes) // COLUMNS)
    height, width = CELL_PX + CAPTION_PX + GAP_PX, CELL_PX + GAP_PX
    sheet = np.full((rows * height + GAP_PX, COLUMNS * width + GAP_PX, 3), 255, np.uint8)
    for number, mistake in enumerate(mistakes):
        y, x = GAP_PX + number // COLUMNS * height, GAP_PX + number % COLUMNS * width
        sheet[y : y + CELL_PX, x : x + CELL_PX] = _cell(root, mistake)
        for line, text in enumerate(mistake.text.split("\n")):
            at = (x + 1, y + CELL_PX + 12 + 14 * line)
            cv2.putText(sheet, text, at, _FONT, 0.38, (30, 30, 30), 1, cv2.LINE_AA)
    write_jpeg(path, sheet)


def write_jpeg(path: Path, rgb: NDArray[np.uint8]) -> None:
    """Write a picture (H, W, 3) for a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def _cell(root: Path, mistake: Mistake) -> NDArray[np.uint8]:
    photo = decode((root / mistake.photo).read_bytes())
    rgb, scale = photo.rgb, photo.scale
    x, y, w, h = (side * scale for side in mistake.box)
    if mistake.box == _whole:
        x, y, w, h = 0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0])
    side = min(max(AROUND * max(w, h), LEAST_PX * scale, 24), max(rgb.shape[:2]))
    zoom = CELL_PX / side
    left, top = x + w / 2 - side / 2, y + h / 2 - side / 2
    shift = np.array([[zoom, 0, -left * zoom], [0, zoom, -top * zoom]])
    picture = _warped(rgb, shift, zoom)
    if mistake.box != _whole:
        colour = KIND_RGB[DefectKind(mistake.kind)] if mistake.sort == "false" else MISSED_RGB
        corner = [round((x - left) * zoom) - 3, round((y - top) * zoom) - 3]
        opposite = [round((x + w - left) * zoom) + 3, round((y + h - top) * zoom) + 3]
        cv2.rectangle(picture, corner, opposite, colour, 1, cv2.LINE_AA)
    return np.asarray(picture, np.uint8)


def _warped(rgb: NDArray[np.uint8], shift: NDArray[np.float64], zoom: float) -> NDArray[np.uint8]:
    """Return a square of CELL_PX of the picture; averaged down first, as fine lines must not alias."""
    if zoom < 1:
        size = (max(round(rgb.shape[1] * zoom), 1), max(round(rgb.shape[0] * zoom), 1))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        shift = np.array([[1, 0, shift[0, 2]], [0, 1, shift[1, 2]]])
    square = cv2.warpAffine(rgb, shift, (CELL_PX, CELL_PX), flags=cv2.INTER_CUBIC, borderValue=PAPER)
    return np.asarray(square, np.uint8)


_whole: Box = (0.0, 0.0, 0.0, 0.0)
"""Stands for the whole photo."""


def _box(defect: Defect) -> Box:
    return _around(np.asarray(defect.polygon))


def _around(points: NDArray[np.float64]) -> Box:
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    return float(low[0]), float(low[1]), float(size[0]), float(size[1])
