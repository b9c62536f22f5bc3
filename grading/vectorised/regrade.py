"""`judge` in columns: the same statuses, grades and value shares for many devices at once, without the reasons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.policy import Policy
from phonegrade.configs.policy_part import DEFAULT_MIN_CONFIDENCE
from phonegrade.core.arrays import Floats, Mask
from phonegrade.core.vocabulary import View
from phonegrade.grading.bounds import worst_rank, worst_rank_of_phone
from phonegrade.grading.decision import Status
from phonegrade.grading.fixed_point import UNITS_PER_MM2, to_fixed_point_column
from phonegrade.grading.gradability import coarsest_mm
from phonegrade.grading.vectorised.bounds import proven_worst, raised
from phonegrade.grading.vectorised.columns import KINDS, SURFACES, DefectColumns, DeviceColumns
from phonegrade.grading.vectorised.functional import regrade_functional
from phonegrade.grading.vectorised.limits import broken, covered, scope_of, sum_by_surface

STATUSES = tuple(Status)


@dataclass(frozen=True)
class Verdicts:
    """Decisions on N devices; every array is (N,)."""

    status: NDArray[np.uint8]
    """Positions among `STATUSES`."""
    cosmetic_grade: NDArray[np.int8]
    """Positions among the policy's cosmetic grades; -1 without a combined grade."""
    code: NDArray[np.int8]
    """The same among the policy's functional codes."""
    value_share: Floats
    """Share of the price of the best grade; NaN without a grade."""
    cosmetic: NDArray[np.int8]
    """Cosmetic grade of the worst surface, before any gate; -1 where the evidence gives none."""

    def grades(self, policy: Policy) -> NDArray[np.str_]:
        """Return (N,) combined grades as the policy writes them, or the status where there is none."""
        codes = policy.functional.codes.ordered
        written = [[policy.write(cosmetic_grade, code) for code in codes] for cosmetic_grade in policy.cosmetic.names]
        table = np.array([*(grade for row in written for grade in row), *STATUSES])
        graded = self.cosmetic_grade.astype(np.intp) * len(codes) + self.code
        return np.asarray(table[np.where(self.cosmetic_grade < 0, len(table) - len(STATUSES) + self.status, graded)])


def regrade(columns: DeviceColumns, policy: Policy) -> Verdicts:
    """Return the decision on every device; agrees with `judge` on each."""
    counted = _counted(columns.defects, policy)
    incomplete, retake = _ungraded(columns, counted, policy)
    proven, ungraded = proven_worst(columns, counted, policy), incomplete | retake
    worst_ranks = np.array([worst_rank(surface, policy) for surface in SURFACES])
    graded = columns.surfaces.present & (~ungraded | proven)
    surface_grade = np.where(ungraded, worst_ranks, _surface_grades(columns, counted, policy))
    worst = np.where(graded, surface_grade, 0).max(axis=1)
    nothing_better = np.asarray((np.where(graded, surface_grade, -1) >= worst_rank_of_phone(policy)).any(axis=1))
    incomplete, retake = incomplete & ~proven, retake & ~proven
    cosmetic_status = _statuses(incomplete, retake, nothing_better, columns, policy)
    cosmetic = np.where(cosmetic_status == _status(Status.GRADED), worst, -1).astype(np.int8)
    tested = regrade_functional(columns.tests, policy)
    status = np.where(tested.untested, np.uint8(_status(Status.INCOMPLETE)), cosmetic_status)
    status = np.where(tested.not_accepted, np.uint8(_status(Status.NOT_ACCEPTED)), status)
    has_grade = status == _status(Status.GRADED)
    cosmetic_grade = np.where(has_grade, np.maximum(cosmetic, tested.grade_cap), -1).astype(np.int8)
    value_shares = np.array([policy.value.value_share[name] for name in policy.cosmetic.names])
    return Verdicts(
        status=status.astype(np.uint8),
        cosmetic_grade=cosmetic_grade,
        code=np.where(has_grade, tested.code, -1).astype(np.int8),
        value_share=np.where(has_grade, value_shares[cosmetic_grade] * tested.kept_share, np.nan),
        cosmetic=cosmetic,
    )


def _status(status: Status) -> int:
    return STATUSES.index(status)


def _required(policy: Policy) -> Mask:
    return np.array([surface in policy.evidence.required_surfaces for surface in SURFACES])


def _counted(defects: DefectColumns, policy: Policy) -> Mask:
    usual, edges = policy.cosmetic.min_confidence, policy.cosmetic.edge_min_confidence
    if isinstance(usual, str):
        return np.asarray(defects.confidence >= _model_limits(defects.counts_from))
    least = [[edges.get(k, usual[k]) if s.view is View.EDGE else usual[k] for k in KINDS] for s in SURFACES]
    return np.asarray(defects.confidence >= np.array(least)[defects.at % len(SURFACES), defects.kind])


def _model_limits(own: Floats) -> Floats:
    return np.where(np.isnan(own), DEFAULT_MIN_CONFIDENCE, own)


def _dirty(columns: DeviceColumns, policy: Policy) -> Mask:
    """Return (N, 6): surfaces under more dirt than can be graded, or an unknown amount."""
    dirt, shape = columns.dirt, columns.surfaces.present.shape
    least = policy.contamination.min_confidence
    counts = dirt.confidence >= (_model_limits(dirt.counts_from) if isinstance(least, str) else least)
    at, area = dirt.at[counts], dirt.area_mm2[counts]
    total = sum_by_surface(to_fixed_point_column(area), at, shape)
    unknown = sum_by_surface(np.isnan(area).astype(np.int64), at, shape) > 0
    some = sum_by_surface(np.ones(len(at), np.int64), at, shape) > 0
    with np.errstate(invalid="ignore"):
        share = total / UNITS_PER_MM2 / columns.surfaces.size_mm2
        too_much = ~(share <= policy.contamination.max_area_share)
    return np.asarray(some & (unknown | too_much))


def _ungraded(columns: DeviceColumns, counted: Mask, policy: Policy) -> tuple[Mask, Mask]:
    """Return (N, 6) twice: photographed surfaces that are incomplete, and those to be retaken."""
    surfaces, evidence, defects = columns.surfaces, policy.evidence, columns.defects
    dirty, incomplete = _dirty(columns, policy), np.zeros(surfaces.present.shape, np.bool_)
    unmeasured = np.isnan(defects.length_mm) | np.isnan(defects.area_mm2)
    lost = counted & unmeasured
    incomplete |= sum_by_surface(np.ones(int(lost.sum()), np.int64), defects.at[lost], surfaces.present.shape) > 0
    if evidence.assumed_scale == "incomplete":
        incomplete |= surfaces.assumed
    retake = raised(columns, evidence.retake_on) | (surfaces.resolvable_mm > coarsest_mm(policy))
    if policy.contamination.beyond == "incomplete":
        incomplete |= dirty
    else:
        retake |= dirty
    # an unmeasured surface is judged by the flags of its photo alone
    incomplete = raised(columns, evidence.incomplete_on) | (incomplete & surfaces.measured)
    return incomplete & surfaces.present, (retake | ~surfaces.measured) & surfaces.present


def _statuses(
    incomplete: Mask, retake: Mask, nothing_better: Mask, columns: DeviceColumns, policy: Policy
) -> NDArray[np.uint8]:
    """Return (N,) positions of the cosmetic status; `nothing_better` (N,): at the worst grade that damage can give."""
    missing = ~columns.surfaces.present & _required(policy)
    incomplete, retake = (part & ~nothing_better[:, None] for part in (incomplete, retake))
    if policy.evidence.missing_surface == "incomplete":
        incomplete |= missing
    else:
        retake |= missing
    status = np.full(len(columns), _status(Status.GRADED), np.uint8)
    status[retake.any(axis=1)] = _status(Status.RETAKE)
    status[incomplete.any(axis=1)] = _status(Status.INCOMPLETE)
    return status


def _surface_grades(columns: DeviceColumns, counted: Mask, policy: Policy) -> NDArray[np.int8]:
    """Return (N, 6) ranks of the best grade whose every limit holds and that the photo can prove."""
    kept = np.flatnonzero(counted)
    defects = columns.defects
    scopes = scope_of(defects, kept)
    ranks = np.full(columns.surfaces.present.shape, len(policy.cosmetic.grades), np.int8)
    areas = to_fixed_point_column(defects.area_mm2[kept])
    for rank in reversed(range(len(policy.cosmetic.grades))):
        grade = policy.cosmetic.grades[rank]
        holds = columns.surfaces.resolvable_mm <= grade.resolvable_mm
        for limit in grade.limits:
            under = np.flatnonzero(covered(limit)[scopes])
            holds &= ~broken(limit, kept[under], areas[under], columns, policy)
        ranks[holds] = rank
    return ranks
