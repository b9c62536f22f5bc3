"""Which limits of a grade a surface's defects break, and the fewest defects without which they hold."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from phonegrade.configs.cosmetic_policy import CosmeticGrade, Limit
from phonegrade.configs.inspection import Defect
from phonegrade.configs.vocabulary import Surface


class Breach(NamedTuple):
    """A broken limit: the defects behind it, and in words by how much."""

    limit: Limit
    defects: tuple[Defect, ...]
    text: str


def breaches(surface: Surface, defects: Sequence[Defect], grade: CosmeticGrade) -> tuple[Breach, ...]:
    """Every bound of `grade` that these defects of one surface break; a size that is no number breaks its bound."""
    return tuple(breach for limit in grade.limits for breach in _broken(limit, _under(limit, surface, defects)))


def fewest_removals(surface: Surface, defects: Sequence[Defect], grade: CosmeticGrade) -> tuple[Breach, ...]:
    """The smallest set of defects without which `grade` holds, by the limit that asks for their removal.

    Exact, because a policy puts every place under one limit of a grade: a defect over a size bound must go in any
    case, and taking away the largest areas first meets a count and an area bound with the fewest.
    """
    found: list[Breach] = []
    for limit in grade.limits:
        under = _under(limit, surface, defects)
        over = [defect for defect in under if _over_size(limit, defect)]
        found.extend(Breach(limit, (defect,), _size_text(limit, defect)) for defect in over)
        rest = sorted((defect for defect in under if defect not in over), key=lambda d: (-_area([d]), len(d.id), d.id))
        extra = next(n for n in range(len(rest) + 1) if _within_sums(limit, rest[n:]))
        if extra:
            found.append(Breach(limit, tuple(rest[:extra]), _sum_text(limit, rest, rest[:extra])))
    return tuple(found)


def _under(limit: Limit, surface: Surface, defects: Sequence[Defect]) -> tuple[Defect, ...]:
    return tuple(defect for defect in defects if limit.covers(surface, defect.zone, defect.kind))


def _broken(limit: Limit, under: tuple[Defect, ...]) -> list[Breach]:
    found = [Breach(limit, (defect,), _size_text(limit, defect)) for defect in under if _over_size(limit, defect)]
    if not _within_sums(limit, under):
        found.append(Breach(limit, under, _sum_text(limit, under, under)))
    return found


def _over_size(limit: Limit, defect: Defect) -> bool:
    return not (_at_most(defect.length_mm, limit.longest_mm) and _at_most(defect.width_mm, limit.widest_mm))


def _within_sums(limit: Limit, defects: Sequence[Defect]) -> bool:
    if limit.max_count is not None and len(defects) > limit.max_count:
        return False
    return not defects or _at_most(_area(defects), limit.total_area_mm2)


def _at_most(value: float | None, bound: float | None) -> bool:
    return bound is None or (value is not None and value <= bound)


def _area(defects: Sequence[Defect]) -> float:
    return math.fsum(math.inf if defect.area_mm2 is None else defect.area_mm2 for defect in defects)


def _size_text(limit: Limit, defect: Defect) -> str:
    sizes = []
    if not _at_most(defect.length_mm, limit.longest_mm):
        sizes.append(f"{_mm(defect.length_mm)} long, {limit.longest_mm:g} mm allowed")
    if not _at_most(defect.width_mm, limit.widest_mm):
        sizes.append(f"{_mm(defect.width_mm)} wide, {limit.widest_mm:g} mm allowed")
    return f"{defect.kind} {defect.id} ({'; '.join(sizes)})"


def _sum_text(limit: Limit, defects: Sequence[Defect], named: Sequence[Defect]) -> str:
    kinds = " or ".join(sorted({defect.kind.value for defect in named}))
    bounds = []
    if limit.max_count is not None and len(defects) > limit.max_count:
        bounds.append(f"{len(defects)} found, {limit.max_count or 'none'} allowed")
    if not _at_most(_area(defects), limit.total_area_mm2):
        bounds.append(f"{_area(defects):.1f} mm² together, {limit.total_area_mm2:g} mm² allowed")
    return f"{kinds} {', '.join(defect.id for defect in named)} ({'; '.join(bounds)})"


def _mm(value: float | None) -> str:
    return "of unknown size" if value is None else f"{value:.1f} mm"
