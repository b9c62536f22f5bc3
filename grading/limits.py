"""Which limits of a grade a surface's defects break, and the fewest defects without which they hold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.limit import Acuity, Limit, Over
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.fixed_point import MICRO_PER_MM2, to_fixed_point


class Breach(NamedTuple):
    """A broken limit: the defects behind it, and in words by how much."""

    limit: Limit
    defects: tuple[Defect, ...]
    text: str


@dataclass(frozen=True)
class Marked:
    """The counted defects of one surface."""

    surface: Surface
    surface_mm2: float
    defects: tuple[Defect, ...]
    acuity: Acuity | None

    def under(self, limit: Limit) -> tuple[Defect, ...]:
        """The defects that a limit speaks of."""
        return tuple(defect for defect in self.defects if limit.covers(self.surface, defect.zone, defect.kind))


def breaches(marked: Marked, grade: CosmeticGrade) -> tuple[Breach, ...]:
    """Every bound of `grade` that these defects break.

    A size that is no number breaks its bound, but for the width of a mark of known length and area: a photo may show
    that a hairline is there without showing how wide it is. It still counts by number, length and area.
    """
    found: list[Breach] = []
    for limit in grade.limits:
        under = marked.under(limit)
        found.extend(
            Breach(limit, (defect,), size_text(limit, defect)) for defect in under if _over_size(limit, defect)
        )
        found.extend(_tiers_broken(limit, under, marked.acuity))
        if not _within_sums(limit, under, marked.surface_mm2):
            found.append(Breach(limit, under, _sum_text(limit, under, under, marked.surface_mm2)))
    return tuple(found)


def fewest_removals(marked: Marked, grade: CosmeticGrade) -> tuple[Breach, ...]:
    """The smallest set of defects without which `grade` holds, by the limit that asks for their removal.

    Exact, because a policy puts every place under one limit of a grade and each tier inside the one before: a defect
    over a size bound must go in any case, and of the others those of the smallest area are kept first. The sets that
    keep within nested counts are a laminar matroid, so that greedy choice is the lightest of each number of defects.
    """
    found: list[Breach] = []
    for limit in grade.limits:
        under = marked.under(limit)
        over = [defect for defect in under if _over_size(limit, defect)]
        found.extend(Breach(limit, (defect,), size_text(limit, defect)) for defect in over)
        rest = [defect for defect in under if defect not in over]
        kept = _most_kept(limit, rest, marked)
        gone = tuple(defect for defect in rest if defect not in kept)
        if gone:
            found.append(Breach(limit, gone, _removal_text(limit, rest, gone, marked)))
    return tuple(found)


def size_bins_over(limit: Limit, acuity: Acuity | None) -> tuple[Over, ...]:
    """The sizes beyond which a mark belongs to each tier of a limit."""
    return tuple(tier.over(acuity) for tier in limit.size_bins)


def in_size_bins(limit: Limit, defect: Defect, acuity: Acuity | None) -> tuple[bool, ...]:
    """Whether a mark belongs to each tier of a limit: that it is longer and wider than the tier's sizes.

    Of a mark whose width alone is unknown its length decides, and it is in no tier that asks for a width alone. What
    belongs to a tier belongs to all before it, which hold the larger marks too.
    """
    inside, found = False, list[bool]()
    for over in reversed(size_bins_over(limit, acuity)):
        inside = inside or _is_larger(defect, over)
        found.append(inside)
    return tuple(reversed(found))


def _is_larger(defect: Defect, over: Over) -> bool:
    if _at_most(defect.length_mm, over.length_mm):
        return False
    return over.asks_length if _width_alone_unknown(defect) else not _at_most(defect.width_mm, over.width_mm)


def total_area_mm2(defects: Sequence[Defect]) -> float:
    """Area of all of them; a billion for one without a measure."""
    return _area_micro(defects) / MICRO_PER_MM2


def size_text(limit: Limit, defect: Defect) -> str:
    """A defect over a limit's sizes, in words."""
    sizes = []
    if not _within(defect.length_mm, limit.longest_mm):
        sizes.append(f"{_mm(defect.length_mm, 'long', 'length')}, {limit.longest_mm:g} mm allowed")
    if not _narrow(defect, limit):
        sizes.append(f"{_mm(defect.width_mm, 'wide', 'width')}, {limit.widest_mm:g} mm allowed")
    if not _shallow(defect, limit):
        sizes.append(f"{_mm(defect.depth_mm, 'deep', 'depth')}, {limit.deepest_mm:g} mm allowed")
    return f"{defect.kind} {defect.id} ({'; '.join(sizes)})"


def _most_kept(limit: Limit, rest: Sequence[Defect], marked: Marked) -> list[Defect]:
    kept: list[Defect] = []
    for defect in sorted(rest, key=lambda d: (to_fixed_point(d.area_mm2), d.length_mm or 0.0, len(d.id), d.id)):
        tried = [*kept, defect]
        if not _tiers_broken(limit, tuple(tried), marked.acuity) and _within_sums(limit, tried, marked.surface_mm2):
            kept = tried
    return kept


def _tiers_broken(limit: Limit, under: tuple[Defect, ...], acuity: Acuity | None) -> list[Breach]:
    found = []
    members = [in_size_bins(limit, defect, acuity) for defect in under]
    for number, tier in enumerate(limit.size_bins):
        large = tuple(defect for defect, inside in zip(under, members, strict=True) if inside[number])
        if len(large) > tier.max_count:
            bound = f"{len(large)} {tier.description}, {tier.max_count or 'none'} allowed"
            found.append(Breach(limit, large, f"{_named(large)} ({bound})"))
    return found


def _over_size(limit: Limit, defect: Defect) -> bool:
    return not (_within(defect.length_mm, limit.longest_mm) and _narrow(defect, limit) and _shallow(defect, limit))


def _narrow(defect: Defect, limit: Limit) -> bool:
    return _width_alone_unknown(defect) or _within(defect.width_mm, limit.widest_mm)


def _width_alone_unknown(defect: Defect) -> bool:
    return not _is_number(defect.width_mm) and _is_number(defect.length_mm) and _is_number(defect.area_mm2)


def _shallow(defect: Defect, limit: Limit) -> bool:
    """What nobody probed is judged by its length and width alone."""
    return defect.depth_mm is None or _within(defect.depth_mm, limit.deepest_mm)


def _within_sums(limit: Limit, defects: Sequence[Defect], surface_mm2: float) -> bool:
    if not len(defects) <= limit.most_marks(surface_mm2):
        return False
    return not defects or _area_micro(defects) <= limit.most_area_mm2(surface_mm2) * MICRO_PER_MM2


def _within(value: float | None, bound: float | None) -> bool:
    return bound is None or _at_most(value, bound)


def _is_number(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _at_most(value: float | None, bound: float) -> bool:
    return value is not None and value <= bound


def _area_micro(defects: Sequence[Defect]) -> int:
    return sum(to_fixed_point(defect.area_mm2) for defect in defects)


def _removal_text(limit: Limit, rest: Sequence[Defect], gone: tuple[Defect, ...], marked: Marked) -> str:
    broken = [breach.text for breach in _tiers_broken(limit, tuple(rest), marked.acuity)]
    if not _within_sums(limit, rest, marked.surface_mm2):
        return _sum_text(limit, rest, gone, marked.surface_mm2)
    return f"{_named(gone)} {broken[0][broken[0].index('(') :]}"


def _sum_text(limit: Limit, defects: Sequence[Defect], named: Sequence[Defect], surface_mm2: float) -> str:
    bounds = []
    if limit.max_count is not None and len(defects) > limit.max_count:
        bounds.append(f"{len(defects)} found, {limit.max_count or 'none'} allowed")
    elif not len(defects) <= limit.most_marks(surface_mm2):
        bounds.append(f"{len(defects)} found, {limit.max_per_dm2:g} allowed on each dm²")
    most_mm2 = limit.most_area_mm2(surface_mm2)
    if not _area_micro(defects) <= most_mm2 * MICRO_PER_MM2:
        bounds.append(f"{total_area_mm2(defects):.1f} mm² together, {most_mm2:.4g} mm² allowed")
    return f"{_named(named)} ({'; '.join(bounds)})"


def _named(defects: Sequence[Defect]) -> str:
    kinds = " or ".join(sorted({defect.kind.value for defect in defects}))
    return f"{kinds} {', '.join(defect.id for defect in defects)}"


def _mm(value: float | None, how: str, name: str) -> str:
    return f"{name} unknown" if value is None else f"{value:.1f} mm {how}"
