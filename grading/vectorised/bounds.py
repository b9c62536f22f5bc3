"""`bounds.proven` in columns: which surfaces have the worst grade that damage can, whatever their photos are like."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.limit import Limit
from phonegrade.configs.policy import Policy
from phonegrade.grading.bounds import MISSHAPEN, SHOWS_ANOTHER, ZONES_OF, worst_place
from phonegrade.grading.fixed_point import to_fixed_point_column
from phonegrade.grading.limits import size_bins_over
from phonegrade.grading.vectorised.columns import SURFACES, UNKNOWN_ZONE, ZONES, Columns, Flags, Marks, Numbers
from phonegrade.grading.vectorised.limits import broken, covered, places_of

Scenarios = NDArray[np.intp]


def raised(columns: Columns, codes: Iterable[str]) -> Flags:
    """(N, 6): surfaces whose photo has one of these flags."""
    known = frozenset(codes)
    bits = sum(1 << place for place, name in enumerate(columns.flag_names) if name in known)
    return np.asarray((columns.surfaces.raised & np.uint64(bits)) != 0)


def proven_worst(columns: Columns, counted: Flags, policy: Policy) -> Flags:
    """(N, 6): surfaces whose `counted` (M,) marks already shut every grade that is better than their worst."""
    lenient = _lenient(columns)
    trusted = columns.surfaces.present & ~raised(columns, SHOWS_ANOTHER)
    kept = np.flatnonzero(counted & trusted.reshape(-1)[columns.marks.at])
    worst = np.array([worst_place(surface, policy) for surface in SURFACES])
    proven = np.broadcast_to(worst > 0, trusted.shape) & trusted
    for rank in range(int(worst.max(initial=0))):
        shut = _shut(lenient, kept, policy.cosmetic.grades[rank], policy)
        proven = proven & (shut | (rank >= worst))
    return proven


def _lenient(columns: Columns) -> Columns:
    """The same devices, every mark as small as it may be, and without a zone where no outline is to be trusted."""
    marks, surfaces = columns.marks, columns.surfaces
    unplaced = (raised(columns, MISSHAPEN) | ~surfaces.measured).reshape(-1)[marks.at]

    def smallest(size: Numbers) -> Numbers:
        return np.where(unplaced | np.isnan(size), 0.0, size)

    small = replace(
        marks,
        zone=np.where(unplaced, UNKNOWN_ZONE, marks.zone).astype(np.uint8),
        length_mm=smallest(marks.length_mm),
        width_mm=smallest(marks.width_mm),
        area_mm2=smallest(marks.area_mm2),
    )
    endless = replace(surfaces, size_mm2=np.full(surfaces.size_mm2.shape, np.inf))
    return replace(columns, marks=small, surfaces=endless)


def _shut(columns: Columns, kept: Scenarios, grade: CosmeticGrade, policy: Policy) -> Flags:
    """(N, 6): surfaces that surely break a limit of `grade` with the marks `kept`."""
    marks = columns.marks
    placed = kept[marks.zone[kept] != UNKNOWN_ZONE]
    places, micros = places_of(marks, placed), to_fixed_point_column(marks.area_mm2[placed])
    shut = np.zeros(columns.surfaces.present.shape, np.bool_)
    for limit in grade.limits:
        under = np.flatnonzero(covered(limit)[places])
        shut |= broken(limit, placed[under], micros[under], columns, policy)
    unplaced = kept[marks.zone[kept] == UNKNOWN_ZONE]
    everywhere = np.ones(len(unplaced), np.bool_)
    for number, surface in enumerate(SURFACES):
        here = marks.at[unplaced] % len(SURFACES) == number
        for zone in ZONES_OF[surface.view]:
            everywhere &= ~here | _alone(marks, unplaced, ZONES.index(zone), grade, policy)
    shut.reshape(-1)[marks.at[unplaced[everywhere]]] = True
    return shut


def _alone(marks: Marks, at: Scenarios, zone: int, grade: CosmeticGrade, policy: Policy) -> Flags:
    """(len(at),): marks that by themselves break a limit of `grade` in `zone`."""
    there = replace(marks, zone=np.full(len(marks.zone), zone, np.uint8))
    places, found = places_of(there, at), np.zeros(len(at), np.bool_)
    for limit in grade.limits:
        found |= covered(limit)[places] & _breaks_alone(limit, marks, at, policy)
    return found


def _breaks_alone(limit: Limit, marks: Marks, at: Scenarios, policy: Policy) -> Flags:
    length, width, area = marks.length_mm[at], marks.width_mm[at], marks.area_mm2[at]
    found = np.full(len(at), limit.max_count == 0)
    for value, most in ((length, limit.longest_mm), (width, limit.widest_mm), (area, limit.total_area_mm2)):
        if most is not None:
            found |= value > most
    if limit.deepest_mm is not None:
        found |= marks.depth_mm[at] > limit.deepest_mm
    for tier, sizes in zip(limit.size_bins, size_bins_over(limit, policy.cosmetic.acuity), strict=True):
        if tier.max_count == 0:
            found |= (length > sizes.length_mm) & (width > sizes.width_mm)
    return found
