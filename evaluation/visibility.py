"""Which share of the damage training photos still show, by their light; the limits of `inference.quality` rest on it.

`python -m phonegrade.evaluation.visibility --help`
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from phonegrade.core.vocabulary import DefectKind, View
from phonegrade.datasets.manifest import PhotoRecord, read_manifest
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
    """Of each defect that the surface has."""


def lights(root: Path, records: Sequence[PhotoRecord]) -> list[LightShare]:
    """Of each photo of the set under `root` that shows a whole surface."""
    found = []
    for record in records:
        truth = None if record.cropped else read_truth(root, record)
        if truth is None:
            continue
        photo = decode((root / record.photo).read_bytes()).rgb
        visible = tuple(mark.visible for mark in record.marks if mark.exists and mark.kind in set(DefectKind))
        is_edge = record.view is View.EDGE
        found.append(LightShare(is_edge, luminance(photo), luminance(truth.rgb), clipped_share(truth.rgb), visible))
    return found


def table(name: str, told: Sequence[tuple[float, LightShare]], bounds: Sequence[float]) -> str:
    """Markdown: by bin of the first number, how many defects there are and which share of them is seen."""
    lines = [f"| {name} | photos | defects | seen |", "|---|---|---|---|"]
    for low, high in pairwise(bounds):
        inside = [light for value, light in told if low <= value < high]
        seen = [visible for light in inside for visible in light.visible]
        share = f"{sum(seen) / len(seen):.2f}" if seen else "-"
        lines.append(f"| {low:g} to {high:g} | {len(inside)} | {len(seen)} | {share} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description="Which share of the defects is seen, by the light of the photo.")
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="sets of `phonegrade render`; their training split counts"
    )
    roots = parser.parse_args(arguments).data
    told = [light for root in roots for light in lights(root, read_manifest(root, "train"))]
    for name, are_edges in (("face", False), ("edge", True)):
        some = [light for light in told if light.is_edge is are_edges]
        tables = (
            table(f"{name}: luminance of the photo", [(light.photo, light) for light in some], LUMINANCES),
            table(f"{name}: luminance of the surface", [(light.surface, light) for light in some], LUMINANCES),
            table(f"{name}: share burnt out", [(light.clipped, light) for light in some], CLIPPED_SHARES),
        )
        sys.stdout.write("\n\n".join(tables) + "\n\n")


if __name__ == "__main__":
    main()
