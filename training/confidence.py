"""How sure a mark is, and from which confidence on it is worth reporting: by class, from marks whose truth is known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from phonegrade.configs.vocabulary import SEGMENTER_CLASSES, Contamination, DefectKind
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.confidence import UNFITTED, Scale, confidence
from phonegrade.inference.context import Context, numbers
from phonegrade.inference.instances import Instance, find_instances
from phonegrade.inference.segment import segment
from phonegrade.inference.session import OnnxModel
from phonegrade.training.context import LEAST_KNOWN, KnownScratch, fit_context, known_scratches
from phonegrade.training.matching import Found, Patch, Tally
from phonegrade.training.prior import prior_shifts
from phonegrade.training.truth import TruthCanvas, Truths

CANDIDATES = tuple(round(0.5 + 0.025 * step, 3) for step in range(19))
"""A mark that is more likely not there than there is not told."""
LEAST_TRUE = 5
"""Fewer true marks of a class decide no limit."""
DEFAULT = 0.5
ACCUSED = {"crack": 0.02, "scratch": 0.025, "scuff": 0.005, "chip": 0.005, "dent": 0.005}
"""Share of sound surfaces, and of those full of what is taken for damage, that may be told marks of each kind of
defect: in all little more than half of the tenth that is promised, as real photos are unlike rendered ones. To miss a
crack costs most, and scratches are most marks."""
DIRTY_SOUND, DIRTY_TRAPS = 0.02, 0.1
"""The same of either by each class of dirt, which accuses nobody."""

SCRATCH = DefectKind.SCRATCH.value
DEFECTS, _ = GROUPS = tuple(tuple(member.value for member in kinds) for kinds in (DefectKind, Contamination))


def calibrate_confidence(
    model: OnnxModel[SegmenterCard], truths: Truths, traps: Truths | None = None, taught: Truths | None = None
) -> SegmenterCard:
    """The card with what makes a confidence the share of such marks that are true, and with the limit of each class.

    First prior shifts by class. Then what the dirt on a surface adds to the evidence of scratches, learnt on the
    surfaces of `taught`: those that the segmenter learnt from are many and cost nothing, while what is learnt on
    `truths` would look better there than it is. Then one scale for all defects and one for all dirt: of some kinds a
    validation split holds a handful of marks, and marks of different kinds are ranked against each other. What one
    surface tells of a kind of defect weighs one, lest a single web of cracks in twenty pieces says how sure twenty
    others are; dirt, which accuses nobody, is told by the mark, as a surface with much of it must not be missed.
    The limit is the best by instance F2 among those that accuse no more sound surfaces, and no more of those of
    `traps`, than ACCUSED says.
    """
    plain = _with(model, prior_shift=prior_shifts(model, truths), context={}, confidence={})
    if taught is not None:
        context = learn_context(plain, taught)
        plain = plain if context is None else _with(plain, context={SCRATCH: context})
    unscaled = learn(plain, truths)
    scales: dict[str, Scale] = {}
    for group in GROUPS:
        marks = [mark for name in group for mark in unscaled[name].judged()]
        fitted = fit_scale(marks if group == DEFECTS else [mark._replace(weight=1.0) for mark in marks])
        scales |= {} if fitted is None else dict.fromkeys(group, fitted)
    known = {name: one.scaled(scales.get(name, UNFITTED)) for name, one in unscaled.items()}
    allowed = dict.fromkeys(Contamination, DIRTY_SOUND) | ACCUSED
    quiet = {name: quiet_from(one.surest, len(one.surest) * allowed[name]) for name, one in known.items()}
    if traps is not None:
        allowed = dict.fromkeys(Contamination, DIRTY_TRAPS) | ACCUSED
        for name, one in learn(plain, traps).items():
            surest = one.scaled(scales.get(name, UNFITTED)).surest
            quiet[name] = max(quiet[name], quiet_from(surest, len(surest) * allowed[name]))
    limits = {name: limit_of(one.tally, quiet[name]) for name, one in known.items()}
    return _with(plain, confidence=scales, min_confidence=limits).card


class Judged(NamedTuple):
    """One found mark whose truth is known."""

    evidence: float
    is_true: bool
    weight: float = 1.0


@dataclass
class Known:
    """What surfaces whose truth is known tell of one class."""

    tally: Tally = field(default_factory=Tally)
    weights: list[float] = field(default_factory=list)
    """Of each mark found: one over how many were found on its surface."""
    surest: list[float] = field(default_factory=list)
    """Of each sound surface, the confidence of its surest false mark."""

    def judged(self) -> list[Judged]:
        """The found marks, whose confidences are UNFITTED."""
        found = zip(self.tally.found, self.weights, strict=True)
        return [Judged(_evidence(told), is_true, weight) for (told, is_true), weight in found]

    def scaled(self, scale: Scale) -> "Known":
        """The same with confidences by `scale` instead of UNFITTED; what was not found stays 0."""

        def to(told: float) -> float:
            return confidence(_evidence(told), scale) if told > 0 else 0.0

        tally = Tally(
            [(to(told), is_true) for told, is_true in self.tally.found], [to(told) for told in self.tally.true]
        )
        return Known(tally, self.weights, [to(told) for told in self.surest])


def learn(model: OnnxModel[SegmenterCard], truths: Truths) -> dict[str, Known]:
    """By class, what `truths` tell of the marks that `model` finds on them."""
    known = {name: Known() for name in SEGMENTER_CLASSES}
    for truth in truths():
        tallies = {name: Tally() for name in SEGMENTER_CLASSES}
        tally_canvas(found_on(model, truth), truth, tallies)
        for name, one in tallies.items():
            known[name].tally.found += one.found
            known[name].tally.true += one.true
            known[name].weights += [1 / len(one.found) for _ in one.found]
            if is_sound(truth):
                known[name].surest.append(max((told for told, is_true in one.found if not is_true), default=0.0))
    return known


def learn_context(model: OnnxModel[SegmenterCard], truths: Truths) -> Context | None:
    """What `truths` teach of scratches by the dirt that `model`, which has no context yet, finds beside them."""
    known: list[KnownScratch] = []
    for truth in truths():
        instances, scratches = found_on(model, truth), Tally()
        tally_canvas(instances, truth, {SCRATCH: scratches})
        total = numbers((one.kind.value, one.evidence) for one in instances)
        known += known_scratches([(_evidence(told), is_true) for told, is_true in scratches.found], total)
    return fit_context(known)


def _evidence(unfitted: float) -> float:
    """What a confidence by UNFITTED was told from."""
    factor, shift = UNFITTED
    return (math.log(unfitted / (1 - unfitted)) - shift) / factor


def quiet_from(surest: Sequence[float], allowed: float) -> float:
    """The lowest of CANDIDATES at which no more than `allowed` surfaces, by their `surest` false marks, are accused."""
    return next((at for at in CANDIDATES if sum(told >= at for told in surest) <= allowed), CANDIDATES[-1])


def _with(model: OnnxModel[SegmenterCard], **update: object) -> OnnxModel[SegmenterCard]:
    return OnnxModel(model.session, model.card.model_copy(update=update), model.sha256)


def found_on(model: OnnxModel[SegmenterCard], truth: TruthCanvas) -> list[Instance]:
    """Everything that is found on one canvas, whatever its confidence."""
    stride = model.card.output_stride
    probability = segment(truth.rgb, model)
    rows, columns = probability.shape[1:]
    believed, chipped = (part[::stride, ::stride][:rows, :columns] for part in (truth.believed, truth.chipped))
    # Not 0, which would also give marks without a seed: they are never reported by confidence.
    return find_instances(probability, believed, model.card, truth.px_per_mm, min_confidence=1e-6, chipped=chipped)


def tally_canvas(instances: Sequence[Instance], truth: TruthCanvas, tallies: dict[str, Tally]) -> None:
    """Count what was found on one canvas."""
    for name, tally in tallies.items():
        found = [Found(one.confidence, patch_on(one, truth)) for one in instances if one.kind.value == name]
        true = [mark.patch for mark in truth.marks if mark.record.kind == name]
        tally.add(found, true, truth.classes[name], truth.ignored, truth.px_per_mm)


def is_sound(truth: TruthCanvas) -> bool:
    """True where no defect is to be seen; there may be one that only this photo hides."""
    return not any(mark.record.kind in set(DefectKind) for mark in truth.marks)


def fit_scale(marks: Sequence[Judged]) -> Scale | None:
    """Logistic regression of "is true" on the evidence, with a factor above 0; None where too few marks are known."""
    right = sum(mark.is_true for mark in marks)
    if min(right, len(marks) - right) < LEAST_KNOWN:
        return None
    evidence, true, weight = (
        torch.tensor([float(value) for value in column], dtype=torch.float64) for column in zip(*marks, strict=True)
    )
    free = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([free], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        odds = functional.softplus(free[0]) * evidence + free[1]
        value = functional.binary_cross_entropy_with_logits(odds, true, weight)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return round(functional.softplus(free[0]).item(), 4), round(free[1].item(), 4)


def limit_of(tally: Tally, quiet_from: float) -> float:
    """The confidence, not below `quiet_from`, that is best by instance F2, a miss being worse than a false mark.

    Where too few marks are there to tell, DEFAULT or the quiet one.
    """
    if len(tally.true) < LEAST_TRUE:
        return max(DEFAULT, quiet_from)
    return max((at for at in CANDIDATES if at >= quiet_from), key=tally.f2)


def patch_on(instance: Instance, truth: TruthCanvas) -> Patch:
    """What of a found mark lies on the canvas that it was found on."""
    height, width = truth.inside.shape
    return Patch(instance.mask, instance.origin).cut((height, width))
