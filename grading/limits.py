"""Which limits of a grade the defects of a surface break, and the fewest defects without which they hold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.limit import Acuity, Limit, SizeThreshold
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.fixed_point import UNITS_PER_MM2, to_fixed_point


class Breach(NamedTuple):
    """A broken limit: the defects behind it, and by how much, in words."""

    limit: Limit
    defects: tuple[Defect, ...]
    text: str


@dataclass(frozen=True)
class SurfaceDefects:
    """The counted defects of one surface."""

    surface: Surface
    surface_mm2: float
    defects: tuple[Defect, ...]
    acuity: Acuity | None

    def under(self, limit: Limit) -> tuple[Defect, ...]:
        """Return the defects that a limit applies to."""
        return tuple(defect for defect in self.defects if limit.covers(self.surface, defect.zone, defect.kind))


def breaches(surface: SurfaceDefects, grade: CosmeticGrade) -> tuple[Breach, ...]:
    """Return every bound of `grade` that these defects break.

    An unknown size breaks its bound, except the width of a defect of known length and area: a photo may show a hairline
    without showing how wide it is. It still counts by number, length and area.
    """
    broken: list[Breach] = []
    for limit in grade.limits:
        under = surface.under(limit)
        broken.extend(
            Breach(limit, (defect,), size_text(limit, defect)) for defect in under if _over_size(limit, defect)
        )
        broken.extend(_size_bins_broken(limit, under, surface.acuity))
        if not _within_sums(limit, under, surface.surface_mm2):
            broken.append(Breach(limit, under, _sum_text(limit, under, under, surface.surface_mm2)))
    return tuple(broken)


def fewest_removals(surface: SurfaceDefects, grade: CosmeticGrade) -> tuple[Breach, ...]:
    """Return the smallest set of defects without which `grade` holds, by the limit that requires their removal.

    Exact, because a policy puts every surface, zone and kind under one limit of a grade and each size bin inside the
    one before: a defect over a size bound must go in any case, and of the others the smallest areas are kept first.
    The sets within nested counts form a laminar matroid, so the greedy choice is the lightest for each number.
    """
    broken: list[Breach] = []
    for limit in grade.limits:
        under = surface.under(limit)
        over = [defect for defect in under if _over_size(limit, defect)]
        broken.extend(Breach(limit, (defect,), size_text(limit, defect)) for defect in over)
        rest = [defect for defect in under if defect not in over]
        kept = _most_kept(limit, rest, surface)
        gone = tuple(defect for defect in rest if defect not in kept)
        if gone:
            broken.append(Breach(limit, gone, _removal_text(limit, rest, gone, surface)))
    return tuple(broken)


def size_bins_over(limit: Limit, acuity: Acuity | None) -> tuple[SizeThreshold, ...]:
    """Return the sizes beyond which a defect belongs to each size bin of a limit."""
    return tuple(size_bin.over(acuity) for size_bin in limit.size_bins)


def in_size_bins(limit: Limit, defect: Defect, acuity: Acuity | None) -> tuple[bool, ...]:
    """Return whether a defect belongs to each size bin of a limit: whether it is longer and wider than the bin's sizes.

    Where only its width is unknown the length decides, and the defect is in no bin that sets a width alone. A defect in
    one bin is in all bins before it.
    """
    inside, membership = False, list[bool]()
    for over in reversed(size_bins_over(limit, acuity)):
        inside = inside or _is_larger(defect, over)
        membership.append(inside)
    return tuple(reversed(membership))


def _is_larger(defect: Defect, over: SizeThreshold) -> bool:
    if _is_at_most(defect.length_mm, over.length_mm):
        return False
    return over.asks_length if _width_alone_unknown(defect) else not _is_at_most(defect.width_mm, over.width_mm)


def total_area_mm2(defects: Sequence[Defect]) -> float:
    """Return the area of all defects; an unmeasured one counts as a billion."""
    return _fixed_point_area(defects) / UNITS_PER_MM2


def size_text(limit: Limit, defect: Defect) -> str:
    """Return a defect over the sizes of a limit, in words."""
    sizes = []
    if not _is_within(defect.length_mm, limit.longest_mm):
        sizes.append(f"{_mm(defect.length_mm, 'long', 'length')}, {limit.longest_mm:g} mm allowed")
    if not _is_narrow(defect, limit):
        sizes.append(f"{_mm(defect.width_mm, 'wide', 'width')}, {limit.widest_mm:g} mm allowed")
    if not _is_shallow(defect, limit):
        sizes.append(f"{_mm(defect.depth_mm, 'deep', 'depth')}, {limit.deepest_mm:g} mm allowed")
    return f"{defect.kind} {defect.id} ({'; '.join(sizes)})"


def _most_kept(limit: Limit, rest: Sequence[Defect], surface: SurfaceDefects) -> list[Defect]:
    kept: list[Defect] = []
    for defect in sorted(rest, key=lambda d: (to_fixed_point(d.area_mm2), d.length_mm or 0.0, len(d.id), d.id)):
        tried = [*kept, defect]
        if not _size_bins_broken(limit, tuple(tried), surface.acuity) and _within_sums(
            limit, tried, surface.surface_mm2
        ):
            kept = tried
    return kept


def _size_bins_broken(limit: Limit, under: tuple[Defect, ...], acuity: Acuity | None) -> list[Breach]:
    broken = []
    members = [in_size_bins(limit, defect, acuity) for defect in under]
    for number, size_bin in enumerate(limit.size_bins):
        large = tuple(defect for defect, inside in zip(under, members, strict=True) if inside[number])
        if len(large) > size_bin.max_count:
            bound = f"{len(large)} {size_bin.description}, {size_bin.max_count or 'none'} allowed"
            broken.append(Breach(limit, large, f"{_named(large)} ({bound})"))
    return broken


def _over_size(limit: Limit, defect: Defect) -> bool:
    return not (
        _is_within(defect.length_mm, limit.longest_mm) and _is_narrow(defect, limit) and _is_shallow(defect, limit)
    )


def _is_narrow(defect: Defect, limit: Limit) -> bool:
    return _width_alone_unknown(defect) or _is_within(defect.width_mm, limit.widest_mm)


def _width_alone_unknown(defect: Defect) -> bool:
    return not _is_number(defect.width_mm) and _is_number(defect.length_mm) and _is_number(defect.area_mm2)


def _is_shallow(defect: Defect, limit: Limit) -> bool:
    """An unprobed defect is judged by its length and width alone."""
    return defect.depth_mm is None or _is_within(defect.depth_mm, limit.deepest_mm)


def _within_sums(limit: Limit, defects: Sequence[Defect], surface_mm2: float) -> bool:
    if not len(defects) <= limit.most_defects(surface_mm2):
        return False
    return not defects or _fixed_point_area(defects) <= limit.most_area_mm2(surface_mm2) * UNITS_PER_MM2


def _is_within(value: float | None, bound: float | None) -> bool:
    return bound is None or _is_at_most(value, bound)


def _is_number(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _is_at_most(value: float | None, bound: float) -> bool:
    return value is not None and value <= bound


def _fixed_point_area(defects: Sequence[Defect]) -> int:
    return sum(to_fixed_point(defect.area_mm2) for defect in defects)


def _removal_text(limit: Limit, rest: Sequence[Defect], gone: tuple[Defect, ...], surface: SurfaceDefects) -> str:
    broken = [breach.text for breach in _size_bins_broken(limit, tuple(rest), surface.acuity)]
    if not _within_sums(limit, rest, surface.surface_mm2):
        return _sum_text(limit, rest, gone, surface.surface_mm2)
    return f"{_named(gone)} {broken[0][broken[0].index('(') :]}"


def _sum_text(limit: Limit, defects: Sequence[Defect], named: Sequence[Defect], surface_mm2: float) -> str:
    bounds = []
    if limit.max_count is not None and len(defects) > limit.max_count:
        bounds.append(f"{len(defects)} found, {limit.max_count or 'none'} allowed")
    elif not len(defects) <= limit.most_defects(surface_mm2):
        bounds.append(f"{len(defects)} found, {limit.max_per_dm2:g} allowed per dm²")
    most_mm2 = limit.most_area_mm2(surface_mm2)
    if not _fixed_point_area(defects) <= most_mm2 * UNITS_PER_MM2:
        bounds.append(f"{total_area_mm2(defects):.1f} mm² in total, {most_mm2:.4g} mm² allowed")
    return f"{_named(named)} ({'; '.join(bounds)})"


def _named(defects: Sequence[Defect]) -> str:
    kinds = " or ".join(sorted({defect.kind.value for defect in defects}))
    return f"{kinds} {', '.join(defect.id for defect in defects)}"


def _mm(value: float | None, adjective: str, noun: str) -> str:
    return f"{noun} unknown" if value is None else f"{value:.1f} mm {adjective}"
