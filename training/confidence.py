"""How sure a mark is, and from which confidence on it is worth reporting: by class, from marks whose truth is known."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from phonegrade.configs.vocabulary import SEGMENTER_CLASSES, Contamination, DefectKind
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.confidence import Scale
from phonegrade.inference.instances import Instance, find_instances
from phonegrade.inference.segment import segment
from phonegrade.inference.session import OnnxModel
from phonegrade.training.matching import NEAR_MM, Found, Patch, Tally, around_hidden, grown, verdict
from phonegrade.training.prior import prior_shifts
from phonegrade.training.truth import TruthCanvas, Truths

CANDIDATES = tuple(round(0.5 + 0.025 * step, 3) for step in range(19))
"""A mark that is more likely not there than there is not told."""
LEAST_TRUE = 5
"""Fewer true marks of a class decide no limit."""
LEAST_KNOWN = 30
"""Fewer true or fewer false marks of a class fit no scale, fewer true ones have no standard error."""
DEFAULT = 0.5
RESAMPLES = 200
ACCUSED_SOUND = 0.02
"""Share of sound surfaces that may be told marks of one class: five kinds of defect make a tenth."""
ACCUSED_TRAPS = {"crack": 0.02, "scratch": 0.05, "scuff": 0.01, "chip": 0.01, "dent": 0.01}
"""The same of surfaces full of what is taken for damage, in all a tenth; a crack alone decides a grade."""
ACCUSED_DIRTY = 0.1
"""The same by each class of dirt, which accuses nobody."""

GROUPS = tuple(tuple(member.value for member in kinds) for kinds in (DefectKind, Contamination))


def calibrate_confidence(model: OnnxModel[SegmenterCard], truths: Truths, traps: Truths | None = None) -> SegmenterCard:
    """The card with what makes a confidence the share of such marks that are true, and with the limit of each class.

    Prior shifts by class, then one scale for all defects and one for all dirt: of some kinds a validation split holds a
    handful of marks, and marks of different kinds are ranked against each other.
    The limit is the strictest that is as good as the best by instance F2, a miss being worse than a false mark, among
    those that accuse no more sound surfaces than ACCUSED_SOUND, and of those of `traps` no more than ACCUSED_TRAPS.
    """
    shifted = _with(model, prior_shift=prior_shifts(model, truths))
    known: dict[str, list[tuple[float, bool]]] = {name: [] for name in SEGMENTER_CLASSES}
    for truth in truths():
        for name, judged in _judged(shifted, truth).items():
            known[name] += [(one.evidence, is_true) for one, is_true in judged]
    scales: dict[str, Scale] = {}
    for group in GROUPS:
        fitted = fit_scale([mark for name in group for mark in known[name]])
        scales |= {} if fitted is None else dict.fromkeys(group, fitted)
    surer = _with(shifted, confidence=scales)
    tallies = {name: Tally() for name in SEGMENTER_CLASSES}
    for truth in truths():
        tally_canvas(found_on(surer, truth), truth, tallies)
    quiet = _quiet_limits(surer, truths, dict.fromkeys(SEGMENTER_CLASSES, ACCUSED_SOUND))
    if traps is not None:
        in_traps = _quiet_limits(surer, traps, dict.fromkeys(Contamination, ACCUSED_DIRTY) | ACCUSED_TRAPS)
        quiet = {name: max(at, in_traps[name]) for name, at in quiet.items()}
    limits = {name: limit_of(tally, quiet[name]) for name, tally in tallies.items()}
    return _with(surer, min_confidence=limits).card


def _quiet_limits(model: OnnxModel[SegmenterCard], truths: Truths, allowed: Mapping[str, float]) -> dict[str, float]:
    """By class, the lowest limit that accuses no more than a share `allowed` of the sound surfaces of `truths`."""
    surest: dict[str, list[float]] = {name: [] for name in SEGMENTER_CLASSES}
    for truth in filter(is_sound, truths()):
        for name, judged in _judged(model, truth).items():
            surest[name].append(max((one.confidence for one, is_true in judged if not is_true), default=0.0))
    return {name: quiet_from(told, len(told) * allowed[name]) for name, told in surest.items()}


def quiet_from(surest: Sequence[float], allowed: float) -> float:
    """The lowest of CANDIDATES at which no more than `allowed` surfaces, by their `surest` false marks, are accused."""
    return next((at for at in CANDIDATES if sum(told >= at for told in surest) <= allowed), CANDIDATES[-1])


def _with(model: OnnxModel[SegmenterCard], **update: object) -> OnnxModel[SegmenterCard]:
    return OnnxModel(model.session, model.card.model_copy(update=update), model.sha256)


def found_on(model: OnnxModel[SegmenterCard], truth: TruthCanvas) -> list[Instance]:
    """Everything that is found on one canvas, whatever its confidence."""
    stride = model.card.output_stride
    probability = segment(truth.rgb, model)
    inside = truth.inside[::stride, ::stride][: probability.shape[1], : probability.shape[2]]
    # Not 0, which would also give marks without a seed: they are never reported by confidence.
    return find_instances(probability, inside, model.card, truth.px_per_mm, min_confidence=1e-6)


def tally_canvas(instances: Sequence[Instance], truth: TruthCanvas, tallies: dict[str, Tally]) -> None:
    """Count what was found on one canvas."""
    for name, tally in tallies.items():
        found = [Found(one.confidence, patch_on(one, truth)) for one in instances if one.kind.value == name]
        true = [mark.patch for mark in truth.marks if mark.record.kind == name]
        tally.add(found, true, truth.classes[name], truth.ignored, truth.px_per_mm)


def is_sound(truth: TruthCanvas) -> bool:
    """True where no defect is to be seen; there may be one that only this photo hides."""
    return not any(mark.record.kind in set(DefectKind) for mark in truth.marks)


def fit_scale(marks: Sequence[tuple[float, bool]]) -> Scale | None:
    """Logistic regression of "is true" on the evidence, with a factor above 0; None where too few marks are known."""
    right = sum(is_true for _, is_true in marks)
    if min(right, len(marks) - right) < LEAST_KNOWN:
        return None
    evidence = torch.tensor([told for told, _ in marks], dtype=torch.float64)
    true = torch.tensor([float(is_true) for _, is_true in marks], dtype=torch.float64)
    free = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([free], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.binary_cross_entropy_with_logits(functional.softplus(free[0]) * evidence + free[1], true)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    factor, shift = functional.softplus(free[0]).item(), free[1].item()
    return round(factor, 4), round(shift, 4)


def limit_of(tally: Tally, quiet_from: float) -> float:
    """The strictest confidence, not below `quiet_from`, as good as the best there by instance F2.

    Where too few marks are there to tell, DEFAULT or the quiet one.

    As good is what lies within a standard error of the best: the one-standard-error rule of Breiman et al.,
    "Classification and Regression Trees", 1984. Between limits that the few marks cannot tell apart, the one that
    accuses fewer phones wins.
    """
    if len(tally.true) < LEAST_TRUE:
        return max(DEFAULT, quiet_from)
    quiet = [at for at in CANDIDATES if at >= quiet_from]
    best = max(quiet, key=tally.f2)
    if tally.f2(best) == 0:
        return quiet[0]  # nothing true was found: no limit is better than another
    if len(tally.true) < LEAST_KNOWN:
        return best  # a standard error of so few would make the rarest kinds the least told
    enough = tally.f2(best) - f2_error(tally, best)
    return max(at for at in quiet if tally.f2(at) >= enough)


def f2_error(tally: Tally, confidence: float) -> float:
    """Standard error of the instance F2 at `confidence`, by the bootstrap over found and over true marks."""
    if not tally.found:
        return 0.0
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        found = [tally.found[at] for at in rng.integers(len(tally.found), size=len(tally.found))]
        true = [tally.true[at] for at in rng.integers(len(tally.true), size=len(tally.true))]
        drawn.append(Tally(found, true).f2(confidence))
    return float(np.std(drawn))


def _judged(model: OnnxModel[SegmenterCard], truth: TruthCanvas) -> dict[str, list[tuple[Instance, bool]]]:
    """By class: each found mark that counts, and whether it is true."""
    near: dict[str, NDArray[np.bool_]] = {}
    hidden = around_hidden(truth.ignored, truth.px_per_mm)
    judged: dict[str, list[tuple[Instance, bool]]] = {name: [] for name in SEGMENTER_CLASSES}
    for one in found_on(model, truth):
        name = one.kind.value
        if name not in near:
            near[name] = grown(truth.classes[name], NEAR_MM * truth.px_per_mm)
        is_true = verdict(patch_on(one, truth), near[name], hidden)
        if is_true is not None:
            judged[name].append((one, is_true))
    return judged


def patch_on(instance: Instance, truth: TruthCanvas) -> Patch:
    """What of a found mark lies on the canvas that it was found on."""
    height, width = truth.inside.shape
    return Patch(instance.mask, instance.origin).cut((height, width))
