"""Calibration of confidences, and of the limit from which a detection is reported, by class, on labelled surfaces."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, Contamination, DefectKind, Zone
from phonegrade.evaluation.matching import MaskPatch, MatchedDetection, MatchTally
from phonegrade.evaluation.truth import RectifiedSample, Truths
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.confidence import UNFITTED, PlattScaling, confidence
from phonegrade.inference.defects.instances import Instance, find_instances
from phonegrade.inference.defects.rescoring import Rescoring, expected_counts
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.session import OnnxModel
from phonegrade.training.calibration.prior import label_shifts
from phonegrade.training.calibration.rescoring import (
    DIRT,
    MIN_SAMPLES,
    LabelledScratch,
    fit_rescoring,
    labelled_scratches,
)

CANDIDATES = tuple(round(0.3 + 0.025 * step, 3) for step in range(27))
"""Limits that are tried; a less confident detection is never reported."""
MIN_TRUE = 5
"""With fewer ground-truth defects of a class its limit is DEFAULT."""
DEFAULT = 0.5
PRECISION = 0.7
"""Share of the reported detections of a class that are to be true, by their own confidences."""
PRIOR_WEIGHT = 5.0
"""Number of detections that the confidences of a class weigh as beside its matches, where that share is estimated."""
FALSE_POSITIVE_SHARE = {"crack": 0.025, "scratch": 0.06, "scuff": 0.015, "chip": 0.03, "dent": 0.015}
"""Share of defect-free surfaces, hard negatives among them, with a false positive of each kind at its limit. To miss a
crack costs most, and scratches are the most frequent kind: what is mistaken for them there, hairs and lint, is rarer on
real phones."""
MIN_FALSE_POSITIVES = 4
"""Surfaces with a false positive that are always allowed: one that happens to resemble a crack decides no limit."""
DIRT_FALSE_POSITIVE_SHARE = 0.03
"""The same share of clean surfaces for each class of dirt, which costs a photo and no money."""
FALSE_POSITIVE_SHARE_REAL, MIN_FALSE_POSITIVES_REAL = 0.025, 1
"""The same share of real photos without damage, by class, and the number that is always allowed there."""
ZONE_LIMITS = {
    Zone.DISPLAY: {"chip": 0.85},
    Zone.CAMERA: {"chip": 0.85, **dict.fromkeys(DIRT, 1.0)},
}
"""Higher limits by zone: icons and lamps in the glass resemble chips, and so do flash discs; a lens resembles oil, and
the camera is no surface to clean. From real photos, each of which was a mistake there."""
EDGE_DIRT = 0.9
"""Least limit of dirt on edges: real polished frames mirror fingers and rooms, which the segmenter takes for smears."""
LIT_LIMITS = {"scuff": 0.65, "smudge": 0.8, "oil": 0.8}
"""Higher limits on a lit display, whose pictures resemble scuffs and smears."""
MASK_THRESHOLDS = {"chip": 0.3, "smudge": 0.65}
"""Mask thresholds that replace those calibrated on tiles: with these more detections are in one piece."""
OFFSET_SPREAD = 0.7
"""Standard deviation, in log odds, of a kind's offset from the others of its group: a few detections of a rare kind
must not make it certain, or impossible."""

SCRATCH = DefectKind.SCRATCH.value
DEFECTS, _ = GROUPS = tuple(tuple(member.value for member in kinds) for kinds in (DefectKind, Contamination))


def calibrate_confidence(
    model: OnnxModel[SegmenterCard],
    truths: Truths,
    hard_negatives: Truths | None = None,
    training_truths: Truths | None = None,
) -> SegmenterCard:
    """Return the card with confidences calibrated on `truths`, and with the limit of each class.

    First the label shift of each class. Then the rescoring of scratches by the dirt on their surface, fitted to
    `training_truths`: the surfaces of the training split are many and cost nothing, while a fit to `truths` would look
    better there than it is; without them the card keeps its rescoring. Then Platt scaling with one slope for all
    defects and one for all dirt, and an intercept for each kind (`fit_scales`). All detections of a kind of defect on
    one surface weigh one together, lest a single web of cracks in twenty pieces decide how confident twenty others are;
    those of dirt weigh one each, as a surface with much of it must not be missed. The limit of a class is the lowest at
    which its detections reach PRECISION and false positives stay within FALSE_POSITIVE_SHARE of defect-free surfaces.
    """
    shifted = _with(model, label_shift=label_shifts(model, truths), confidence={})
    if training_truths is not None:
        rescoring = learn_rescoring(_with(shifted, rescoring={}), training_truths)
        shifted = shifted if rescoring is None else _with(shifted, rescoring={SCRATCH: rescoring})
    unscaled = collect_evidence(shifted, truths)
    scales: dict[str, PlattScaling] = {}
    for group in GROUPS:
        detections = {name: unscaled[name].judged() for name in group}
        if group != DEFECTS:
            detections = {name: [one._replace(weight=1.0) for one in each] for name, each in detections.items()}
        scales |= fit_scales(detections)
    evidence = {name: one.scaled(scales.get(name, UNFITTED)) for name, one in unscaled.items()}
    negatives = {name: list(one.surest) for name, one in evidence.items()}
    if hard_negatives is not None:
        for name, one in collect_evidence(shifted, hard_negatives).items():
            negatives[name] += one.scaled(scales.get(name, UNFITTED)).surest
    limits = {}
    for name, one in evidence.items():
        share = FALSE_POSITIVE_SHARE.get(name, DIRT_FALSE_POSITIVE_SHARE)
        least = limit_by_false_positives(negatives[name], share, MIN_FALSE_POSITIVES)
        limits[name] = limit_by_precision(one.tally, least)
    zones = {"zone_min_confidence": ZONE_LIMITS, "lit_min_confidence": LIT_LIMITS}
    return _with(shifted, platt_scaling=scales, min_confidence=limits, **zones).card


def without_mirrored_dirt(card: SegmenterCard) -> SegmenterCard:
    """Return the card of a segmenter of edges with the limits of dirt at EDGE_DIRT or above."""
    limits = {name: max(limit, EDGE_DIRT if name in DIRT else 0.0) for name, limit in card.min_confidence.items()}
    return card.model_copy(update={"min_confidence": limits})


def vetoed(card: SegmenterCard, photos: Iterable[Mapping[str, float]]) -> SegmenterCard:
    """Return the card with limits raised by real photos without damage.

    Each photo gives, by class, the confidence of its most confident detection, except those below a zone's own limit.
    """
    surest = list(photos)
    limits = {
        name: max(
            limit,
            limit_by_false_positives(
                [one.get(name, 0.0) for one in surest], FALSE_POSITIVE_SHARE_REAL, MIN_FALSE_POSITIVES_REAL
            ),
        )
        for name, limit in card.min_confidence.items()
    }
    return card.model_copy(update={"min_confidence": limits})


class JudgedDefect(NamedTuple):
    """One detection on a labelled surface."""

    evidence: float
    is_true: bool
    weight: float = 1.0


@dataclass
class ClassEvidence:
    """The detections of one class on labelled surfaces."""

    tally: MatchTally = field(default_factory=MatchTally)
    weights: list[float] = field(default_factory=list)
    """Of each detection: one over their number on its surface."""
    surest: list[float] = field(default_factory=list)
    """Of each defect-free surface, the confidence of its most confident false positive; 0 without one."""

    def judged(self) -> list[JudgedDefect]:
        """Return the detections, whose confidences are UNFITTED."""
        weighted = zip(self.tally.detections, self.weights, strict=True)
        return [JudgedDefect(_evidence(confidence), is_true, weight) for (confidence, is_true), weight in weighted]

    def scaled(self, scale: PlattScaling) -> "ClassEvidence":
        """Return the same with confidences by `scale` instead of UNFITTED; those of undetected defects stay 0."""

        def rescaled(unfitted: float) -> float:
            return confidence(_evidence(unfitted), scale) if unfitted > 0 else 0.0

        detections = [(rescaled(unfitted), is_true) for unfitted, is_true in self.tally.detections]
        tally = MatchTally(detections, [rescaled(unfitted) for unfitted in self.tally.ground_truth])
        return ClassEvidence(tally, self.weights, [rescaled(unfitted) for unfitted in self.surest])


def collect_evidence(model: OnnxModel[SegmenterCard], truths: Truths) -> dict[str, ClassEvidence]:
    """Return, by class, the detections of `model` on the surfaces of `truths`, matched to the ground truth."""
    evidence = {name: ClassEvidence() for name in SEGMENTER_CLASSES}
    for truth in truths():
        tallies = {name: MatchTally() for name in SEGMENTER_CLASSES}
        tally_canvas(instances_on(model, truth), truth, tallies)
        for name, one in tallies.items():
            evidence[name].tally.detections += one.detections
            evidence[name].tally.ground_truth += one.ground_truth
            evidence[name].weights += [1 / len(one.detections) for _ in one.detections]
            if is_defect_free(truth):
                false = (confidence for confidence, is_true in one.detections if not is_true)
                evidence[name].surest.append(max(false, default=0.0))
    return evidence


def learn_rescoring(model: OnnxModel[SegmenterCard], truths: Truths) -> Rescoring | None:
    """Fit the rescoring of scratches by the dirt that `model`, which has no rescoring yet, detects beside them."""
    samples: list[LabelledScratch] = []
    for truth in truths():
        instances, scratches = instances_on(model, truth), MatchTally()
        tally_canvas(instances, truth, {SCRATCH: scratches})
        counts = expected_counts((one.kind.value, one.evidence) for one in instances)
        samples += labelled_scratches(
            [(_evidence(unfitted), is_true) for unfitted, is_true in scratches.detections], counts
        )
    return fit_rescoring(samples)


def _evidence(unfitted: float) -> float:
    """Return the evidence of a confidence by UNFITTED."""
    factor, shift = UNFITTED
    return (math.log(unfitted / (1 - unfitted)) - shift) / factor


def limit_by_false_positives(surest: Sequence[float], share: float, min_count: int) -> float:
    """Return the lowest of CANDIDATES at which at most `share` of the surfaces have a false positive.

    `surest` holds the confidence of each surface's most confident one; `min_count` surfaces are always allowed.
    """
    allowed = max(share * len(surest), min_count)
    return next((at for at in CANDIDATES if sum(one >= at for one in surest) <= allowed), CANDIDATES[-1])


def _with(model: OnnxModel[SegmenterCard], **update: object) -> OnnxModel[SegmenterCard]:
    return OnnxModel(model.session, model.card.model_copy(update=update), model.sha256)


def instances_on(model: OnnxModel[SegmenterCard], truth: RectifiedSample) -> list[Instance]:
    """Return every instance on one canvas, whatever its confidence."""
    stride = model.card.output_stride
    probability = segment(truth.rgb, model)
    rows, columns = probability.shape[1:]
    evaluated, chipped = (part[::stride, ::stride][:rows, :columns] for part in (truth.evaluated, truth.chipped))
    # Not 0, which would also give instances without a seed: they are never reported by confidence.
    return find_instances(probability, evaluated, model.card, truth.px_per_mm, min_confidence=1e-6, chip_mask=chipped)


def tally_canvas(instances: Sequence[Instance], truth: RectifiedSample, tallies: dict[str, MatchTally]) -> None:
    """Add the instances of one canvas, matched to its ground truth, to the tally of each class."""
    for name, tally in tallies.items():
        detections = [
            MatchedDetection(one.confidence, patch_on(one, truth)) for one in instances if one.kind.value == name
        ]
        ground_truth = [mark.patch for mark in truth.annotations if mark.record.kind == name]
        tally.add(detections, ground_truth, truth.classes[name], truth.ignored, truth.px_per_mm)


def is_defect_free(truth: RectifiedSample) -> bool:
    """Return whether no defect is visible; there may be one that only this photo hides."""
    return not any(mark.record.kind in set(DefectKind) for mark in truth.annotations)


def fit_scales(detections: Mapping[str, Sequence[JudgedDefect]]) -> dict[str, PlattScaling]:
    """Fit factor and shift of the evidence of each class of a group; return nothing where detections are too few.

    Logistic regression of "is true" on the evidence, with one factor above 0 for all classes and a shift for each,
    which a normal prior of OFFSET_SPREAD shrinks to the common one: confidences of different kinds stay comparable, and
    of some kinds a validation split holds a handful.
    """
    names = [name for name, each in detections.items() if each]
    judged = [(index, one) for index, name in enumerate(names) for one in detections[name]]
    true_count = sum(one.is_true for _, one in judged)
    if min(true_count, len(judged) - true_count) < MIN_SAMPLES:
        return {}
    at = torch.tensor([index for index, _ in judged])
    evidence, true, weight = (
        torch.tensor([float(value) for value in column], dtype=torch.float64)
        for column in zip(*(one for _, one in judged), strict=True)
    )
    common = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    own = torch.zeros(len(names), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([common, own], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        odds = functional.softplus(common[0]) * evidence + common[1] + own[at]
        value = functional.binary_cross_entropy_with_logits(odds, true, weight, reduction="sum")
        value = value + own.square().sum() / (2 * OFFSET_SPREAD**2)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    factor, shift = round(functional.softplus(common[0]).item(), 4), common[1].item()
    offsets = dict(zip(names, own.tolist(), strict=True))
    return {name: (factor, round(shift + offsets.get(name, 0.0), 4)) for name in detections}


def limit_by_precision(tally: MatchTally, least: float) -> float:
    """Return the lowest limit, not below `least`, at which the share of true detections reaches PRECISION.

    With too few ground-truth defects to estimate it, the greater of DEFAULT and `least`.
    """
    surest = max((confidence for confidence, _ in tally.detections), default=0.0)
    if len(tally.ground_truth) < MIN_TRUE or surest < CANDIDATES[0]:
        return max(DEFAULT, least)

    def expected(at: float) -> float:
        reported = [(confidence, is_true) for confidence, is_true in tally.detections if confidence >= at]
        if not reported:
            return 1.0
        by_confidence = sum(confidence for confidence, _ in reported) / len(reported)
        return (sum(is_true for _, is_true in reported) + PRIOR_WEIGHT * by_confidence) / (len(reported) + PRIOR_WEIGHT)

    return next(at for at in CANDIDATES if at >= least and (expected(at) >= PRECISION or at == CANDIDATES[-1]))


def patch_on(instance: Instance, truth: RectifiedSample) -> MaskPatch:
    """Return the part of an instance's mask that lies on its canvas."""
    height, width = truth.valid_mask.shape
    return MaskPatch(instance.mask, instance.origin).cut((height, width))
