"""How often the outline of a validation photo is right, view by view.

`phonegrade evaluate` measures the same on the test split; choices of locator, boundary refiner and geometry are made by
this.
"""

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
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.locating.device import locate_device
from phonegrade.inference.photo.decode import LONG_SIDE_PX, decode

NEAR_IOU = 0.9


class OutlineOutcome(NamedTuple):
    """The outline of one photo."""

    view: View
    is_cut_off: bool
    iou: float | None
    """With the true one; 0 where the photo cuts the device off, None without outline."""


def outline_table(outcomes: Sequence[OutlineOutcome]) -> list[str]:
    """Return, by view, how many photos show the whole device and the share of them with the right outline."""
    by_view = defaultdict[str, list[OutlineOutcome]](list)
    for one in outcomes:
        by_view[one.view].append(one)
        by_view["all"].append(one)
    rows = []
    for view, each in by_view.items():
        whole, cut_off = ([one.iou for one in each if one.is_cut_off is cut] for cut in (False, True))
        counts = (sum(iou is not None and iou >= least for iou in whole) for least in (GOOD_IOU, NEAR_IOU))
        shares = [f"{count / max(len(whole), 1):.3f}" for count in counts]
        outlined = sum(iou is not None for iou in cut_off)
        rows.append([view, str(len(whole)), *shares, str(whole.count(None)), f"{outlined} of {len(cut_off)}"])
    head = ("view", "whole", f"IoU {GOOD_IOU} and more", f"{NEAR_IOU} and more", "none", "cut off, reported whole")
    return table(head, rows)


def outline_report(inspector: Inspector, roots: Sequence[Path]) -> list[str]:
    """Return the table of the validation photos of the sets under `roots`."""
    photos = [(root, one) for root in roots for one in read_manifest(root, "val") if one.surface is not None]
    return outline_table([check_outline(inspector, root, one) for root, one in photos])


def check_outline(inspector: Inspector, root: Path, record: PhotoRecord) -> OutlineOutcome:
    """Locate one photo's outline, with its surface and device given as in `phonegrade evaluate`."""
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
        return OutlineOutcome(record.view, record.cropped, None)
    if record.corners_px is None:
        return OutlineOutcome(record.view, record.cropped, 0.0)
    quad = np.array(photo.to_full(located.outline.quad))
    iou, _ = outline_errors(quad, np.array(record.corners_px), record.photo_wh)
    return OutlineOutcome(record.view, record.cropped, iou)
