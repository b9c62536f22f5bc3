"""From candidates to instances: the caller's limits, one kind for one defect, a mask at the canvas' resolution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap, Mask
from phonegrade.core.vocabulary import Contamination, DefectKind
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.candidates import Candidate, find_candidates, one_kind_each, pixel_threshold


@dataclass(frozen=True)
class Instance:
    """One defect or patch of dirt on the canvas."""

    kind: DefectKind | Contamination
    confidence: float
    mask: Mask
    """(h, w) at the canvas' own resolution."""
    origin: tuple[int, int]
    """(x, y) of the mask's first pixel on the canvas."""
    bridges: Mask | None = None
    """(h, w) pixels that only join the pieces of one interrupted scratch: they lengthen it but have no area."""
    evidence: float = 0.0
    """What its confidence was computed from; of no meaning in one that was merged or split later."""


def find_instances(
    probability: FloatMap,
    valid_mask: Mask,
    card: SegmenterCard,
    px_per_mm: float,
    min_confidence: float | None,
    chip_mask: Mask | None = None,
) -> list[Instance]:
    """Find instances in `probability` (C, h, w) where `valid_mask` (h, w) is true, surest first; chips by `chip_mask`.

    `min_confidence` None means the card's own by kind; 0 gives everything that the masks hold, faint ones included.
    """
    limits = limits_by_class(card, min_confidence)
    candidates = find_candidates(probability, valid_mask, card, px_per_mm, chip_mask, faint_classes(limits))
    return instances_of(above(candidates, limits), probability, valid_mask, card, chip_mask)


def limits_by_class(card: SegmenterCard, min_confidence: float | None) -> Mapping[str, float]:
    """Return the least confidence by class: `min_confidence` for all, or the card's own where that is None."""
    return card.min_confidence if min_confidence is None else dict.fromkeys(card.classes, min_confidence)


def faint_classes(limits: Mapping[str, float]) -> frozenset[str]:
    """Return the classes of which everything is wanted, candidates without a sure pixel included."""
    return frozenset(name for name, least in limits.items() if least == 0.0)


def above(candidates: Sequence[Candidate], limits: Mapping[str, float]) -> list[Candidate]:
    """Return the candidates that reach the `limits` by class, one kind for one defect.

    Limits come first: what is not wanted must not displace what is.
    """
    wanted = [
        one
        for one in candidates
        if one.confidence >= limits[one.kind.value] and (one.seeded or limits[one.kind.value] == 0.0)
    ]
    return one_kind_each(wanted)


def instances_of(
    candidates: Sequence[Candidate],
    probability: FloatMap,
    valid_mask: Mask,
    card: SegmenterCard,
    chip_mask: Mask | None = None,
) -> list[Instance]:
    """Return the candidates at the canvas' resolution, surest first; those without a pixel left are dropped."""
    where = {DefectKind.CHIP.value: valid_mask if chip_mask is None else chip_mask}
    instances = [
        _instance(one, probability[card.classes.index(one.kind.value)], where.get(one.kind.value, valid_mask), card)
        for one in candidates
    ]
    return sorted((i for i in instances if i.mask.any()), key=lambda i: -i.confidence)


def _instance(candidate: Candidate, probability: FloatMap, valid_mask: Mask, card: SegmenterCard) -> Instance:
    """Return the candidate at the canvas' resolution, its border interpolated between the map's pixels."""
    stride, rows, columns = card.output_stride, candidate.rows, candidate.columns
    y0, x0 = max(0, rows.start - 2), max(0, columns.start - 2)
    y1, x1 = min(probability.shape[0], rows.stop + 2), min(probability.shape[1], columns.stop + 2)
    member = np.zeros((y1 - y0, x1 - x0), np.uint8)
    member[rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0] = candidate.member
    near = cv2.dilate(member, np.ones((3, 3), np.uint8))
    allowed = (near * valid_mask[y0:y1, x0:x1]).astype(np.uint8)
    size = ((x1 - x0) * stride, (y1 - y0) * stride)
    fine = cv2.resize(probability[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
    own = cv2.resize(allowed, size, interpolation=cv2.INTER_NEAREST) > 0
    mask = np.asarray((fine >= pixel_threshold(candidate.kind.value, card)) & own)
    return Instance(candidate.kind, candidate.confidence, mask, (x0 * stride, y0 * stride), evidence=candidate.evidence)
