"""Extracts the instances of one surface from the segmenter's probabilities, each in its zone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from phonegrade.core.arrays import FloatMap, Mask
from phonegrade.core.vocabulary import Contamination, View, Zone
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.candidates import Candidate, find_candidates
from phonegrade.inference.defects.instances import Instance, above, faint_classes, instances_of, limits_by_class
from phonegrade.inference.defects.merge import single_scratches
from phonegrade.inference.locating.surface import RectifiedSurface
from phonegrade.inference.locating.zones import ZoneMap

MIN_ZONE_SHARE = 0.2
"""Share of an instance inside the display or the camera island from which on it belongs there."""


@dataclass(frozen=True)
class PlacedInstance:
    """One instance, its zone, and the confidence that the model asks for there."""

    instance: Instance
    zone: Zone | None
    """None where the canvas has no scale."""
    counts_from: float


@dataclass(frozen=True)
class ExtractedInstances:
    """What the segmenter's probabilities hold."""

    placed: tuple[PlacedInstance, ...]
    """Surest first, down to the limit that the caller named; where he named none, to the card's by zone."""
    dirt_share: float
    """Share of the valid surface under contamination that the card's own limits report, whatever the caller's."""


def extract(
    probability: FloatMap, surface: RectifiedSurface, card: SegmenterCard, min_confidence: float | None
) -> ExtractedInstances:
    """Extract the instances of at least `min_confidence` (None: the card's own limits) from `probability` (C, h, w)."""
    wanted, own = limits_by_class(card, min_confidence), limits_by_class(card, None)
    candidates = find_candidates(
        probability,
        surface.valid_mask,
        card,
        surface.canvas.about_px_per_mm,
        surface.chip_mask,
        faint_classes(wanted) | faint_classes(own),
    )
    instances = instances_of(above(candidates, wanted), probability, surface.valid_mask, card, surface.chip_mask)
    placed = [_placed(one, surface, card) for one in single_scratches(instances, surface.canvas.about_px_per_mm)]
    if min_confidence is None:
        placed = [one for one in placed if one.instance.confidence >= one.counts_from]
    # whether to clean and retake is the photo's own property, whatever limit the caller asks for
    return ExtractedInstances(tuple(placed), _dirt_share(above(candidates, own), probability, surface, card))


def zone_of(zones: ZoneMap, mask: Mask, origin: tuple[int, int]) -> Zone:
    """Return the zone of an instance: display before corner before bezel, camera before corner before back.

    `mask` (h, w) begins at `origin` (x, y) of the canvas.
    """
    points = np.argwhere(mask) + np.asarray(origin[::-1])
    rows, columns = np.minimum(points // zones.stride, np.asarray(zones.special.shape) - 1).T
    special = float(zones.special[rows, columns].mean()) >= MIN_ZONE_SHARE
    corner = float(zones.corner[rows, columns].mean()) >= 0.5
    match zones.view:
        case View.FRONT:
            return Zone.DISPLAY if special else Zone.CORNER if corner else Zone.BEZEL
        case View.BACK:
            return Zone.CAMERA if special else Zone.CORNER if corner else Zone.BACK
        case _:
            return Zone.CORNER if corner else Zone.FRAME


def _placed(instance: Instance, surface: RectifiedSurface, card: SegmenterCard) -> PlacedInstance:
    zone = None if surface.zones is None else zone_of(surface.zones, instance.mask, instance.origin)
    counts_from = card.counts_from(instance.kind.value, zone, lit=surface.display_is_lit)
    return PlacedInstance(instance, zone, counts_from)


def _dirt_share(
    candidates: Sequence[Candidate], probability: FloatMap, surface: RectifiedSurface, card: SegmenterCard
) -> float:
    dirt = [one for one in candidates if isinstance(one.kind, Contamination)]
    covered = np.zeros(surface.canvas.rgb.shape[:2], np.bool_)
    for instance in instances_of(dirt, probability, surface.valid_mask, card):
        if instance.confidence >= _placed(instance, surface, card).counts_from:
            x, y = instance.origin
            part = covered[y : y + instance.mask.shape[0], x : x + instance.mask.shape[1]]
            part |= instance.mask[: part.shape[0], : part.shape[1]]
    return int(covered.sum()) / max(int(surface.valid_mask.sum()) * card.output_stride**2, 1)
