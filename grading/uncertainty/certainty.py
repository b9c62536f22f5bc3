"""How sure a look is: marks that may not be there and sizes that may be off, drawn many times and judged each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.calibration import Calibration
from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect, Inspection, Scale
from phonegrade.core.vocabulary import ScaleSource, Surface
from phonegrade.grading.bounds import smallest
from phonegrade.grading.cosmetic import NOTHING_WORSE
from phonegrade.grading.decision import Certainty, Decision, Reason
from phonegrade.grading.uncertainty.conformal import prediction_set
from phonegrade.grading.uncertainty.least_cost import with_cosmetic_grade
from phonegrade.grading.vectorised.columns import (
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
from phonegrade.grading.vectorised.regrade import regrade
from phonegrade.grading.vectorised.to_columns import pack

DRAWS = 1_000
LENGTH_ERROR_SHARE = 0.05
"""Standard deviation of a length of which nobody told an error; our reading."""
LEAST_MM = 1e-6
"""A smaller size says nothing of how much larger a drawn one is."""
ERROR_RESOLVABLE = 0.25
"""Standard deviation of any size besides, in units of the narrowest mark that the photo shows; our reading."""
_Value = TypeVar("_Value", np.bool_, np.float64)
LEAST_NAMED = 0.05
"""Looks that are less likely are not named where a person is told of the odds."""
FINE_MM = 1e-3
"""Shows everything: of a surface whose damage is proven though its photo is poor."""
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
    functional: FunctionalReport | None,
    policy: Policy,
    calibration: Calibration | None,
    seed: int,
    draws: int = DRAWS,
) -> Decision:
    """The decision with its certainty, on the look with the least expected cost; the same for the same seed.

    What is given is never better than its own odds: marks just below their limit count as what they are, likely. It
    needs review where even the cheapest look costs more than the policy allows. A decision without a grade is returned
    as it is: what it lacks is evidence. A calibration of another policy or of other models backs no promise and is left
    aside.
    """
    if decision.cosmetic_grade is None:
        return decision
    calibration = _backing(calibration, inspections, policy)
    probability = cosmetic_probability(decision, inspections, policy, calibration, seed, draws)
    names, wanted = policy.cosmetic.names, policy.review.coverage
    threshold = wanted if calibration is None else calibration.threshold(wanted)
    costs = {given: sum(policy.value.costs[given][true] * probability[true] for true in names) for given in names}
    cheapest = min(reversed(names), key=lambda name: costs[name])
    certainty = Certainty(
        probability=probability,
        prediction_set=_with_cheapest([probability[name] for name in names], threshold, cheapest, names),
        coverage=None if calibration is None else wanted,
        expected_cost=costs,
        cheapest=cheapest,
        draws=draws,
        seed=seed,
    )
    decision = with_cosmetic_grade(decision, cheapest, probability, inspections, functional, policy)
    review = (*decision.review, *_too_dear(cheapest, certainty, policy))
    return decision.model_copy(update={"certainty": certainty, "review": review, "needs_review": bool(review)})


def _with_cheapest(
    chances: Sequence[float], threshold: float, cheapest: str, names: tuple[str, ...]
) -> tuple[str, ...]:
    """The prediction set and all looks between it and the cheapest: a larger set keeps the promise."""
    places = {*prediction_set(chances, threshold), names.index(cheapest)}
    return names[min(places) : max(places) + 1]


def cosmetic_probability(
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
    verdicts = regrade(_drawn(_graded_by(decision, inspections, policy), rng, draws), policy)
    names = policy.cosmetic.names
    chance = np.bincount(verdicts.cosmetic, minlength=len(names)) / draws
    if calibration is not None and calibration.confusion:
        chance = chance @ np.array([[calibration.confusion[seen][true] for true in names] for seen in names])
    gate = decision.functional.grade_cap
    if gate is not None:
        at_best = names.index(gate)
        chance[at_best] += chance[:at_best].sum()
        chance[:at_best] = 0.0
    return {name: float(share) for name, share in zip(names, chance, strict=True)}


def _graded_by(
    decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy
) -> dict[Surface, Inspection]:
    """The surfaces that have a grade. Where poor photos leave nothing to change, theirs as if they were measured.

    A surface that no photo shows, which such a phone may have, stands as one without marks.
    """
    outcomes = decision.cosmetic.surfaces
    poor = {s.surface for s in outcomes if s.grade is None or any(r.rule == NOTHING_WORSE for r in s.reasons)}
    seen = {s: _as_measured(one) if s in poor else one for s, one in inspections.items()}
    first = next(iter(seen.values()))
    blank = _as_measured(first.model_copy(update={"defects": ()}))
    return {**{s: blank for s in policy.evidence.required_surfaces if s not in seen}, **seen}


def _as_measured(seen: Inspection) -> Inspection:
    """A poor photo's marks as small as they may be, on a surface that is fine enough for every grade."""
    defects = tuple(smallest(defect) for defect in seen.defects)
    source = ScaleSource.CATALOGUE if seen.scale.source is ScaleSource.NONE else seen.scale.source
    scale = Scale(px_per_mm=seen.scale.px_per_mm or 1.0, source=source, resolvable_mm=FINE_MM)
    outline = seen.outline or ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    size_mm = seen.surface_size_mm or (1e6, 1e6)
    return seen.model_copy(
        update={"defects": defects, "scale": scale, "outline": outline, "surface_size_mm": size_mm, "quality": ()}
    )


def _backing(
    calibration: Calibration | None, inspections: Mapping[Surface, Inspection], policy: Policy
) -> Calibration | None:
    if calibration is None or calibration.policy_sha256 != policy.sha256:
        return None
    models = (seen.model for seen in inspections.values())
    own = (calibration.segmenter_sha256, calibration.frame_segmenter_sha256)
    same = all(model and (model.segmenter_sha256, model.frame_segmenter_sha256) == own for model in models)
    return calibration if same else None


def _too_dear(cosmetic_grade: str, certainty: Certainty, policy: Policy) -> list[Reason]:
    cost, most = certainty.expected_cost[cosmetic_grade], policy.review.max_expected_cost
    if cost <= most:
        return []
    likely = ", ".join(f"{name} {share:.0%}" for name, share in certainty.probability.items() if share >= LEAST_NAMED)
    text = (
        f"{cosmetic_grade} is the safest answer, but may be wrong ({likely}): it would cost {cost:.1%} of the price "
        f"on average, and {most:.1%} is allowed without manual review"
    )
    return [Reason(rule="expected_cost", text=text)]


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
            # the decision is a grade already: where a policy gives none by an assumed body, damage alone proved it
            assumed=np.zeros((draws, len(SURFACES)), np.bool_),
            resolvable_mm=_repeated(surfaces.resolvable_mm, draws),
            size_mm2=_repeated(surfaces.size_mm2, draws),
            raised=np.zeros((draws, len(SURFACES)), np.uint64),
        ),
        marks=_drawn_marks(marks, scale, rng),
        patches=Patches(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0)),
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
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        longer = np.where(length > LEAST_MM, long / length, scale)
        # an unknown width stays unknown in every draw
        wider = np.where(width > LEAST_MM, wide / width, scale)
    zones = [UNKNOWN_ZONE if m.defect.zone is None else ZONES.index(m.defect.zone) for m in marks]
    place = np.array([m.place for m in marks], np.int64)[:, None] + len(SURFACES) * np.arange(draws)
    return Marks(
        at=place.reshape(-1),
        kind=np.repeat(np.array([KINDS.index(m.defect.kind) for m in marks], np.uint8), draws),
        zone=np.repeat(np.array(zones, np.uint8), draws),
        confidence=np.where(real, 1.0, -1.0).reshape(-1),
        counts_from=np.full(real.size, np.nan),
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
