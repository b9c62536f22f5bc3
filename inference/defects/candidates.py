"""Candidate defects in the segmenter's probability maps: connected components with a confidence each."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap, Mask
from phonegrade.core.vocabulary import Contamination, DefectKind
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.confidence import UNFITTED, confidence, evidence, log_odds
from phonegrade.inference.defects.measure import LINEAR_KINDS
from phonegrade.inference.defects.rescoring import expected_counts, prior, rescore

MIN_AREA_MM2 = 0.25
"""Smaller components are specks of the map, four of its pixels."""
MAX_PER_KIND = 150
"""A shattered phone is described by its largest defects; more of them only cost time."""
LABELLING = cv2.CCL_GRANA
"""Three times as fast on a sparse map as OpenCV's default."""
SEED_RISE = 0.25
"""A defect needs one pixel this share of the way from its kind's threshold to certainty (hysteresis, Canny 1986)."""
FADING = 0.25
"""Share of its threshold down to which a scratch is followed from where it is clear: its ends fade away."""
SURE = 0.5
"""Confidence from which on a defect is kept beside the dirt over it: dirt may fake a defect or hide a real one."""
COVERED = 0.6
"""Share of a candidate under a likelier one from which on both are one defect."""


@dataclass(frozen=True)
class Candidate:
    """A component on the probability map's own grid."""

    kind: DefectKind | Contamination
    confidence: float
    """0 until the card's Platt scaling is applied."""
    seeded: bool
    """True when one of its pixels is sure enough to start a defect from."""
    odds: dict[str, float]
    """By class, the log odds of its mean probability on the candidate's pixels, its label shift included."""
    rows: slice
    columns: slice
    member: Mask
    """(h, w) its pixels within `rows` and `columns`."""
    evidence: float


def find_candidates(
    probability: FloatMap,
    valid_mask: Mask,
    card: SegmenterCard,
    px_per_mm: float,
    chip_mask: Mask | None = None,
    faint: frozenset[str] = frozenset(),
) -> list[Candidate]:
    """Find the candidates in `probability` (C, h, w) where `valid_mask` (h, w) is true; chips where `chip_mask` is.

    Of the classes `faint` the candidates without a sure pixel are kept too. Their confidences do not depend on that.
    """
    where = {DefectKind.CHIP.value: valid_mask if chip_mask is None else chip_mask}
    map_px_per_mm = px_per_mm / card.output_stride
    candidates = [
        candidate
        for channel, name in enumerate(card.classes)
        for candidate in _of_class(
            channel, probability, where.get(name, valid_mask), card, map_px_per_mm, faint=name in faint
        )
    ]
    return _rescored(candidates, card)


def _kind(name: str) -> DefectKind | Contamination:
    return DefectKind(name) if name in DefectKind.__members__.values() else Contamination(name)


def _of_class(
    channel: int,
    probability: FloatMap,
    valid_mask: Mask,
    card: SegmenterCard,
    map_px_per_mm: float,
    *,
    faint: bool,
) -> list[Candidate]:
    """Return the components of one class, each with its own evidence alone; `faint` keeps those without a seed."""
    name, own = card.classes[channel], probability[channel]
    clear = card.mask_threshold[name]
    seed = clear + SEED_RISE * (1.0 - clear)
    if not faint and float(own.max()) < seed:
        return []
    mask = ((own >= pixel_threshold(name, card)) & valid_mask).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(mask)
    if width == 0:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask[top : top + height, left : left + width], 8, cv2.CV_32S, LABELLING
    )
    areas = stats[1:count, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MAX_PER_KIND] + 1
    least_px = MIN_AREA_MM2 * map_px_per_mm**2
    found: list[Candidate] = []
    for label in order:
        x, y, w, h, size = (int(v) for v in stats[label])
        if size < least_px:
            break
        member = np.asarray(labels[y : y + h, x : x + w] == label)
        rows, columns = slice(y + top, y + top + h), slice(x + left, x + left + w)
        core = member & (own[rows, columns] >= clear)
        if core.sum() < least_px:
            continue
        seeded = float(own[rows, columns][core].max()) >= seed
        if not (seeded or faint):
            continue
        near = probability[:, rows, columns]
        own_evidence = evidence(near, channel, core, map_px_per_mm)
        means = zip(card.classes, near[:, core].mean(axis=1), strict=True)
        odds = {other: log_odds(float(mean)) + card.label_shift.get(other, 0.0) for other, mean in means}
        found.append(Candidate(_kind(name), 0.0, seeded, odds, rows, columns, member, own_evidence))
    return found


def _rescored(candidates: list[Candidate], card: SegmenterCard) -> list[Candidate]:
    """Return the same with contextual rescoring and Platt scaling applied."""
    counts: dict[str, float] = {}
    if card.rescoring:
        first = [replace(one, confidence=prior(_shifted(one, card))) for one in candidates if one.seeded]
        counts = expected_counts((one.kind.value, _shifted(one, card)) for one in one_kind_each(first))
    rescored = []
    for one in candidates:
        name = one.kind.value
        total = one.evidence + (rescore(card.rescoring[name], counts) if name in card.rescoring else 0.0)
        scaling = card.platt_scaling.get(name, UNFITTED)
        rescored.append(replace(one, evidence=total, confidence=confidence(total, scaling)))
    return rescored


def _shifted(candidate: Candidate, card: SegmenterCard) -> float:
    return candidate.evidence + card.label_shift.get(candidate.kind.value, 0.0)


def pixel_threshold(name: str, card: SegmenterCard) -> float:
    """Return the probability from which on a pixel can belong to a defect of this class."""
    return card.mask_threshold[name] * (FADING if name == DefectKind.SCRATCH else 1.0)


def one_kind_each(candidates: list[Candidate]) -> list[Candidate]:
    """Drop a crack, scratch or patch of dirt that mostly lies under another kind that is likelier on its pixels."""
    rivals = [b for b in candidates if b.kind.value in LINEAR_KINDS or isinstance(b.kind, Contamination)]
    dropped: set[int] = set()
    for candidate in rivals:
        for other in rivals:
            if other.kind is candidate.kind or id(other) in dropped or not _beats(other, candidate):
                continue
            if _overlap(candidate, other) >= COVERED * candidate.member.sum():
                dropped.add(id(candidate))
                break
    return [candidate for candidate in candidates if id(candidate) not in dropped]


def _beats(other: Candidate, candidate: Candidate) -> bool:
    """Compare both on the pixels of `candidate`: means over each one's own would favour the higher threshold."""
    theirs, own = candidate.odds[other.kind.value], candidate.odds[candidate.kind.value]
    if isinstance(other.kind, Contamination) and isinstance(candidate.kind, DefectKind):
        return theirs >= own and candidate.confidence < SURE
    return theirs > own


def _overlap(a: Candidate, b: Candidate) -> int:
    """Return the number of pixels that both candidates hold."""
    top, bottom = max(a.rows.start, b.rows.start), min(a.rows.stop, b.rows.stop)
    left, right = max(a.columns.start, b.columns.start), min(a.columns.stop, b.columns.stop)
    if top >= bottom or left >= right:
        return 0

    def part(candidate: Candidate) -> Mask:
        rows = slice(top - candidate.rows.start, bottom - candidate.rows.start)
        return candidate.member[rows, left - candidate.columns.start : right - candidate.columns.start]

    return int((part(a) & part(b)).sum())
