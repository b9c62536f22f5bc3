"""How sure a mark is, and from which confidence on it is worth reporting: by class, from marks whose truth is known."""

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
from phonegrade.training.calibration.rescoring import DIRT, LEAST_KNOWN, KnownScratch, fit_context, known_scratches

CANDIDATES = tuple(round(0.3 + 0.025 * step, 3) for step in range(27))
"""Limits that are tried; a less sure mark is never reported."""
LEAST_TRUE = 5
"""Fewer true marks of a class decide no limit."""
DEFAULT = 0.5
PRECISION = 0.7
"""Share of the reported marks of a class that are to be there, by their own confidences."""
AS_GOOD_AS = 5.0
"""Marks that the confidences of a class weigh beside the verdicts on its marks where that share is told."""
ACCUSED = {"crack": 0.025, "scratch": 0.06, "scuff": 0.015, "chip": 0.03, "dent": 0.015}
"""Share of defect-free surfaces, hard negatives among them, that may be reported with a false mark of each kind. To
miss a crack costs most, and scratches are most marks: what they are taken for there, hairs and lint, is rarer on real
phones."""
FEWEST_ACCUSED = 4
"""So many accused surfaces decide nothing: the fifth worst does, not one that happens to look like a crack."""
DIRTY = 0.03
"""The same share of clean surfaces by each class of dirt, which costs a photo and no money."""
ACCUSED_REAL, FEWEST_REAL = 0.025, 1
"""The same of clean and dirty real photos, by class; how many decide nothing there."""
ZONE_LIMITS = {
    Zone.DISPLAY: {"chip": 0.85},
    Zone.CAMERA: {"chip": 0.85, **dict.fromkeys(DIRT, 1.0)},
}
"""By zone, where more is asked of a class: icons and lamps in the glass look like chips, and so do flash discs; a lens
looks like oil, and the camera is no surface to clean. From real photos, each of which was a mistake there."""
EDGE_DIRT = 0.9
"""Least limit of dirt on edges: real polished frames mirror fingers and rooms, which nothing here tells from smears."""
LIT_LIMITS = {"scuff": 0.65, "smudge": 0.8, "oil": 0.8}
"""The same on a lit display, whose pictures look like scuffs and smears."""
MASK_THRESHOLDS = {"chip": 0.3, "smudge": 0.65}
"""A pixel belongs to these classes from here on, whatever its tiles say: so more of them are found in one piece."""
OFFSET_SPREAD = 0.7
"""Standard deviation, in log odds, of how much a kind may differ from the others of its group: a few marks of a rare
kind must not say that it is always there, or never."""

SCRATCH = DefectKind.SCRATCH.value
DEFECTS, _ = GROUPS = tuple(tuple(member.value for member in kinds) for kinds in (DefectKind, Contamination))


def calibrate_confidence(
    model: OnnxModel[SegmenterCard], truths: Truths, traps: Truths | None = None, taught: Truths | None = None
) -> SegmenterCard:
    """The card with what makes a confidence the share of such marks that are true, and with the limit of each class.

    First prior shifts by class. Then what the dirt on a surface adds to the evidence of scratches, learnt on the
    surfaces of `taught`: those that the segmenter learnt from are many and cost nothing, while what is learnt on
    `truths` would look better there than it is; without `taught` the card keeps what it has. Then one slope for all
    defects and one for all dirt, with an intercept for each kind (`fit_scales`). What one surface tells of a kind of
    defect weighs one, lest a single web of cracks in twenty pieces says how sure twenty others are; dirt, which accuses
    nobody, is told by the mark, as a surface with much of it must not be missed. The limit of a class is the lowest
    whose marks are there as often as PRECISION says and that accuses no more defect-free surfaces than ACCUSED says.
    """
    plain = _with(model, label_shift=label_shifts(model, truths), confidence={})
    if taught is not None:
        context = learn_context(_with(plain, rescoring={}), taught)
        plain = plain if context is None else _with(plain, rescoring={SCRATCH: context})
    unscaled = learn(plain, truths)
    scales: dict[str, PlattScaling] = {}
    for group in GROUPS:
        marks = {name: unscaled[name].judged() for name in group}
        if group != DEFECTS:
            marks = {name: [mark._replace(weight=1.0) for mark in each] for name, each in marks.items()}
        scales |= fit_scales(marks)
    known = {name: one.scaled(scales.get(name, UNFITTED)) for name, one in unscaled.items()}
    negatives = {name: list(one.surest) for name, one in known.items()}
    if traps is not None:
        for name, one in learn(plain, traps).items():
            negatives[name] += one.scaled(scales.get(name, UNFITTED)).surest
    limits = {}
    for name, one in known.items():
        quiet = quiet_from(negatives[name], ACCUSED.get(name, DIRTY), FEWEST_ACCUSED)
        limits[name] = limit_of(one.tally, quiet)
    zones = {"zone_min_confidence": ZONE_LIMITS, "lit_min_confidence": LIT_LIMITS}
    return _with(plain, platt_scaling=scales, min_confidence=limits, **zones).card


def without_mirrored_dirt(card: SegmenterCard) -> SegmenterCard:
    """The card of a segmenter of edges with the limits of dirt at EDGE_DIRT or above."""
    limits = {name: max(limit, EDGE_DIRT if name in DIRT else 0.0) for name, limit in card.min_confidence.items()}
    return card.model_copy(update={"min_confidence": limits})


def vetoed(card: SegmenterCard, seen: Iterable[Mapping[str, float]]) -> SegmenterCard:
    """The card with limits high enough for real photos without damage: of each, by class, its surest mark that counts.

    `seen` leaves out what a zone's own limit silences.
    """
    known = list(seen)
    limits = {
        name: max(limit, quiet_from([one.get(name, 0.0) for one in known], ACCUSED_REAL, FEWEST_REAL))
        for name, limit in card.min_confidence.items()
    }
    return card.model_copy(update={"min_confidence": limits})


class JudgedDefect(NamedTuple):
    """One found mark whose truth is known."""

    evidence: float
    is_true: bool
    weight: float = 1.0


@dataclass
class Known:
    """What surfaces whose truth is known tell of one class."""

    tally: MatchTally = field(default_factory=MatchTally)
    weights: list[float] = field(default_factory=list)
    """Of each mark found: one over how many were found on its surface."""
    surest: list[float] = field(default_factory=list)
    """Of each sound surface, the confidence of its surest false mark."""

    def judged(self) -> list[JudgedDefect]:
        """The found marks, whose confidences are UNFITTED."""
        found = zip(self.tally.found, self.weights, strict=True)
        return [JudgedDefect(_evidence(told), is_true, weight) for (told, is_true), weight in found]

    def scaled(self, scale: PlattScaling) -> "Known":
        """The same with confidences by `scale` instead of UNFITTED; what was not found stays 0."""

        def to(told: float) -> float:
            return confidence(_evidence(told), scale) if told > 0 else 0.0

        tally = MatchTally(
            [(to(told), is_true) for told, is_true in self.tally.found], [to(told) for told in self.tally.true]
        )
        return Known(tally, self.weights, [to(told) for told in self.surest])


def learn(model: OnnxModel[SegmenterCard], truths: Truths) -> dict[str, Known]:
    """By class, what `truths` tell of the marks that `model` finds on them."""
    known = {name: Known() for name in SEGMENTER_CLASSES}
    for truth in truths():
        tallies = {name: MatchTally() for name in SEGMENTER_CLASSES}
        tally_canvas(found_on(model, truth), truth, tallies)
        for name, one in tallies.items():
            known[name].tally.found += one.found
            known[name].tally.true += one.true
            known[name].weights += [1 / len(one.found) for _ in one.found]
            if is_sound(truth):
                known[name].surest.append(max((told for told, is_true in one.found if not is_true), default=0.0))
    return known


def learn_context(model: OnnxModel[SegmenterCard], truths: Truths) -> Rescoring | None:
    """What `truths` teach of scratches by the dirt that `model`, which has no context yet, finds beside them."""
    known: list[KnownScratch] = []
    for truth in truths():
        instances, scratches = found_on(model, truth), MatchTally()
        tally_canvas(instances, truth, {SCRATCH: scratches})
        total = expected_counts((one.kind.value, one.evidence) for one in instances)
        known += known_scratches([(_evidence(told), is_true) for told, is_true in scratches.found], total)
    return fit_context(known)


def _evidence(unfitted: float) -> float:
    """What a confidence by UNFITTED was told from."""
    factor, shift = UNFITTED
    return (math.log(unfitted / (1 - unfitted)) - shift) / factor


def quiet_from(surest: Sequence[float], share: float, fewest: int) -> float:
    """The lowest of CANDIDATES at which at most `share` of the surfaces, by their `surest` false marks, are accused.

    `fewest` are always allowed.
    """
    allowed = max(share * len(surest), fewest)
    return next((at for at in CANDIDATES if sum(told >= at for told in surest) <= allowed), CANDIDATES[-1])


def _with(model: OnnxModel[SegmenterCard], **update: object) -> OnnxModel[SegmenterCard]:
    return OnnxModel(model.session, model.card.model_copy(update=update), model.sha256)


def found_on(model: OnnxModel[SegmenterCard], truth: RectifiedSample) -> list[Instance]:
    """Everything that is found on one canvas, whatever its confidence."""
    stride = model.card.output_stride
    probability = segment(truth.rgb, model)
    rows, columns = probability.shape[1:]
    believed, chipped = (part[::stride, ::stride][:rows, :columns] for part in (truth.believed, truth.chipped))
    # Not 0, which would also give marks without a seed: they are never reported by confidence.
    return find_instances(probability, believed, model.card, truth.px_per_mm, min_confidence=1e-6, chip_mask=chipped)


def tally_canvas(instances: Sequence[Instance], truth: RectifiedSample, tallies: dict[str, MatchTally]) -> None:
    """Count what was found on one canvas."""
    for name, tally in tallies.items():
        found = [MatchedDetection(one.confidence, patch_on(one, truth)) for one in instances if one.kind.value == name]
        true = [mark.patch for mark in truth.marks if mark.record.kind == name]
        tally.add(found, true, truth.classes[name], truth.ignored, truth.px_per_mm)


def is_sound(truth: RectifiedSample) -> bool:
    """True where no defect is to be seen; there may be one that only this photo hides."""
    return not any(mark.record.kind in set(DefectKind) for mark in truth.marks)


def fit_scales(marks: Mapping[str, Sequence[JudgedDefect]]) -> dict[str, PlattScaling]:
    """Factor and shift of the evidence of each class of a group; nothing where too few of its marks are known.

    Logistic regression of "is true" on the evidence, with one factor above 0 for all classes and a shift for each,
    which a normal prior of OFFSET_SPREAD holds to the common one: marks of different kinds stay comparable, and of some
    kinds a validation split holds a handful.
    """
    names = [name for name, each in marks.items() if each]
    judged = [(place, mark) for place, name in enumerate(names) for mark in marks[name]]
    right = sum(mark.is_true for _, mark in judged)
    if min(right, len(judged) - right) < LEAST_KNOWN:
        return {}
    at = torch.tensor([place for place, _ in judged])
    evidence, true, weight = (
        torch.tensor([float(value) for value in column], dtype=torch.float64)
        for column in zip(*(mark for _, mark in judged), strict=True)
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
    told = dict(zip(names, own.tolist(), strict=True))
    return {name: (factor, round(shift + told.get(name, 0.0), 4)) for name in marks}


def limit_of(tally: MatchTally, quiet_from: float) -> float:
    """The lowest limit, not below `quiet_from`, whose marks are there as often as PRECISION says.

    Where too few marks are there to tell, DEFAULT or the quiet one.
    """
    surest = max((confidence for confidence, _ in tally.found), default=0.0)
    if len(tally.true) < LEAST_TRUE or surest < CANDIDATES[0]:
        return max(DEFAULT, quiet_from)

    def expected(at: float) -> float:
        kept = [(confidence, is_true) for confidence, is_true in tally.found if confidence >= at]
        if not kept:
            return 1.0
        by_confidence = sum(confidence for confidence, _ in kept) / len(kept)
        return (sum(is_true for _, is_true in kept) + AS_GOOD_AS * by_confidence) / (len(kept) + AS_GOOD_AS)

    return next(at for at in CANDIDATES if at >= quiet_from and (expected(at) >= PRECISION or at == CANDIDATES[-1]))


def patch_on(instance: Instance, truth: RectifiedSample) -> MaskPatch:
    """What of a found mark lies on the canvas that it was found on."""
    height, width = truth.inside.shape
    return MaskPatch(instance.mask, instance.origin).cut((height, width))
