"""The truth of a rendered set: one JSON line a photo in its manifest, one a device in its list of devices."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import cv2
import numpy as np
from pydantic import Field, NonNegativeFloat, ValidationError

from phonegrade.configs.render_settings import WearLevel
from phonegrade.core.errors import UsageError
from phonegrade.core.problems import first_problem
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import DefectKind, Surface, View, Zone

MANIFEST = "manifest.jsonl"
DEVICES = "devices.jsonl"
Split = Literal["train", "val", "test"]


class AnnotationTruth(Strict):
    """One defect or patch of dirt, whatever a photo shows of it; polylines and polygons in surface mm."""

    id: str
    """Of the annotation on its device, such as `back-2`: the same in every photo."""
    kind: str
    style: str
    length_mm: NonNegativeFloat
    """Along all its strokes; of a patch its longest diameter."""
    width_mm: NonNegativeFloat
    area_mm2: NonNegativeFloat
    depth_mm: NonNegativeFloat
    """Of chips, dents and drops; 0 where the kind has none."""
    zone: Zone
    strokes: tuple[tuple[tuple[float, float], ...], ...]
    stroke_widths_mm: tuple[float, ...]
    regions: tuple[tuple[tuple[float, float], ...], ...]

    @property
    def graded_length_mm(self) -> float:
        """The length that a policy's limits apply to (`Defect.length_mm`).

        Of a crack its extent, the greatest distance between two of its points; of other kinds `length_mm`.
        """
        if self.kind != DefectKind.CRACK.value:
            return self.length_mm
        points = np.array([point for line in (*self.strokes, *self.regions) for point in line], np.float32)
        hull = cv2.convexHull(points)[:, 0]
        return float(np.linalg.norm(hull[:, None] - hull[None], axis=2).max())


class AnnotationRecord(AnnotationTruth):
    """One annotation in one photo."""

    exists: bool
    """It is on the surface that was photographed: what a grade counts."""
    visible: bool
    """A viewer can see it in this photo: what a network learns and is evaluated on."""
    grey_levels: NonNegativeFloat
    """80th-percentile change that the annotation by itself makes to this picture, apart from its neighbours."""
    noise_grey_levels: NonNegativeFloat
    """Standard deviation of the picture's noise and texture where it lies."""
    shown_share: Annotated[float, Field(ge=0, le=1)]
    """Share of it that lies in the frame, is not covered by a hand and has not faded out."""


class SurfaceTruth(Strict):
    """One surface of one device."""

    size_mm: tuple[float, float]
    annotations: tuple[AnnotationTruth, ...]


class DeviceRecord(Strict):
    """Complete truth of one device, whatever was photographed of it."""

    device_id: str
    device: str
    split: Split
    preset: str
    route: str
    level: WearLevel
    failed_tests: tuple[str, ...]
    """Functional tests of the display panel that it fails, for its true grade; no picture shows them."""
    surfaces: dict[Surface, SurfaceTruth]


class PhotoRecord(Strict):
    """Truth of one photo. Files are relative to the set's folder."""

    photo: str
    clean: str | None
    """The clean counterpart: the same photo without defects and dirt, where the set has pairs."""
    label: str | None
    """16-bit PNG on the canvas at `label_px_per_mm`: one bit a class, then the ignore bit."""
    regions: str
    """8-bit PNG, the whole photo shrunk: bit 0 body, bit 1 display, bit 2 camera."""
    device_id: str
    """Of the phone in all sets: its photos and its line in the list of devices share it."""
    shot: int
    """Number of the round of photos."""
    preset: str
    """The scenario that it was taken in."""
    route: str
    level: WearLevel
    device: str
    split: Split
    surface: Surface | None
    view: View
    cropped: bool
    size_mm: tuple[float, float] | None
    label_px_per_mm: float
    photo_from_mm: tuple[float, ...] | None
    """Row-major 3x3 homography from surface mm to photo pixels."""
    corners_px: tuple[tuple[float, float], ...] | None
    mm_per_px: float | None
    photo_wh: tuple[int, int]
    annotations: tuple[AnnotationRecord, ...]
    seed: tuple[int, ...]


def split_of(device: str) -> Split:
    """Return train, validation or test, by a hash of the device alone: no device stands in two splits."""
    bucket = int(hashlib.sha256(device.encode()).hexdigest()[:8], 16) % 20
    return "test" if bucket < 2 else "val" if bucket < 4 else "train"


def read_manifest(root: Path, split: Split | None = None) -> list[PhotoRecord]:
    """Return the photos of a set, of one split or all. Raises UsageError where nothing was rendered."""
    return [record for record in _photos(root) if split is None or record.split == split]


def read_devices(root: Path) -> list[DeviceRecord]:
    """Return every device of a set. Raises UsageError where nothing was rendered."""
    return [_record(DeviceRecord, line, root / DEVICES) for line in _lines(root / DEVICES)]


def _photos(root: Path) -> Iterator[PhotoRecord]:
    return (_record(PhotoRecord, line, root / MANIFEST) for line in _lines(root / MANIFEST))


_Record = TypeVar("_Record", bound=Strict)


def _record(kind: type[_Record], line: str, path: Path) -> _Record:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        problem = first_problem(error, "line")
        raise UsageError(f"{path} is not as `phonegrade render` writes it: {problem}") from error


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as lines:
            yield from lines
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(
            f"{path.parent} is no set of `phonegrade render`: {path.name} cannot be read ({reason})"
        ) from error


def manifest_sha256(root: Path) -> str:
    """Return the identity of a set: the hash of its manifest, which holds every seed and truth."""
    return hashlib.sha256((root / MANIFEST).read_bytes()).hexdigest()
