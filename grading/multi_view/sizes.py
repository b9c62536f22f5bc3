"""The sizes of a mark that several views measured: the best measured, and where views contradict each other."""

import itertools
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from phonegrade.core.inspection import Defect
from phonegrade.grading.multi_view.groups import Group
from phonegrade.grading.uncertainty.certainty import ERROR_RESOLVABLE, LENGTH_ERROR_SHARE

EQUALLY_FINE = 1.25
"""Views whose finest details differ by less than this factor see equally fine: photos of one phone by hand do."""
APART_ERRORS = 2.0
"""Two sizes contradict each other when they differ by more than so many standard deviations of their difference."""
LEAST_ERROR_MM = 1e-3
Measured = Literal["length_mm", "width_mm"]
"""Sizes that have an error."""
MEASURED: tuple[Measured, ...] = ("length_mm", "width_mm")
UNMEASURED = ("area_mm2", "depth_mm", "surface_share")
"""Sizes of which nobody knows an error."""


def as_fine_as(group: Group, finest_mm: Sequence[float | None]) -> list[Defect]:
    """The members from views as fine as the finest that shows the mark; `finest_mm` of each member's view."""
    known = [finest for finest in finest_mm if finest is not None]
    if not known:
        return list(group.members)
    coarsest = EQUALLY_FINE * min(known)
    return [
        member
        for member, finest in zip(group.members, finest_mm, strict=True)
        if finest is not None and finest <= coarsest
    ]


def best_sizes(group: Group, finest_mm: Sequence[float | None]) -> dict[str, float | None]:
    """Every size of a mark with its error, in mm, mm²; `finest_mm` of each member's view.

    Only the views as fine as the finest that shows the mark decide. Where all that know a size know its error too and
    agree within them, the mean weighted by inverse variance, with the smallest error, as views of one phone share what
    they get wrong. Else the upper median: one view that saw half of a mark cannot halve it, nor one that saw too much
    double it. None where none of these views knows it.
    """
    deciding = as_fine_as(group, finest_mm)
    found: dict[str, float | None] = {}
    for size in MEASURED:
        found[size], found[_error_name(size)] = _best(deciding, size)
    for name in UNMEASURED:
        values = sorted(value for member in deciding if (value := getattr(member, name)) is not None)
        found[name] = values[len(values) // 2] if values else None
    return found


def contradicted(group: Group, finest_mm: Sequence[float | None]) -> bool:
    """Whether two views of any fineness differ on a size by more than their errors."""
    for size in MEASURED:
        known = [
            (getattr(member, size), _error_or_guess(member, size, finest or 0.0))
            for member, finest in zip(group.members, finest_mm, strict=True)
            if getattr(member, size) is not None
        ]
        if not _agree(known):
            return True
    return False


def extremes(group: Group) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """The smallest and the largest of every size that any view gave a mark."""
    small: dict[str, float | None] = {}
    large: dict[str, float | None] = {}
    for size in (*MEASURED, *UNMEASURED):
        known = [value for member in group.members if (value := getattr(member, size)) is not None]
        small[size], large[size] = min(known, default=None), max(known, default=None)
    return small, large


def _best(deciding: Sequence[Defect], size: Measured) -> tuple[float | None, float | None]:
    known = sorted(
        (getattr(member, size), math.inf if (error := getattr(member, _error_name(size))) is None else error)
        for member in deciding
        if getattr(member, size) is not None
    )
    if not known:
        return None, None
    errors = [max(error, LEAST_ERROR_MM) for _, error in known]
    if len(known) > 1 and math.isfinite(max(errors)) and _agree(known):
        values, weights = np.array([value for value, _ in known]), np.array(errors) ** -2.0
        mean = float(np.clip(np.average(values, weights=weights), values[0], values[-1]))
        return mean, min(error for _, error in known)
    value, error = known[len(known) // 2]
    return value, None if math.isinf(error) else error


def _agree(known: Sequence[tuple[float, float]]) -> bool:
    """Whether all (value, standard deviation) are the same within their errors."""
    pairs = itertools.combinations(known, 2)
    return all(abs(a - b) <= APART_ERRORS * math.hypot(one, other) for (a, one), (b, other) in pairs)


def _error_or_guess(member: Defect, size: Measured, finest_mm: float) -> float:
    """One standard deviation; our reading, as a grade's odds draw it, where nobody measured it."""
    known: float | None = getattr(member, _error_name(size))
    if known is not None:
        return known
    share = LENGTH_ERROR_SHARE if size == "length_mm" else 0.0
    return math.hypot(share * getattr(member, size), ERROR_RESOLVABLE * finest_mm)


def _error_name(size: Measured) -> str:
    return f"{size.removesuffix('_mm')}_error_mm"
