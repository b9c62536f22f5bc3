"""How often the outline of a validation photo is right, view by view.

`phonegrade evaluate` measures the same on the test split; this is what choices of locator, side finder and geometry are
made by. `python -m phonegrade.evaluation.outlines --help`
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from phonegrade.core.devices.catalogue import catalogue_device
from phonegrade.core.vocabulary import View
from phonegrade.datasets.manifest import PhotoRecord, read_manifest
from phonegrade.evaluation.key_metrics import GOOD_IOU
from phonegrade.evaluation.photo_outcome import outline_errors
from phonegrade.evaluation.tables import table
from phonegrade.inference.inspector import SHIPPED, Inspector
from phonegrade.inference.locating.device import locate_device
from phonegrade.inference.photo.decode import LONG_SIDE_PX, decode


class Seen(NamedTuple):
    """The outline of one photo."""

    view: View
    is_cut_off: bool
    iou: float | None
    """With the true one; 0 where it is of a part alone, None without outline."""


def outline_table(seen: Sequence[Seen]) -> list[str]:
    """By view, how many photos show the whole device and how many of these have the right outline, or none."""
    by_view = defaultdict[str, list[Seen]](list)
    for one in seen:
        by_view[one.view].append(one)
        by_view["all"].append(one)
    rows = []
    for view, shown in by_view.items():
        whole, parts = ([one.iou for one in shown if one.is_cut_off is cut] for cut in (False, True))
        right = sum(iou is not None and iou >= GOOD_IOU for iou in whole)
        near = sum(iou is not None and iou >= 0.9 for iou in whole)
        told = sum(iou is not None for iou in parts)
        shares = [f"{count / max(len(whole), 1):.3f}" for count in (right, near)]
        rows.append([view, str(len(whole)), *shares, str(whole.count(None)), f"{told} of {len(parts)}"])
    return table(("view", "whole", f"IoU {GOOD_IOU} and more", "0.9 and more", "none", "cut off, told whole"), rows)


def check_outline(inspector: Inspector, root: Path, record: PhotoRecord) -> Seen:
    """Seek one photo's outline, its surface and device promised as in `phonegrade evaluate`."""
    device = catalogue_device(record.device.rsplit(" #", 1)[0])
    photo = decode((root / record.photo).read_bytes(), inspector.limits, LONG_SIDE_PX)
    located = locate_device(
        photo,
        inspector.locator,
        inspector.boundary_refiner,
        lambda view: inspector.segmenter_of(view).card,
        promised=record.view,
        surface=record.surface,
        device=device,
    )
    if located.outline is None:
        return Seen(record.view, record.cropped, None)
    if record.corners_px is None:
        return Seen(record.view, record.cropped, 0.0)
    quad = np.array(photo.to_full(located.outline.quad))
    return Seen(record.view, record.cropped, outline_errors(quad, np.array(record.corners_px), record.photo_wh)[0])


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="How often the outline of a validation photo is right, by view.")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="sets of `phonegrade render`")
    parser.add_argument("--models", type=Path, default=SHIPPED, help="folder of the ONNX files")
    told = parser.parse_args(arguments)
    inspector = Inspector.load(told.models, threads=2)
    photos = [(root, one) for root in told.data for one in read_manifest(root, "val") if one.surface is not None]
    seen = [check_outline(inspector, root, one) for root, one in photos]
    sys.stdout.write("\n".join(outline_table(seen)) + "\n")


if __name__ == "__main__":
    main()
