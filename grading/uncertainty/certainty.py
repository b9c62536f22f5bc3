"""How certain a cosmetic grade is: uncertain detections and sizes, drawn many times and graded each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.calibration import Calibration, rules_sha256
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
    DefectColumns,
    DeviceColumns,
    DirtColumns,
    SurfaceColumns,
    TestColumns,
    measure_names,
    test_names,
)
from phonegrade.grading.vectorised.regrade import regrade
from phonegrade.grading.vectorised.to_columns import to_columns

DRAWS = 1_000
LENGTH_ERROR_SHARE = 0.05
"""Standard deviation of a length without a measured error; our reading."""
LEAST_MM = 1e-6
"""Below this size the ratio of a drawn size to it is meaningless."""
ERROR_RESOLVABLE = 0.25
"""Further standard deviation of any size, in units of the narrowest defect that the photo resolves; our reading."""
_Value = TypeVar("_Value", np.bool_, np.float64)
LEAST_NAMED = 0.05
"""Less likely grades are left out of the reason for review."""
FINE_MM = 1e-3
"""Resolution of a surface whose damage is proven despite a poor photo: enough for every grade."""
ASSUMED_SCALE_ERROR = 0.06
"""Standard deviation of the log scale: nine in ten phones are within 10 % of the assumed one."""


@dataclass(frozen=True)
class _Located:
    defect: Defect
    surface: int
    """Position of its surface."""
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
    """Return the decision with its certainty, at the cosmetic grade with the lowest expected cost; fixed by the seed.

    Detections just below their limit weigh in by their confidence. The decision needs review where even the cheapest
    grade costs more than the policy allows. One without a grade is returned as it is, as it lacks evidence. A
    calibration of other rules or other models guarantees no coverage and is ignored.
    """
    if decision.cosmetic_grade is None:
        return decision
    calibration = _applicable(calibration, inspections, policy)
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
    review = (*decision.review, *_cost_review(cheapest, certainty, policy))
    return decision.model_copy(update={"certainty": certainty, "review": review, "needs_review": bool(review)})


def _with_cheapest(
    chances: Sequence[float], threshold: float, cheapest: str, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the prediction set and all grades between it and the cheapest: a larger set keeps the coverage."""
    ranks = {*prediction_set(chances, threshold), names.index(cheapest)}
    return names[min(ranks) : max(ranks) + 1]


def cosmetic_probability(
    decision: Decision,
    inspections: Mapping[Surface, Inspection],
    policy: Policy,
    calibration: Calibration | None,
    seed: int,
    draws: int = DRAWS,
) -> dict[str, float]:
    """Return the probability of each cosmetic grade of a graded phone; gates are certain.

    Each detection is real with its confidence, each size is normal around its measurement, and an assumed phone is off
    by one factor for all sizes. Undetected defects are not drawn: the calibration accounts for them.
    """
    rng = np.random.default_rng(seed)
    verdicts = regrade(_drawn(_graded_by(decision, inspections, policy), rng, draws), policy)
    names = policy.cosmetic.names
    chance = np.bincount(verdicts.cosmetic, minlength=len(names)) / draws
    if calibration is not None and calibration.confusion:
        chance = chance @ np.array([[calibration.confusion[graded][true] for true in names] for graded in names])
    gate = decision.functional.grade_cap
    if gate is not None:
        cap = names.index(gate)
        chance[cap] += chance[:cap].sum()
        chance[:cap] = 0.0
    return {name: float(share) for name, share in zip(names, chance, strict=True)}


def _graded_by(
    decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy
) -> dict[Surface, Inspection]:
    """Return the surfaces behind the grade; those of poor photos, which could not change it, as if they were measured.

    A required surface without a photo, which such a phone may have, counts as defect-free.
    """
    outcomes = decision.cosmetic.surfaces
    poor = {s.surface for s in outcomes if s.grade is None or any(r.rule == NOTHING_WORSE for r in s.reasons)}
    surfaces = {s: _as_measured(one) if s in poor else one for s, one in inspections.items()}
    first = next(iter(surfaces.values()))
    blank = _as_measured(first.model_copy(update={"defects": ()}))
    return {**{s: blank for s in policy.evidence.required_surfaces if s not in surfaces}, **surfaces}


def _as_measured(inspection: Inspection) -> Inspection:
    """Return the defects of a poor photo at their smallest, on a surface resolved finely enough for every grade."""
    defects = tuple(smallest(defect) for defect in inspection.defects)
    source = ScaleSource.CATALOGUE if inspection.scale.source is ScaleSource.NONE else inspection.scale.source
    scale = Scale(px_per_mm=inspection.scale.px_per_mm or 1.0, source=source, resolvable_mm=FINE_MM)
    outline = inspection.outline or ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    size_mm = inspection.surface_size_mm or (1e6, 1e6)
    return inspection.model_copy(
        update={"defects": defects, "scale": scale, "outline": outline, "surface_size_mm": size_mm, "quality": ()}
    )


def _applicable(
    calibration: Calibration | None, inspections: Mapping[Surface, Inspection], policy: Policy
) -> Calibration | None:
    if calibration is None or calibration.rules_sha256 != rules_sha256(policy):
        return None
    models = (inspection.model for inspection in inspections.values())
    own = (calibration.segmenter_sha256, calibration.frame_segmenter_sha256)
    same = all(model and (model.segmenter_sha256, model.frame_segmenter_sha256) == own for model in models)
    return calibration if same else None


def _cost_review(cosmetic_grade: str, certainty: Certainty, policy: Policy) -> list[Reason]:
    cost, most = certainty.expected_cost[cosmetic_grade], policy.review.max_expected_cost
    if cost <= most:
        return []
    likely = ", ".join(f"{name} {share:.0%}" for name, share in certainty.probability.items() if share >= LEAST_NAMED)
    text = (
        f"{cosmetic_grade} is the safest grade, but may be wrong ({likely}): its expected cost is {cost:.1%} of the "
        f"price, and at most {most:.1%} is allowed without manual review"
    )
    return [Reason(rule="expected_cost", text=text)]


def _drawn(
    inspections: Mapping[Surface, Inspection],
    rng: np.random.Generator,
    draws: int,
) -> DeviceColumns:
    """Return as many devices as draws, each a possible state of this one."""
    once = to_columns([(inspections, None)])
    located = [
        _Located(defect, position, inspections[surface].scale.resolvable_mm or 0.0)
        for position, surface in enumerate(SURFACES)
        if surface in inspections
        for defect in sorted(set(inspections[surface].defects), key=repr)
        if None not in (defect.length_mm, defect.area_mm2)
    ]
    assumed = any(one.scale.source is ScaleSource.ASSUMED for one in inspections.values())
    scale = np.exp(rng.normal(0.0, ASSUMED_SCALE_ERROR if assumed else 0.0, draws))
    surfaces = once.surfaces
    return DeviceColumns(
        surfaces=SurfaceColumns(
            present=_repeated(surfaces.present, draws),
            measured=_repeated(surfaces.measured, draws),
            # there is a grade already: under a policy that gives none for an assumed phone, the damage alone proved it
            assumed=np.zeros((draws, len(SURFACES)), np.bool_),
            resolvable_mm=_repeated(surfaces.resolvable_mm, draws),
            size_mm2=_repeated(surfaces.size_mm2, draws),
            raised=np.zeros((draws, len(SURFACES)), np.uint64),
        ),
        defects=_drawn_defects(located, scale, rng),
        dirt=DirtColumns(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0)),
        tests=TestColumns(
            np.zeros(draws, np.bool_),
            np.zeros((draws, len(test_names())), np.uint8),
            np.zeros((draws, len(measure_names()))),
        ),
        flag_names=(),
    )


def _repeated(values: NDArray[_Value], draws: int) -> NDArray[_Value]:
    return np.repeat(values, draws, axis=0)


def _drawn_defects(located: Sequence[_Located], scale: NDArray[np.float64], rng: np.random.Generator) -> DefectColumns:
    """Return columns of length defects times draws: one defect after the other, each in every draw."""
    draws = len(scale)
    chance = np.array([one.defect.confidence for one in located])
    real = rng.random((len(located), draws)) < chance[:, None]
    length, width, area, depth = (_sizes(located, size) for size in ("length_mm", "width_mm", "area_mm2", "depth_mm"))
    length_error, width_error = _errors(located)
    long = np.maximum(length + rng.normal(size=real.shape) * length_error, 0.0) * scale
    wide = np.maximum(width + rng.normal(size=real.shape) * width_error, 0.0) * scale
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        longer = np.where(length > LEAST_MM, long / length, scale)
        # an unknown width stays unknown in every draw
        wider = np.where(width > LEAST_MM, wide / width, scale)
    zones = [UNKNOWN_ZONE if one.defect.zone is None else ZONES.index(one.defect.zone) for one in located]
    at = np.array([one.surface for one in located], np.int64)[:, None] + len(SURFACES) * np.arange(draws)
    return DefectColumns(
        at=at.reshape(-1),
        kind=np.repeat(np.array([KINDS.index(one.defect.kind) for one in located], np.uint8), draws),
        zone=np.repeat(np.array(zones, np.uint8), draws),
        confidence=np.where(real, 1.0, -1.0).reshape(-1),
        counts_from=np.full(real.size, np.nan),
        length_mm=long.reshape(-1),
        width_mm=wide.reshape(-1),
        area_mm2=(area * longer * wider).reshape(-1),
        depth_mm=np.repeat(depth[:, 0], draws),
    )


def _sizes(located: Sequence[_Located], size: str) -> NDArray[np.float64]:
    """Return (defects, 1) in mm or mm²; NaN where unmeasured."""
    values = [getattr(one.defect, size) for one in located]
    return np.array([np.nan if value is None else value for value in values], np.float64).reshape(-1, 1)


def _errors(located: Sequence[_Located]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (defects, 1) standard deviations of length and width in mm: as measured, else our reading."""
    length, width = [], []
    for one in located:
        defect, floor = one.defect, ERROR_RESOLVABLE * one.finest_mm
        assumed = float(np.hypot(LENGTH_ERROR_SHARE * (defect.length_mm or 0.0), floor))
        length.append(assumed if defect.length_error_mm is None else defect.length_error_mm)
        width.append(floor if defect.width_error_mm is None else defect.width_error_mm)
    return np.array(length).reshape(-1, 1), np.array(width).reshape(-1, 1)
