"""`grading.bounds` in columns: surfaces whose damage alone proves the worst cosmetic grade that damage can give."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.limit import Limit
from phonegrade.configs.policy import Policy
from phonegrade.core.arrays import Floats, Indices, Mask
from phonegrade.grading.bounds import MISSHAPEN, SHOWS_ANOTHER, ZONES_OF, worst_rank
from phonegrade.grading.fixed_point import to_fixed_point_column
from phonegrade.grading.limits import size_bins_over
from phonegrade.grading.vectorised.columns import SURFACES, UNKNOWN_ZONE, ZONES, DefectColumns, DeviceColumns
from phonegrade.grading.vectorised.limits import broken, covered, scope_of


def raised(columns: DeviceColumns, codes: Iterable[str]) -> Mask:
    """Return (N, 6): surfaces whose photo has one of these flags."""
    known = frozenset(codes)
    bits = sum(1 << position for position, name in enumerate(columns.flag_names) if name in known)
    return np.asarray((columns.surfaces.raised & np.uint64(bits)) != 0)


def proven_worst(columns: DeviceColumns, counted: Mask, policy: Policy) -> Mask:
    """Return (N, 6): surfaces whose `counted` (M,) defects already rule out every grade better than their worst."""
    lenient = _lenient(columns)
    trusted = columns.surfaces.present & ~raised(columns, SHOWS_ANOTHER)
    kept = np.flatnonzero(counted & trusted.reshape(-1)[columns.defects.at])
    worst = np.array([worst_rank(surface, policy) for surface in SURFACES])
    proven = np.broadcast_to(worst > 0, trusted.shape) & trusted
    for rank in range(int(worst.max(initial=0))):
        shut = _ruled_out(lenient, kept, policy.cosmetic.grades[rank], policy)
        proven = proven & (shut | (rank >= worst))
    return proven


def _lenient(columns: DeviceColumns) -> DeviceColumns:
    """Return the same devices, every defect as small as it may be, without a zone where the outline is unreliable."""
    defects, surfaces = columns.defects, columns.surfaces
    unplaced = (raised(columns, MISSHAPEN) | ~surfaces.measured).reshape(-1)[defects.at]

    def smallest(size: Floats) -> Floats:
        return np.where(unplaced | np.isnan(size), 0.0, size)

    small = replace(
        defects,
        zone=np.where(unplaced, UNKNOWN_ZONE, defects.zone).astype(np.uint8),
        length_mm=smallest(defects.length_mm),
        width_mm=smallest(defects.width_mm),
        area_mm2=smallest(defects.area_mm2),
    )
    endless = replace(surfaces, size_mm2=np.full(surfaces.size_mm2.shape, np.inf))
    return replace(columns, defects=small, surfaces=endless)


def _ruled_out(columns: DeviceColumns, kept: Indices, grade: CosmeticGrade, policy: Policy) -> Mask:
    """Return (N, 6): surfaces that certainly break a limit of `grade` with the defects `kept`."""
    defects = columns.defects
    placed = kept[defects.zone[kept] != UNKNOWN_ZONE]
    scopes, areas = scope_of(defects, placed), to_fixed_point_column(defects.area_mm2[placed])
    shut = np.zeros(columns.surfaces.present.shape, np.bool_)
    for limit in grade.limits:
        under = np.flatnonzero(covered(limit)[scopes])
        shut |= broken(limit, placed[under], areas[under], columns, policy)
    unplaced = kept[defects.zone[kept] == UNKNOWN_ZONE]
    everywhere = np.ones(len(unplaced), np.bool_)
    for number, surface in enumerate(SURFACES):
        here = defects.at[unplaced] % len(SURFACES) == number
        for zone in ZONES_OF[surface.view]:
            everywhere &= ~here | _alone(defects, unplaced, ZONES.index(zone), grade, policy)
    shut.reshape(-1)[defects.at[unplaced[everywhere]]] = True
    return shut


def _alone(defects: DefectColumns, at: Indices, zone: int, grade: CosmeticGrade, policy: Policy) -> Mask:
    """Return (len(at),): defects that break a limit of `grade` in `zone` on their own."""
    there = replace(defects, zone=np.full(len(defects.zone), zone, np.uint8))
    scopes, breaks = scope_of(there, at), np.zeros(len(at), np.bool_)
    for limit in grade.limits:
        breaks |= covered(limit)[scopes] & _breaks_alone(limit, defects, at, policy)
    return breaks


def _breaks_alone(limit: Limit, defects: DefectColumns, at: Indices, policy: Policy) -> Mask:
    length, width, area = defects.length_mm[at], defects.width_mm[at], defects.area_mm2[at]
    breaks = np.full(len(at), limit.max_count == 0)
    for value, most in ((length, limit.longest_mm), (width, limit.widest_mm), (area, limit.total_area_mm2)):
        if most is not None:
            breaks |= value > most
    if limit.deepest_mm is not None:
        breaks |= defects.depth_mm[at] > limit.deepest_mm
    for size_bin, sizes in zip(limit.size_bins, size_bins_over(limit, policy.cosmetic.acuity), strict=True):
        if size_bin.max_count == 0:
            breaks |= (length > sizes.length_mm) & (width > sizes.width_mm)
    return breaks
