"""A folder of real photos with a manifest, and what the pipeline says of each.

`manifest.csv` has one line a photo, under the header `file,view,label` (`group` and more columns may follow):

* file: path relative to the folder;
* view: front, back or edge, which is promised to the pipeline (edge_left and the like are edges);
* label: what is to be seen, several joined by `;`: crack, scratch, scuff, chip, dent, or, where there is no damage,
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
    """Polygons of each scratch, in photo pixels; None where nobody outlined any."""
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
class Told:
    """What was told of one photo: at the shipped limits, and everything down to confidence 0; None: unanswered."""

    photo: RealPhoto
    shipped: tuple[Defect, ...] | None
    everything: tuple[Defect, ...] | None
    scratches: "ScratchCounts | None"

    def top(self, *kinds: DefectKind) -> float:
        """The surest defect of these kinds, 0 where there is none."""
        return max((one.confidence for one in self.everything or () if one.kind in kinds), default=0.0)


@dataclass(frozen=True)
class ScratchCounts:
    """How well a photo's scratches are told at each of THRESHOLDS and, in the last column, at the shipped limits."""

    pixels: NDArray[np.int64]
    """(4, columns): true scratch pixels that are told, all of them; told pixels that lie on a scratch, all of them."""
    caught: NDArray[np.bool_]
    """(scratches, columns): half of the scratch is told."""


LINEAR = (DefectKind.SCRATCH, DefectKind.CRACK, DefectKind.SCUFF)
"""A scratch that is told as a crack is found all the same; what it is called is another figure."""
TOLERANCE_PX = 5
THRESHOLDS = tuple(float(at) for at in np.linspace(0.05, 0.95, 19))
CAUGHT_SHARE = 0.5


def read_real(root: Path) -> list[RealPhoto]:
    """The photos of the folder `root`. Raises UsageError where its manifest is missing or wrong."""
    path = root / MANIFEST
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            found = list(csv.DictReader(lines))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; see phonegrade evaluate --help") from error
    outlines = root / SCRATCHES
    files = {row.get("file") or "" for row in found}
    outlined = read_outlines(outlines, DefectKind.SCRATCH.value, files) if outlines.is_file() else {}
    photos = []
    for number, row in enumerate(found, 2):
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
    """The surface of a view such as front or edge_left; None where it does not say which edge."""
    name = view.removeprefix("edge_")
    return Surface(name) if name in set(Surface) else None


def real_sha256(root: Path) -> str:
    """Identity of the folder: the hash of its manifest."""
    return hashlib.sha256((root / MANIFEST).read_bytes()).hexdigest()


def ask(inspector: Inspector, photo: RealPhoto, data: bytes) -> Told:
    """Inspect one photo, the file `data`, twice: as shipped, and with everything that the masks hold."""
    file = PhotoFile(photo.file, data)
    promised = None if photo.view is View.NONE else photo.view
    try:
        shipped = inspector.inspect(file, view=promised).defects
        everything = inspector.inspect(file, view=promised, min_confidence=0.0).defects
    except InputError:
        return Told(photo, None, None, scratch_counts(photo, (), ()))
    return Told(photo, shipped, everything, scratch_counts(photo, shipped, everything))


def scratch_counts(
    photo: RealPhoto, shipped: tuple[Defect, ...], everything: tuple[Defect, ...]
) -> ScratchCounts | None:
    """How well the photo's scratches are told; None where nobody outlined them."""
    if photo.scratches is None or photo.hw is None:
        return None
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE_PX + 1,) * 2)
    true = [_drawn(polygons, photo.hw) for polygons in photo.scratches]
    anywhere = np.logical_or.reduce(true) if true else np.zeros(photo.hw, np.bool_)
    near = cv2.dilate(anywhere.astype(np.uint8), disc) > 0
    surest = _confidences(everything, photo.hw)
    around = cv2.dilate(surest, disc)
    told = _confidences(shipped, photo.hw) > 0
    around_told = cv2.dilate(told.astype(np.uint8), disc) > 0
    columns = [_counted(surest >= at, around >= at, anywhere, near) for at in THRESHOLDS]
    columns.append(_counted(told, around_told, anywhere, near))
    reached = [*(around >= at for at in THRESHOLDS), around_told]
    caught = [[bool((one & here).sum() >= CAUGHT_SHARE * one.sum()) for here in reached] for one in true]
    return ScratchCounts(np.array(columns, np.int64).T, np.array(caught, np.bool_).reshape(len(true), len(columns)))


def _counted(
    told: NDArray[np.bool_], around: NDArray[np.bool_], anywhere: NDArray[np.bool_], near: NDArray[np.bool_]
) -> tuple[int, int, int, int]:
    return int((anywhere & around).sum()), int(anywhere.sum()), int((told & near).sum()), int(told.sum())


def _confidences(defects: tuple[Defect, ...], hw: tuple[int, int]) -> NDArray[np.float64]:
    """The confidence (H, W) of the surest linear defect at each pixel of the photo."""
    surest = np.zeros(hw, np.float64)
    for defect in defects:
        if defect.kind in LINEAR and len(defect.polygon) > 1:
            np.maximum(surest, defect.confidence * _drawn((defect.polygon,), hw), out=surest)
    return surest


def _drawn(polygons: tuple[Polygon, ...], hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Polygons, filled and with their border, as pixels (H, W)."""
    canvas = np.zeros(hw, np.uint8)
    for polygon in polygons:
        points = np.round(np.asarray(polygon, np.float32)).astype(np.int32)
        cv2.fillPoly(canvas, [points], 1)
        cv2.polylines(canvas, [points], True, 1)
    return canvas > 0
