"""Share of the damage that training photos still show, by their light: the limits of `inference.quality` rest on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from phonegrade.core.vocabulary import DefectKind, View
from phonegrade.datasets.manifest import PhotoRecord, read_manifest
from phonegrade.evaluation.tables import table
from phonegrade.evaluation.truth import read_truth
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.quality_measures import clipped_share, luminance

LUMINANCES = (0.0, 10.0, 15.0, 25.0, 35.0, 50.0, 80.0, 150.0, 200.0, 235.0, 256.0)
CLIPPED_SHARES = (0.0, 0.001, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.01)


@dataclass(frozen=True)
class LightShare:
    """One surface in one photo."""

    is_edge: bool
    photo: float
    """Mean luminance."""
    surface: float
    clipped: float
    visible: tuple[bool, ...]
    """For each defect of the surface."""


def lights(root: Path, records: Sequence[PhotoRecord]) -> list[LightShare]:
    """Return the light of each photo of the set under `root` that shows a whole surface."""
    shares = []
    for record in records:
        truth = None if record.cropped else read_truth(root, record)
        if truth is None:
            continue
        photo = decode((root / record.photo).read_bytes()).rgb
        visible = tuple(mark.visible for mark in record.annotations if mark.exists and mark.kind in set(DefectKind))
        is_edge = record.view is View.EDGE
        shares.append(LightShare(is_edge, luminance(photo), luminance(truth.rgb), clipped_share(truth.rgb), visible))
    return shares


def visibility_table(name: str, photos: Sequence[tuple[float, LightShare]], bounds: Sequence[float]) -> list[str]:
    """Return, by bin of the first number, how many defects there are and the share of them that is visible."""
    rows = []
    for low, high in pairwise(bounds):
        inside = [light for value, light in photos if low <= value < high]
        visible = [one for light in inside for one in light.visible]
        share = f"{sum(visible) / len(visible):.2f}" if visible else "-"
        rows.append([f"{low:g} to {high:g}", str(len(inside)), str(len(visible)), share])
    return table((name, "photos", "defects", "visible"), rows)


def visibility_report(roots: Sequence[Path]) -> list[str]:
    """Return the tables of the training photos of the sets under `roots`, of faces and of edges."""
    photos = [light for root in roots for light in lights(root, read_manifest(root, "train"))]
    lines = []
    for name, are_edges in (("face", False), ("edge", True)):
        some = [light for light in photos if light.is_edge is are_edges]
        lines += visibility_table(
            f"{name}: luminance of the photo", [(light.photo, light) for light in some], LUMINANCES
        )
        lines += visibility_table(
            f"{name}: luminance of the surface", [(light.surface, light) for light in some], LUMINANCES
        )
        lines += visibility_table(f"{name}: clipped share", [(light.clipped, light) for light in some], CLIPPED_SHARES)
    return lines
