"""The limits of a grade in columns: which surfaces of many devices break one."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.limit import Limit
from phonegrade.configs.policy import Policy
from phonegrade.core.arrays import Floats, Mask
from phonegrade.grading.fixed_point import UNITS_PER_MM2
from phonegrade.grading.limits import size_bins_over
from phonegrade.grading.vectorised.columns import KINDS, SURFACES, UNKNOWN_ZONE, ZONES, DefectColumns, DeviceColumns


def scope_of(defects: DefectColumns, kept: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the number of the scope (surface, zone, kind) of each of these defects, as `covered` counts them."""
    zones = (defects.at[kept] % len(SURFACES)) * (len(ZONES) + 1) + defects.zone[kept]
    return np.asarray(zones * len(KINDS) + defects.kind[kept], np.int64)


@lru_cache(maxsize=1024)
def covered(limit: Limit) -> Mask:
    """Return which of the numbered scopes a limit applies to, read-only; an unknown zone falls under every zone."""
    table = [
        limit.covers(surface, None if zone == UNKNOWN_ZONE else ZONES[zone], kind)
        for surface in SURFACES
        for zone in range(len(ZONES) + 1)
        for kind in KINDS
    ]
    scopes = np.array(table)
    scopes.flags.writeable = False
    return scopes


def broken(
    limit: Limit, under: NDArray[np.intp], areas: NDArray[np.int64], columns: DeviceColumns, policy: Policy
) -> Mask:
    """Return (N, 6): surfaces that break a limit with the defects `under` it, whose fixed-point areas are `areas`."""
    defects, shape = columns.defects, columns.surfaces.present.shape
    at, length, width = defects.at[under], defects.length_mm[under], defects.width_mm[under]
    unknown = np.isnan(width) & ~np.isnan(length) & ~np.isnan(defects.area_mm2[under])
    size = np.nan_to_num(columns.surfaces.size_mm2, posinf=np.inf)
    over = np.zeros(len(under), np.bool_)
    if limit.longest_mm is not None:
        over |= ~(length <= limit.longest_mm)
    if limit.widest_mm is not None:
        over |= ~(width <= limit.widest_mm) & ~unknown
    if limit.deepest_mm is not None:
        over |= defects.depth_mm[under] > limit.deepest_mm
    broken = np.zeros(shape, np.bool_)
    broken.reshape(-1)[at[over]] = True
    if limit.max_count is not None or limit.max_per_dm2 is not None:
        broken |= sum_by_surface(np.ones(len(under), np.int64), at, shape) > _most_defects(limit, size)
    if limit.total_area_mm2 is not None or limit.total_area_share is not None:
        broken |= sum_by_surface(areas, at, shape) > _most_area(limit, size) * UNITS_PER_MM2
    large = np.zeros(len(under), np.bool_)
    for size_bin, sizes in reversed(
        list(zip(limit.size_bins, size_bins_over(limit, policy.cosmetic.acuity), strict=True))
    ):
        wide = np.where(unknown, sizes.asks_length, ~(width <= sizes.width_mm))
        large |= ~(length <= sizes.length_mm) & wide
        broken |= sum_by_surface(large.astype(np.int64), at, shape) > size_bin.max_count
    return broken


def _most_defects(limit: Limit, size_mm2: Floats) -> Floats:
    known, position = np.unique(size_mm2, return_inverse=True)
    return np.array([limit.most_defects(float(size)) for size in known])[position].reshape(size_mm2.shape)


def _most_area(limit: Limit, size_mm2: Floats) -> Floats:
    known, position = np.unique(size_mm2, return_inverse=True)
    return np.array([limit.most_area_mm2(float(size)) for size in known])[position].reshape(size_mm2.shape)


def sum_by_surface(values: NDArray[np.int64], at: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the sums of `values` by surface; exact for whole numbers far below 2**53."""
    return np.asarray(np.bincount(at, weights=values, minlength=shape[0] * shape[1]).reshape(shape), np.float64)
