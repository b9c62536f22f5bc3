"""A folder of real photos with a manifest, and the predictions on each.

`manifest.csv` has one line a photo, under the header `file,view,label` (`group` and more columns may follow):

* file: path relative to the folder;
* view: front, back or edge, which is given to the pipeline (edge_left and the like are edges);
* label: what is visible, several joined by `;`: crack, scratch, scuff, chip, dent, or, where there is no damage,
  clean or what else there is, such as oil, stain, dust or glare.

`scratch.coco.json` beside it, where there is one, outlines every scratch of the photos that it lists (COCO instances,
polygons or run-length masks in photo pixels); other categories than scratch are left out.
"""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.errors import InputError, UsageError
from phonegrade.core.inspection import Defect
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import DefectKind, Surface, View
from phonegrade.datasets.coco_import import Polygon, read_outlines
from phonegrade.inference.inspector import Inspector

MANIFEST = "manifest.csv"
SCRATCHES = "scratch.coco.json"
COLUMNS = ("file", "view", "label")
CLEAN = "clean"


@dataclass(frozen=True)
class RealPhoto:
    """One line of the manifest."""

    file: str
    view: View
    labels: frozenset[str]
    scratches: tuple[tuple[Polygon, ...], ...] | None
    """Polygons of each scratch, in photo pixels; None where none are outlined."""
    hw: tuple[int, int] | None
    """Height and width of the photo that the polygons were drawn on."""
    group: str = ""
    """Photos of one phone, rig or source share it; without the column each photo is its own."""
    surface: Surface | None = None
    """Which edge it is, where the view says so."""

    @property
    def has_damage(self) -> bool:
        """Whether the label names a defect."""
        return not self.labels.isdisjoint(kind.value for kind in DefectKind)


@dataclass(frozen=True)
class RealPrediction:
    """The defects predicted on one photo: at the shipped limits, and down to confidence 0; None: refused."""

    photo: RealPhoto
    shipped: tuple[Defect, ...] | None
    unfiltered: tuple[Defect, ...] | None
    scratches: "ScratchCounts | None"

    def top(self, *kinds: DefectKind) -> float:
        """Return the greatest confidence of a defect of these kinds, 0 without one."""
        return max((one.confidence for one in self.unfiltered or () if one.kind in kinds), default=0.0)


@dataclass(frozen=True)
class ScratchCounts:
    """Counts of detected scratches at each of THRESHOLDS and, in the last column, at the shipped limits."""

    pixels: NDArray[np.int64]
    """(4, columns): detected true pixels, all true pixels; predicted pixels on a scratch, all predicted pixels."""
    detected: NDArray[np.bool_]
    """(scratches, columns): half of the scratch is detected."""


LINEAR = (DefectKind.SCRATCH, DefectKind.CRACK, DefectKind.SCUFF)
"""A scratch that is taken for a crack is detected all the same; its kind is another metric."""
TOLERANCE_PX = 5
THRESHOLDS = tuple(float(at) for at in np.linspace(0.05, 0.95, 19))
DETECTED_SHARE = 0.5


def read_real(root: Path) -> list[RealPhoto]:
    """Return the photos of the folder `root`. Raises UsageError where its manifest is missing or wrong."""
    path = root / MANIFEST
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; see phonegrade evaluate --help") from error
    outlines = root / SCRATCHES
    files = {row.get("file") or "" for row in rows}
    outlined = read_outlines(outlines, DefectKind.SCRATCH.value, files) if outlines.is_file() else {}
    photos = []
    for number, row in enumerate(rows, 2):
        if any(not row.get(column) for column in COLUMNS):
            raise UsageError(f"{path}, line {number}: needs {', '.join(COLUMNS)}")
        view = next((view for view in View if row["view"].startswith(view.value)), None)
        if view is None:
            raise UsageError(f"{path}, line {number}: there is no view {row['view']!r}: say front, back or edge")
        scratches, hw = outlined.get(row["file"], (None, None))
        labels, group = frozenset(row["label"].split(";")), row.get("group") or row["file"]
        photos.append(RealPhoto(row["file"], view, labels, scratches, hw, group, _surface(row["view"])))
    if not photos:
        raise UsageError(f"{path} lists no photos")
    return photos


def _surface(view: str) -> Surface | None:
    """Return the surface of a view such as front or edge_left; None where it does not say which edge."""
    name = view.removeprefix("edge_")
    return Surface(name) if name in set(Surface) else None


def real_sha256(root: Path) -> str:
    """Return the hash of the manifest, which identifies the folder."""
    return hashlib.sha256((root / MANIFEST).read_bytes()).hexdigest()


def inspect_real(inspector: Inspector, photo: RealPhoto, data: bytes) -> RealPrediction:
    """Inspect one photo, the file `data`, twice: at the shipped limits, and down to confidence 0."""
    file = PhotoFile(photo.file, data)
    promised = None if photo.view is View.NONE else photo.view
    try:
        shipped = inspector.inspect(file, view=promised).defects
        unfiltered = inspector.inspect(file, view=promised, min_confidence=0.0).defects
    except InputError:
        return RealPrediction(photo, None, None, scratch_counts(photo, (), ()))
    return RealPrediction(photo, shipped, unfiltered, scratch_counts(photo, shipped, unfiltered))


def scratch_counts(
    photo: RealPhoto, shipped: tuple[Defect, ...], unfiltered: tuple[Defect, ...]
) -> ScratchCounts | None:
    """Count how well the photo's scratches are detected; None where they are not outlined."""
    if photo.scratches is None or photo.hw is None:
        return None
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE_PX + 1,) * 2)
    true = [_drawn(polygons, photo.hw) for polygons in photo.scratches]
    truth = np.logical_or.reduce(true) if true else np.zeros(photo.hw, np.bool_)
    near = cv2.dilate(truth.astype(np.uint8), disc) > 0
    surest = _confidences(unfiltered, photo.hw)
    around = cv2.dilate(surest, disc)
    reported = _confidences(shipped, photo.hw) > 0
    around_reported = cv2.dilate(reported.astype(np.uint8), disc) > 0
    columns = [_counted(surest >= at, around >= at, truth, near) for at in THRESHOLDS]
    columns.append(_counted(reported, around_reported, truth, near))
    reached = [*(around >= at for at in THRESHOLDS), around_reported]
    detected = [[bool((one & here).sum() >= DETECTED_SHARE * one.sum()) for here in reached] for one in true]
    return ScratchCounts(np.array(columns, np.int64).T, np.array(detected, np.bool_).reshape(len(true), len(columns)))


def _counted(
    predicted: NDArray[np.bool_], around: NDArray[np.bool_], truth: NDArray[np.bool_], near: NDArray[np.bool_]
) -> tuple[int, int, int, int]:
    return int((truth & around).sum()), int(truth.sum()), int((predicted & near).sum()), int(predicted.sum())


def _confidences(defects: tuple[Defect, ...], hw: tuple[int, int]) -> NDArray[np.float64]:
    """Return the greatest confidence (H, W) of a linear defect at each pixel of the photo."""
    surest = np.zeros(hw, np.float64)
    for defect in defects:
        if defect.kind in LINEAR and len(defect.polygon) > 1:
            np.maximum(surest, defect.confidence * _drawn((defect.polygon,), hw), out=surest)
    return surest


def _drawn(polygons: tuple[Polygon, ...], hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Return polygons, filled and with their border, as pixels (H, W)."""
    canvas = np.zeros(hw, np.uint8)
    for polygon in polygons:
        points = np.round(np.asarray(polygon, np.float32)).astype(np.int32)
        cv2.fillPoly(canvas, [points], 1)
        cv2.polylines(canvas, [points], True, 1)
    return canvas > 0
