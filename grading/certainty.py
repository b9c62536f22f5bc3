"""How sure a look is: marks that may not be there and sizes that may be off, drawn many times and judged each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.calibration import Calibration
from phonegrade.configs.inspection import Defect, Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import ScaleSource, Surface
from phonegrade.grading.columns import (
    KINDS,
    SURFACES,
    UNKNOWN_ZONE,
    ZONES,
    Columns,
    Marks,
    Patches,
    Surfaces,
    Tests,
    measure_names,
    test_names,
)
from phonegrade.grading.conformal import answer_set
from phonegrade.grading.decision import Certainty, Decision, Reason
from phonegrade.grading.pack import pack
from phonegrade.grading.rejudge import rejudge

DRAWS = 1_000
LENGTH_ERROR_SHARE = 0.05
"""Standard deviation of a length of which nobody told an error; our reading."""
ERROR_RESOLVABLE = 0.25
"""Standard deviation of any size besides, in units of the narrowest mark that the photo shows; our reading."""
_Value = TypeVar("_Value", np.bool_, np.float64)
ASSUMED_SCALE_ERROR = 0.06
"""Nine in ten bodies are within 10 % of the assumed one."""


@dataclass(frozen=True)
class _Mark:
    defect: Defect
    place: int
    """Of its surface."""
    finest_mm: float


def assess(
    decision: Decision,
    inspections: Mapping[Surface, Inspection],
    policy: Policy,
    calibration: Calibration | None,
    seed: int,
    draws: int = DRAWS,
) -> Decision:
    """The decision with its certainty, and with `needs_review` where that is too little; the same for the same seed.

    A decision without a grade is returned as it is: what it lacks is evidence. A calibration of another policy or of
    other models backs no promise and is left aside.
    """
    if decision.look is None:
        return decision
    calibration = _backing(calibration, inspections, policy)
    probability = look_probability(decision, inspections, policy, calibration, seed, draws)
    names, wanted = policy.cosmetic.names, policy.review.coverage
    chances = [probability[name] for name in names]
    threshold = wanted if calibration is None else calibration.threshold(wanted)
    costs = {given: sum(policy.value.costs[given][true] * probability[true] for true in names) for given in names}
    certainty = Certainty(
        probability=probability,
        answer_set=tuple(names[place] for place in answer_set(chances, threshold)),
        coverage=None if calibration is None else wanted,
        expected_cost=costs,
        cheapest=min(reversed(names), key=lambda name: costs[name]),
        draws=draws,
        seed=seed,
    )
    review = (*decision.review, *_doubts(decision.look, certainty, policy))
    return decision.model_copy(update={"certainty": certainty, "review": review, "needs_review": bool(review)})


def look_probability(
    decision: Decision,
    inspections: Mapping[Surface, Inspection],
    policy: Policy,
    calibration: Calibration | None,
    seed: int,
    draws: int = DRAWS,
) -> dict[str, float]:
    """Probability of each look of a graded phone; gates are certain.

    Each detection is real with its confidence, each size is normal around its measurement, and an assumed body is off
    by one factor for all. Marks that nobody found are not drawn: what they do to a look, the calibration has learnt.
    """
    rng = np.random.default_rng(seed)
    verdicts = rejudge(_drawn(inspections, rng, draws), policy)
    names = policy.cosmetic.names
    chance = np.bincount(verdicts.cosmetic, minlength=len(names)) / draws
    if calibration is not None and calibration.confusion:
        chance = chance @ np.array([[calibration.confusion[seen][true] for true in names] for seen in names])
    gate = decision.functional.letter_at_best
    if gate is not None:
        at_best = names.index(gate)
        chance[at_best] += chance[:at_best].sum()
        chance[:at_best] = 0.0
    return {name: float(share) for name, share in zip(names, chance, strict=True)}


def _backing(
    calibration: Calibration | None, inspections: Mapping[Surface, Inspection], policy: Policy
) -> Calibration | None:
    if calibration is None or calibration.policy_sha256 != policy.sha256:
        return None
    models = (seen.model for seen in inspections.values())
    own = (calibration.segmenter_sha256, calibration.edges_sha256)
    return calibration if all((model.segmenter_sha256, model.edges_sha256) == own for model in models) else None


def _doubts(look: str, certainty: Certainty, policy: Policy) -> list[Reason]:
    found: list[Reason] = []
    left = " or ".join(certainty.answer_set)
    if certainty.answer_set != (look,):
        promise = "" if certainty.coverage is None else f" {certainty.coverage:.0%} of the time"
        text = f"the look is {left}{promise}; {look} is {certainty.probability[look]:.0%} likely"
        found.append(Reason(rule="uncertain-look", text=text))
    cost, most = certainty.expected_cost[look], policy.review.max_expected_cost
    if cost > most:
        text = f"giving {look} costs {cost:.1%} of the price on average, at most {most:.1%} is allowed"
        found.append(Reason(rule="expected-cost", text=text))
    return found


def _drawn(
    inspections: Mapping[Surface, Inspection],
    rng: np.random.Generator,
    draws: int,
) -> Columns:
    """As many devices as draws: this one as it may be."""
    once = pack([(inspections, None)])
    marks = [
        _Mark(defect, place, inspections[surface].scale.resolvable_mm or 0.0)
        for place, surface in enumerate(SURFACES)
        if surface in inspections
        for defect in sorted(set(inspections[surface].defects), key=repr)
        if None not in (defect.length_mm, defect.area_mm2)
    ]
    assumed = any(seen.scale.source is ScaleSource.ASSUMED for seen in inspections.values())
    scale = np.exp(rng.normal(0.0, ASSUMED_SCALE_ERROR if assumed else 0.0, draws))
    surfaces = once.surfaces
    return Columns(
        surfaces=Surfaces(
            present=_repeated(surfaces.present, draws),
            measured=_repeated(surfaces.measured, draws),
            assumed=_repeated(surfaces.assumed, draws),
            resolvable_mm=_repeated(surfaces.resolvable_mm, draws),
            size_mm2=_repeated(surfaces.size_mm2, draws),
            raised=np.zeros((draws, len(SURFACES)), np.uint64),
        ),
        marks=_drawn_marks(marks, scale, rng),
        patches=Patches(np.zeros(0, np.int64), np.zeros(0), np.zeros(0)),
        tests=Tests(
            np.zeros(draws, np.bool_),
            np.zeros((draws, len(test_names())), np.uint8),
            np.zeros((draws, len(measure_names()))),
        ),
        flag_names=(),
    )


def _repeated(values: NDArray[_Value], draws: int) -> NDArray[_Value]:
    return np.repeat(values, draws, axis=0)


def _drawn_marks(marks: Sequence[_Mark], scale: NDArray[np.float64], rng: np.random.Generator) -> Marks:
    """(marks times draws,): one mark after the other, each in every draw."""
    draws = len(scale)
    chance = np.array([mark.defect.confidence for mark in marks])
    real = rng.random((len(marks), draws)) < chance[:, None]
    length, width, area, depth = (_sizes(marks, size) for size in ("length_mm", "width_mm", "area_mm2", "depth_mm"))
    length_error, width_error = _errors(marks)
    long = np.maximum(length + rng.normal(size=real.shape) * length_error, 0.0) * scale
    wide = np.maximum(width + rng.normal(size=real.shape) * width_error, 0.0) * scale
    with np.errstate(divide="ignore", invalid="ignore"):
        longer = np.where(length > 0, long / length, scale)
        # an unknown width stays unknown in every draw
        wider = np.where(width > 0, wide / width, scale)
    zones = [UNKNOWN_ZONE if m.defect.zone is None else ZONES.index(m.defect.zone) for m in marks]
    place = np.array([m.place for m in marks], np.int64)[:, None] + len(SURFACES) * np.arange(draws)
    return Marks(
        at=place.reshape(-1),
        kind=np.repeat(np.array([KINDS.index(m.defect.kind) for m in marks], np.uint8), draws),
        zone=np.repeat(np.array(zones, np.uint8), draws),
        confidence=np.where(real, 1.0, -1.0).reshape(-1),
        length_mm=long.reshape(-1),
        width_mm=wide.reshape(-1),
        area_mm2=(area * longer * wider).reshape(-1),
        depth_mm=np.repeat(depth[:, 0], draws),
    )


def _sizes(marks: Sequence[_Mark], size: str) -> NDArray[np.float64]:
    """(marks, 1) in mm or mm²; NaN where unmeasured."""
    values = [getattr(mark.defect, size) for mark in marks]
    return np.array([np.nan if value is None else value for value in values], np.float64).reshape(-1, 1)


def _errors(marks: Sequence[_Mark]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(marks, 1) standard deviations of length and width in mm; told ones, else our reading."""
    length, width = [], []
    for mark in marks:
        told, floor = mark.defect, ERROR_RESOLVABLE * mark.finest_mm
        guessed = float(np.hypot(LENGTH_ERROR_SHARE * (told.length_mm or 0.0), floor))
        length.append(guessed if told.length_error_mm is None else told.length_error_mm)
        width.append(floor if told.width_error_mm is None else told.width_error_mm)
    return np.array(length).reshape(-1, 1), np.array(width).reshape(-1, 1)
