"""The judge in columns: the same statuses, looks, codes and worths for many devices at once, without the reasons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.limit import Limit
from phonegrade.configs.policy import Policy
from phonegrade.grading.columns import KINDS, SURFACES, UNKNOWN_ZONE, ZONES, Columns, Flags, Marks, Numbers
from phonegrade.grading.decision import Status
from phonegrade.grading.evidence import coarsest_mm
from phonegrade.grading.limits import tiers_over
from phonegrade.grading.micro import MICRO_PER_MM2, micro_column
from phonegrade.grading.rejudge_functional import rejudge_functional

STATUSES = tuple(Status)
_PLACES = len(SURFACES) * (len(ZONES) + 1) * len(KINDS)


@dataclass(frozen=True)
class Verdicts:
    """What the judge says of N devices; every array is (N,)."""

    status: NDArray[np.uint8]
    """Places among `STATUSES`."""
    look: NDArray[np.int8]
    """Places among the policy's looks; -1 without a combined grade. So is `code` among its functional codes."""
    code: NDArray[np.int8]
    worth: Numbers
    """Share of the price of the best grade; NaN without a grade."""
    cosmetic: NDArray[np.int8]
    """The look of the worst surface alone; -1 where the evidence does not give one."""

    def grades(self, policy: Policy) -> NDArray[np.str_]:
        """(N,) combined grades as the policy writes them, or the status where there is none."""
        codes = policy.functional.codes.ordered
        written = [[policy.write(look, code) for code in codes] for look in policy.cosmetic.names]
        table = np.array([*(grade for row in written for grade in row), *STATUSES])
        graded = self.look.astype(np.intp) * len(codes) + self.code
        return np.asarray(table[np.where(self.look < 0, len(table) - len(STATUSES) + self.status, graded)])


def rejudge(columns: Columns, policy: Policy) -> Verdicts:
    """Judge every device; agrees with `judge` on each."""
    counted = _counted(columns.marks, policy)
    cosmetic_status = _statuses(columns, counted, policy)
    surface_look = _surface_looks(columns, counted, policy)
    asked = columns.surfaces.present | _required(policy)
    worst = np.where(asked, surface_look, 0).max(axis=1)
    cosmetic = np.where(cosmetic_status == _place(Status.GRADED), worst, -1).astype(np.int8)
    tested = rejudge_functional(columns.tests, policy)
    status = np.where(tested.untested, np.uint8(_place(Status.INCOMPLETE)), cosmetic_status)
    status = np.where(tested.not_accepted, np.uint8(_place(Status.NOT_ACCEPTED)), status)
    graded = status == _place(Status.GRADED)
    look = np.where(graded, np.maximum(cosmetic, tested.look_at_best), -1).astype(np.int8)
    worths = np.array([policy.value.worth[name] for name in policy.cosmetic.names])
    return Verdicts(
        status=status.astype(np.uint8),
        look=look,
        code=np.where(graded, tested.code, -1).astype(np.int8),
        worth=np.where(graded, worths[look] * tested.kept_share, np.nan),
        cosmetic=cosmetic,
    )


def _place(status: Status) -> int:
    return STATUSES.index(status)


def _required(policy: Policy) -> Flags:
    return np.array([surface in policy.evidence.required_surfaces for surface in SURFACES])


def _counted(marks: Marks, policy: Policy) -> Flags:
    least = np.array([[policy.cosmetic.counts_from(kind, surface) for kind in KINDS] for surface in SURFACES])
    return np.asarray(marks.confidence >= least[marks.at % len(SURFACES), marks.kind])


def _raised(columns: Columns, codes: tuple[str, ...]) -> Flags:
    bits = sum(1 << place for place, name in enumerate(columns.flag_names) if name in codes)
    return np.asarray((columns.surfaces.raised & np.uint64(bits)) != 0)


def _dirty(columns: Columns, policy: Policy) -> Flags:
    """(N, 6): more dirt than can be graded, or an unknown amount."""
    patches, shape = columns.patches, columns.surfaces.present.shape
    counts = patches.confidence >= policy.contamination.min_confidence
    at, area = patches.at[counts], patches.area_mm2[counts]
    total = _sum(micro_column(area), at, shape)
    unknown = _sum(np.isnan(area).astype(np.int64), at, shape) > 0
    some = _sum(np.ones(len(at), np.int64), at, shape) > 0
    with np.errstate(invalid="ignore"):
        share = total / MICRO_PER_MM2 / columns.surfaces.size_mm2
        too_much = ~(share <= policy.contamination.max_area_share)
    return np.asarray(some & (unknown | too_much))


def _statuses(columns: Columns, counted: Flags, policy: Policy) -> NDArray[np.uint8]:
    """(N,) places of the cosmetic status."""
    surfaces, evidence, marks = columns.surfaces, policy.evidence, columns.marks
    dirty, missing = _dirty(columns, policy), ~surfaces.present & _required(policy)
    unmeasured = np.isnan(marks.length_mm) | np.isnan(marks.area_mm2)
    lost = counted & unmeasured
    incomplete = _raised(columns, evidence.incomplete_on) | ~surfaces.measured
    incomplete |= _sum(np.ones(int(lost.sum()), np.int64), marks.at[lost], surfaces.present.shape) > 0
    if evidence.assumed_scale == "incomplete":
        incomplete |= surfaces.assumed
    retake = _raised(columns, evidence.retake_on) | (surfaces.resolvable_mm > coarsest_mm(policy))
    if policy.contamination.beyond == "incomplete":
        incomplete |= dirty
    else:
        retake |= dirty
    incomplete, retake = incomplete & surfaces.present, retake & surfaces.present
    if evidence.missing_surface == "incomplete":
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
    places = ((marks.at[kept] % len(SURFACES)) * (len(ZONES) + 1) + marks.zone[kept]) * len(KINDS) + marks.kind[kept]
    looks = np.full(columns.surfaces.present.shape, len(policy.cosmetic.grades), np.int8)
    micros = micro_column(marks.area_mm2[kept])
    for rank in reversed(range(len(policy.cosmetic.grades))):
        grade = policy.cosmetic.grades[rank]
        holds = columns.surfaces.resolvable_mm <= grade.resolvable_mm
        for limit in grade.limits:
            under = np.flatnonzero(_covered(limit)[places])
            holds &= ~_broken(limit, kept[under], micros[under], columns, policy)
        looks[holds] = rank
    return looks


def _covered(limit: Limit) -> Flags:
    """Which of the numbered places a limit speaks of; unknown zones fall under every zone's."""
    table = [
        limit.covers(surface, None if zone == UNKNOWN_ZONE else ZONES[zone], kind)
        for surface in SURFACES
        for zone in range(len(ZONES) + 1)
        for kind in KINDS
    ]
    return np.array(table)


def _broken(
    limit: Limit, under: NDArray[np.intp], micros: NDArray[np.int64], columns: Columns, policy: Policy
) -> Flags:
    """(N, 6): surfaces that break a limit with the marks of these numbers, whose areas are `micros`."""
    marks, shape = columns.marks, columns.surfaces.present.shape
    at, length, width = marks.at[under], marks.length_mm[under], marks.width_mm[under]
    unknown = np.isnan(width) & ~np.isnan(length) & ~np.isnan(marks.area_mm2[under])
    size = np.nan_to_num(columns.surfaces.size_mm2)
    over = np.zeros(len(under), np.bool_)
    if limit.longest_mm is not None:
        over |= ~(length <= limit.longest_mm)
    if limit.widest_mm is not None:
        over |= ~(width <= limit.widest_mm) & ~unknown
    if limit.deepest_mm is not None:
        over |= marks.depth_mm[under] > limit.deepest_mm
    broken = np.zeros(shape, np.bool_)
    broken.reshape(-1)[at[over]] = True
    if limit.max_count is not None or limit.max_per_dm2 is not None:
        broken |= _sum(np.ones(len(under), np.int64), at, shape) > _most_marks(limit, size)
    if limit.total_area_mm2 is not None or limit.total_area_share is not None:
        broken |= _sum(micros, at, shape) > _most_area(limit, size) * MICRO_PER_MM2
    large = np.zeros(len(under), np.bool_)
    for tier, sizes in reversed(list(zip(limit.of_which, tiers_over(limit, policy.cosmetic.acuity), strict=True))):
        wide = np.where(unknown, sizes.asks_length, ~(width <= sizes.width_mm))
        large |= ~(length <= sizes.length_mm) & wide
        broken |= _sum(large.astype(np.int64), at, shape) > tier.max_count
    return broken


def _most_marks(limit: Limit, size_mm2: Numbers) -> Numbers:
    known, place = np.unique(size_mm2, return_inverse=True)
    return np.array([limit.most_marks(float(size)) for size in known])[place].reshape(size_mm2.shape)


def _most_area(limit: Limit, size_mm2: Numbers) -> Numbers:
    known, place = np.unique(size_mm2, return_inverse=True)
    return np.array([limit.most_area_mm2(float(size)) for size in known])[place].reshape(size_mm2.shape)


def _sum(values: NDArray[np.int64], at: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """`values` added up by surface; exact, for whole numbers far below 2**53."""
    return np.asarray(np.bincount(at, weights=values, minlength=shape[0] * shape[1]).reshape(shape), np.float64)
