"""The manifest of a rendered set: one JSON line a photo, with every mark's millimetres."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeFloat

from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import Surface, View

MANIFEST = "manifest.jsonl"
Split = Literal["train", "val", "test"]


class MarkRecord(Strict):
    """Truth of one defect or patch of dirt; polylines and polygons in surface mm."""

    kind: str
    style: str
    length_mm: NonNegativeFloat
    width_mm: NonNegativeFloat
    area_mm2: NonNegativeFloat
    grey_levels: NonNegativeFloat
    """80th-percentile change that the mark makes to this picture."""
    visible: bool
    """Seen in this photo; a mark that exists may be invisible."""
    strokes: tuple[tuple[tuple[float, float], ...], ...]
    stroke_widths_mm: tuple[float, ...]
    regions: tuple[tuple[tuple[float, float], ...], ...]


class PhotoRecord(Strict):
    """Truth of one photo. Files are relative to the set's folder."""

    photo: str
    label: str | None
    """16-bit PNG on the canvas at `label_px_per_mm`: one bit a class, then the ignore bit."""
    regions: str
    """8-bit PNG, the whole photo shrunk: bit 0 body, bit 1 display, bit 2 camera."""
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
    marks: tuple[MarkRecord, ...]
    seed: tuple[int, ...]


def split_of(device: str) -> Split:
    """Train, validation or test, by a hash of the device alone: no device stands in two splits."""
    bucket = int(hashlib.sha256(device.encode()).hexdigest()[:8], 16) % 20
    return "test" if bucket < 2 else "val" if bucket < 4 else "train"


def read_manifest(root: Path, split: Split | None = None) -> list[PhotoRecord]:
    """Photos of a set, of one split or all; raises FileNotFoundError where nothing was rendered."""
    return [record for record in _lines(root / MANIFEST) if split is None or record.split == split]


def _lines(path: Path) -> Iterator[PhotoRecord]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield PhotoRecord.model_validate_json(line)


def manifest_sha256(root: Path) -> str:
    """Identity of a set: the hash of its manifest, which holds every seed and truth."""
    return hashlib.sha256((root / MANIFEST).read_bytes()).hexdigest()
