"""From probability maps to single marks: thresholds, components, confidence, one kind for one mark."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import Contamination, DefectKind
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.confidence import UNFITTED, confidence, evidence, log_odds
from phonegrade.inference.defects.measure import LINEAR_KINDS
from phonegrade.inference.defects.rescoring import expected_counts, prior, rescore

MIN_AREA_MM2 = 0.25
"""Smaller components are specks of the map, four of its pixels."""
MAX_PER_KIND = 150
"""A shattered phone is told by its largest marks; more of them only cost time."""
LABELLING = cv2.CCL_GRANA
"""Three times as fast on a sparse map as OpenCV's default."""
SEED_RISE = 0.25
"""A mark needs one pixel this share of the way from its kind's threshold to certainty (hysteresis, Canny 1986)."""
FADING = 0.25
"""Share of its threshold down to which a scratch is followed from where it is clear: its ends fade away."""
SURE = 0.5
"""Confidence from which on a defect is told beside the dirt over it: dirt may fake a mark, but also hide a real one."""
COVERED = 0.6
"""Share of a mark under a stronger one from which on both are one mark."""


@dataclass(frozen=True)
class Instance:
    """One mark on the canvas."""

    kind: DefectKind | Contamination
    confidence: float
    mask: NDArray[np.bool_]
    """(h, w) at the canvas' own resolution."""
    origin: tuple[int, int]
    """(x, y) of the mask's first pixel on the canvas."""
    bridges: NDArray[np.bool_] | None = None
    """(h, w) pixels that only join the pieces of one interrupted scratch: they lengthen it but have no area."""
    evidence: float = 0.0
    """What its confidence was told from; of no meaning in one that was put together or taken apart later."""


@dataclass(frozen=True)
class _Blob:
    """A component on the probability map's own grid."""

    kind: DefectKind | Contamination
    confidence: float
    """0 until the card's scale is known to hold."""
    seeded: bool
    """One of its pixels is sure enough to tell a mark by."""
    odds: dict[str, float]
    """By class, the log odds of its mean probability on the mark's pixels, its prior shift included."""
    rows: slice
    columns: slice
    member: NDArray[np.bool_]
    evidence: float


def find_instances(
    probability: NDArray[np.float32],
    inside: NDArray[np.bool_],
    card: SegmenterCard,
    px_per_mm: float,
    min_confidence: float | None,
    chipped: NDArray[np.bool_] | None = None,
) -> list[Instance]:
    """Marks in `probability` (C, h, w) where `inside` (h, w) is true, strongest first; chips where `chipped` is.

    `min_confidence` None means the card's own by kind; 0 gives everything that the masks hold, faint marks included.
    """
    where = {DefectKind.CHIP.value: inside if chipped is None else chipped}
    map_px_per_mm = px_per_mm / card.output_stride
    least = card.min_confidence if min_confidence is None else dict.fromkeys(card.classes, min_confidence)
    blobs = [
        blob
        for channel, name in enumerate(card.classes)
        for blob in _blobs(channel, probability, where.get(name, inside), card, map_px_per_mm, faint=least[name] == 0.0)
    ]
    told = [blob for blob in _in_context(blobs, card) if blob.confidence >= least[blob.kind.value]]
    kept = _one_kind_each(told)
    instances = [
        _instance(blob, probability[card.classes.index(blob.kind.value)], where.get(blob.kind.value, inside), card)
        for blob in kept
    ]
    return sorted((i for i in instances if i.mask.any()), key=lambda i: -i.confidence)


def _kind(name: str) -> DefectKind | Contamination:
    return DefectKind(name) if name in DefectKind.__members__.values() else Contamination(name)


def _blobs(
    channel: int,
    probability: NDArray[np.float32],
    inside: NDArray[np.bool_],
    card: SegmenterCard,
    map_px_per_mm: float,
    *,
    faint: bool,
) -> list[_Blob]:
    """Components of one class, as likely as each makes itself; `faint` keeps those without a seed."""
    name, seen = card.classes[channel], probability[channel]
    clear = card.mask_threshold[name]
    seed = clear + SEED_RISE * (1.0 - clear)
    if not faint and float(seen.max()) < seed:
        return []
    mask = ((seen >= _least(name, card)) & inside).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(mask)
    if width == 0:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask[top : top + height, left : left + width], 8, cv2.CV_32S, LABELLING
    )
    areas = stats[1:count, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MAX_PER_KIND] + 1
    least_px = MIN_AREA_MM2 * map_px_per_mm**2
    found = []
    for label in order:
        x, y, w, h, size = (int(v) for v in stats[label])
        if size < least_px:
            break
        member = np.asarray(labels[y : y + h, x : x + w] == label)
        rows, columns = slice(y + top, y + top + h), slice(x + left, x + left + w)
        core = member & (seen[rows, columns] >= clear)
        if core.sum() < least_px:
            continue
        seeded = float(seen[rows, columns][core].max()) >= seed
        if not (seeded or faint):
            continue
        seen_here = probability[:, rows, columns]
        told = evidence(seen_here, channel, core, map_px_per_mm)
        means = zip(card.classes, seen_here[:, core].mean(axis=1), strict=True)
        odds = {other: log_odds(float(mean)) + card.label_shift.get(other, 0.0) for other, mean in means}
        found.append(_Blob(_kind(name), 0.0, seeded, odds, rows, columns, member, told))
    return found


def _in_context(blobs: list[_Blob], card: SegmenterCard) -> list[_Blob]:
    """The same with what the other marks on the surface add, and with the card's scale of confidence."""
    total: dict[str, float] = {}
    if card.rescoring:
        first = [replace(blob, confidence=prior(blob.evidence + _prior(blob, card))) for blob in blobs if blob.seeded]
        total = expected_counts((mark.kind.value, mark.evidence + _prior(mark, card)) for mark in _one_kind_each(first))
    placed = []
    for blob in blobs:
        name = blob.kind.value
        told = blob.evidence + (rescore(card.rescoring[name], total) if name in card.rescoring else 0.0)
        placed.append(replace(blob, evidence=told, confidence=confidence(told, card.platt_scaling.get(name, UNFITTED))))
    return placed


def _prior(blob: _Blob, card: SegmenterCard) -> float:
    return card.label_shift.get(blob.kind.value, 0.0)


def _least(name: str, card: SegmenterCard) -> float:
    """The probability from which on a pixel can belong to a mark of this class."""
    return card.mask_threshold[name] * (FADING if name == DefectKind.SCRATCH else 1.0)


def _one_kind_each(blobs: list[_Blob]) -> list[_Blob]:
    """Drop a crack, scratch or patch of dirt that mostly lies under another kind that is likelier on its pixels."""
    rivals = [b for b in blobs if b.kind.value in LINEAR_KINDS or isinstance(b.kind, Contamination)]
    dropped: set[int] = set()
    for blob in rivals:
        for other in rivals:
            if other.kind is blob.kind or id(other) in dropped or not _beats(other, blob):
                continue
            if _overlap(blob, other) >= COVERED * blob.member.sum():
                dropped.add(id(blob))
                break
    return [blob for blob in blobs if id(blob) not in dropped]


def _beats(other: _Blob, blob: _Blob) -> bool:
    """Both on the pixels of `blob`: means over each one's own would favour the kind with the higher threshold."""
    theirs, own = blob.odds[other.kind.value], blob.odds[blob.kind.value]
    if isinstance(other.kind, Contamination) and isinstance(blob.kind, DefectKind):
        return theirs >= own and blob.confidence < SURE
    return theirs > own


def _overlap(a: _Blob, b: _Blob) -> int:
    """Pixels that both blobs hold."""
    top, bottom = max(a.rows.start, b.rows.start), min(a.rows.stop, b.rows.stop)
    left, right = max(a.columns.start, b.columns.start), min(a.columns.stop, b.columns.stop)
    if top >= bottom or left >= right:
        return 0

    def part(blob: _Blob) -> NDArray[np.bool_]:
        rows = slice(top - blob.rows.start, bottom - blob.rows.start)
        return blob.member[rows, left - blob.columns.start : right - blob.columns.start]

    return int((part(a) & part(b)).sum())


def _instance(blob: _Blob, seen: NDArray[np.float32], inside: NDArray[np.bool_], card: SegmenterCard) -> Instance:
    """The blob at the canvas' resolution, its border read between the map's pixels."""
    stride = card.output_stride
    y0, x0 = max(0, blob.rows.start - 2), max(0, blob.columns.start - 2)
    y1, x1 = min(seen.shape[0], blob.rows.stop + 2), min(seen.shape[1], blob.columns.stop + 2)
    member = np.zeros((y1 - y0, x1 - x0), np.uint8)
    member[blob.rows.start - y0 : blob.rows.stop - y0, blob.columns.start - x0 : blob.columns.stop - x0] = blob.member
    near = cv2.dilate(member, np.ones((3, 3), np.uint8))
    allowed = (near * inside[y0:y1, x0:x1]).astype(np.uint8)
    size = ((x1 - x0) * stride, (y1 - y0) * stride)
    fine = cv2.resize(seen[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
    own = cv2.resize(allowed, size, interpolation=cv2.INTER_NEAREST) > 0
    mask = np.asarray((fine >= _least(blob.kind.value, card)) & own)
    return Instance(blob.kind, blob.confidence, mask, (x0 * stride, y0 * stride), evidence=blob.evidence)
