"""The sizes of a defect measured in several views: the best estimate, and where views contradict each other."""

import itertools
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from phonegrade.core.inspection import Defect
from phonegrade.grading.multi_view.groups import DefectGroup
from phonegrade.grading.uncertainty.certainty import ERROR_RESOLVABLE, LENGTH_ERROR_SHARE

EQUALLY_FINE = 1.25
"""Views whose finest details differ by less than this factor count as equally fine, as handheld photos do."""
APART_ERRORS = 2.0
"""Two sizes contradict each other when they differ by more than this many standard deviations of their difference."""
LEAST_ERROR_MM = 1e-3
Measured = Literal["length_mm", "width_mm"]
"""Sizes that have an error."""
MEASURED: tuple[Measured, ...] = ("length_mm", "width_mm")
UNMEASURED = ("area_mm2", "depth_mm", "surface_share")
"""Sizes without a known error."""


def as_fine_as(group: DefectGroup, finest_mm: Sequence[float | None]) -> list[Defect]:
    """Return the members from views about as fine as the finest of them; `finest_mm` of each member's view."""
    known = [finest for finest in finest_mm if finest is not None]
    if not known:
        return list(group.members)
    coarsest = EQUALLY_FINE * min(known)
    return [
        member
        for member, finest in zip(group.members, finest_mm, strict=True)
        if finest is not None and finest <= coarsest
    ]


def best_sizes(group: DefectGroup, finest_mm: Sequence[float | None]) -> dict[str, float | None]:
    """Return every size of a defect with its error, in mm and mm²; `finest_mm` of each member's view.

    Only the views about as fine as the finest decide. Where every known size has an error and they agree within them:
    the inverse-variance weighted mean, with the smallest error, as views of one phone share their systematic errors.
    Else the upper median, so that one view of half a defect cannot halve it, nor one that shows too much double it.
    None where none of these views knows the size.
    """
    deciding = as_fine_as(group, finest_mm)
    sizes: dict[str, float | None] = {}
    for size in MEASURED:
        sizes[size], sizes[_error_name(size)] = _best(deciding, size)
    for name in UNMEASURED:
        values = sorted(value for member in deciding if (value := getattr(member, name)) is not None)
        sizes[name] = values[len(values) // 2] if values else None
    return sizes


def contradicted(group: DefectGroup, finest_mm: Sequence[float | None]) -> bool:
    """Return whether two views of any fineness differ on a size by more than their errors."""
    for size in MEASURED:
        known = [
            (getattr(member, size), _error_or_default(member, size, finest or 0.0))
            for member, finest in zip(group.members, finest_mm, strict=True)
            if getattr(member, size) is not None
        ]
        if not _agree(known):
            return True
    return False


def extremes(group: DefectGroup) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """Return the smallest and the largest value of every size over all views."""
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
    """Return whether all (value, standard deviation) agree within their errors."""
    pairs = itertools.combinations(known, 2)
    return all(abs(a - b) <= APART_ERRORS * math.hypot(one, other) for (a, one), (b, other) in pairs)


def _error_or_default(member: Defect, size: Measured, finest_mm: float) -> float:
    """Return the standard deviation; where it was not measured, the default that the odds of a grade use."""
    known: float | None = getattr(member, _error_name(size))
    if known is not None:
        return known
    share = LENGTH_ERROR_SHARE if size == "length_mm" else 0.0
    return math.hypot(share * getattr(member, size), ERROR_RESOLVABLE * finest_mm)


def _error_name(size: Measured) -> str:
    return f"{size.removesuffix('_mm')}_error_mm"
