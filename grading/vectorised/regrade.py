"""The judge in columns: the same statuses, looks, codes and worths for many devices at once, without the reasons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.policy import Policy
from phonegrade.configs.policy_part import UNTOLD
from phonegrade.core.vocabulary import View
from phonegrade.grading.bounds import worst_of_all, worst_place
from phonegrade.grading.decision import Status
from phonegrade.grading.fixed_point import MICRO_PER_MM2, to_fixed_point_column
from phonegrade.grading.gradability import coarsest_mm
from phonegrade.grading.vectorised.bounds import proven_worst, raised
from phonegrade.grading.vectorised.columns import KINDS, SURFACES, Columns, Flags, Marks, Numbers
from phonegrade.grading.vectorised.functional import regrade_functional
from phonegrade.grading.vectorised.limits import broken, covered, places_of, sum_by_surface

STATUSES = tuple(Status)


@dataclass(frozen=True)
class Verdicts:
    """What the judge says of N devices; every array is (N,)."""

    status: NDArray[np.uint8]
    """Places among `STATUSES`."""
    cosmetic_grade: NDArray[np.int8]
    """Places among the policy's looks; -1 without a combined grade. So is `code` among its functional codes."""
    code: NDArray[np.int8]
    value_share: Numbers
    """Share of the price of the best grade; NaN without a grade."""
    cosmetic: NDArray[np.int8]
    """The look of the worst surface alone; -1 where the evidence does not give one."""

    def grades(self, policy: Policy) -> NDArray[np.str_]:
        """(N,) combined grades as the policy writes them, or the status where there is none."""
        codes = policy.functional.codes.ordered
        written = [[policy.write(cosmetic_grade, code) for code in codes] for cosmetic_grade in policy.cosmetic.names]
        table = np.array([*(grade for row in written for grade in row), *STATUSES])
        graded = self.cosmetic_grade.astype(np.intp) * len(codes) + self.code
        return np.asarray(table[np.where(self.cosmetic_grade < 0, len(table) - len(STATUSES) + self.status, graded)])


def regrade(columns: Columns, policy: Policy) -> Verdicts:
    """Judge every device; agrees with `judge` on each."""
    counted = _counted(columns.marks, policy)
    incomplete, retake = _ungraded(columns, counted, policy)
    proven, ungraded = proven_worst(columns, counted, policy), incomplete | retake
    places = np.array([worst_place(surface, policy) for surface in SURFACES])
    graded = columns.surfaces.present & (~ungraded | proven)
    surface_look = np.where(ungraded, places, _surface_looks(columns, counted, policy))
    worst = np.where(graded, surface_look, 0).max(axis=1)
    nothing_better = np.asarray((np.where(graded, surface_look, -1) >= worst_of_all(policy)).any(axis=1))
    incomplete, retake = incomplete & ~proven, retake & ~proven
    cosmetic_status = _statuses(incomplete, retake, nothing_better, columns, policy)
    cosmetic = np.where(cosmetic_status == _place(Status.GRADED), worst, -1).astype(np.int8)
    tested = regrade_functional(columns.tests, policy)
    status = np.where(tested.untested, np.uint8(_place(Status.INCOMPLETE)), cosmetic_status)
    status = np.where(tested.not_accepted, np.uint8(_place(Status.NOT_ACCEPTED)), status)
    has_grade = status == _place(Status.GRADED)
    cosmetic_grade = np.where(has_grade, np.maximum(cosmetic, tested.look_at_best), -1).astype(np.int8)
    worths = np.array([policy.value.value_share[name] for name in policy.cosmetic.names])
    return Verdicts(
        status=status.astype(np.uint8),
        cosmetic_grade=cosmetic_grade,
        code=np.where(has_grade, tested.code, -1).astype(np.int8),
        value_share=np.where(has_grade, worths[cosmetic_grade] * tested.kept_share, np.nan),
        cosmetic=cosmetic,
    )


def _place(status: Status) -> int:
    return STATUSES.index(status)


def _required(policy: Policy) -> Flags:
    return np.array([surface in policy.evidence.required_surfaces for surface in SURFACES])


def _counted(marks: Marks, policy: Policy) -> Flags:
    usual, edges = policy.cosmetic.min_confidence, policy.cosmetic.edge_min_confidence
    if isinstance(usual, str):
        return np.asarray(marks.confidence >= _model_limits(marks.counts_from))
    least = [[edges.get(k, usual[k]) if s.view is View.EDGE else usual[k] for k in KINDS] for s in SURFACES]
    return np.asarray(marks.confidence >= np.array(least)[marks.at % len(SURFACES), marks.kind])


def _model_limits(own: Numbers) -> Numbers:
    return np.where(np.isnan(own), UNTOLD, own)


def _dirty(columns: Columns, policy: Policy) -> Flags:
    """(N, 6): more dirt than can be graded, or an unknown amount."""
    patches, shape = columns.patches, columns.surfaces.present.shape
    least = policy.contamination.min_confidence
    counts = patches.confidence >= (_model_limits(patches.counts_from) if isinstance(least, str) else least)
    at, area = patches.at[counts], patches.area_mm2[counts]
    total = sum_by_surface(to_fixed_point_column(area), at, shape)
    unknown = sum_by_surface(np.isnan(area).astype(np.int64), at, shape) > 0
    some = sum_by_surface(np.ones(len(at), np.int64), at, shape) > 0
    with np.errstate(invalid="ignore"):
        share = total / MICRO_PER_MM2 / columns.surfaces.size_mm2
        too_much = ~(share <= policy.contamination.max_area_share)
    return np.asarray(some & (unknown | too_much))


def _ungraded(columns: Columns, counted: Flags, policy: Policy) -> tuple[Flags, Flags]:
    """(N, 6): photographed surfaces that are incomplete, and those to be photographed again."""
    surfaces, evidence, marks = columns.surfaces, policy.evidence, columns.marks
    dirty, incomplete = _dirty(columns, policy), np.zeros(surfaces.present.shape, np.bool_)
    unmeasured = np.isnan(marks.length_mm) | np.isnan(marks.area_mm2)
    lost = counted & unmeasured
    incomplete |= sum_by_surface(np.ones(int(lost.sum()), np.int64), marks.at[lost], surfaces.present.shape) > 0
    if evidence.assumed_scale == "incomplete":
        incomplete |= surfaces.assumed
    retake = raised(columns, evidence.retake_on) | (surfaces.resolvable_mm > coarsest_mm(policy))
    if policy.contamination.beyond == "incomplete":
        incomplete |= dirty
    else:
        retake |= dirty
    # of a surface without measures only its photo's own flags speak
    incomplete = raised(columns, evidence.incomplete_on) | (incomplete & surfaces.measured)
    return incomplete & surfaces.present, (retake | ~surfaces.measured) & surfaces.present


def _statuses(
    incomplete: Flags, retake: Flags, nothing_better: Flags, columns: Columns, policy: Policy
) -> NDArray[np.uint8]:
    """(N,) places of the cosmetic status; `nothing_better` (N,): what is seen has the worst grade that damage can."""
    missing = ~columns.surfaces.present & _required(policy)
    incomplete, retake = (part & ~nothing_better[:, None] for part in (incomplete, retake))
    if policy.evidence.missing_surface == "incomplete":
        incomplete |= missing
    else:
        retake |= missing
    status = np.full(len(columns), _place(Status.GRADED), np.uint8)
    status[retake.any(axis=1)] = _place(Status.RETAKE)
    status[incomplete.any(axis=1)] = _place(Status.INCOMPLETE)
    return status


def _surface_looks(columns: Columns, counted: Flags, policy: Policy) -> NDArray[np.int8]:
    """(N, 6) places of the best grade whose every limit holds and that the photo can prove."""
    kept = np.flatnonzero(counted)
    marks = columns.marks
    places = places_of(marks, kept)
    looks = np.full(columns.surfaces.present.shape, len(policy.cosmetic.grades), np.int8)
    micros = to_fixed_point_column(marks.area_mm2[kept])
    for rank in reversed(range(len(policy.cosmetic.grades))):
        grade = policy.cosmetic.grades[rank]
        holds = columns.surfaces.resolvable_mm <= grade.resolvable_mm
        for limit in grade.limits:
            under = np.flatnonzero(covered(limit)[places])
            holds &= ~broken(limit, kept[under], micros[under], columns, policy)
        looks[holds] = rank
    return looks
