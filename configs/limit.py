"""One limit of a grade: what it allows of certain defect kinds in certain zones of certain surfaces."""

import math
from collections.abc import Iterator
from itertools import pairwise, product
from typing import Annotated, NamedTuple, Self

from pydantic import Field, NonNegativeInt, model_validator

from phonegrade.configs.policy_part import PolicyPart, Positive, RuleName, Share, Source
from phonegrade.core.vocabulary import DefectKind, Surface, Zone

Scope = tuple[Surface, Zone, DefectKind]
MM2_PER_DM2 = 1e4
_ARCMIN_PER_RADIAN = 60 * 180 / math.pi
_ANY = -1.0
"""Every defect is larger than this, even one of no length."""


class Acuity(PolicyPart):
    """The visual angles from which a viewer is assumed to see a defect."""

    long_arcmin: Positive
    wide_arcmin: Positive
    source: Source


class SizeThreshold(NamedTuple):
    """Sizes in mm; a defect is in a size bin when it is longer and wider than these."""

    length_mm: float
    width_mm: float

    @property
    def asks_length(self) -> bool:
        """Whether the size bin sets a length at all."""
        return self.length_mm > _ANY


class SizeBin(PolicyPart):
    """How many of the defects under a limit may be large, by size or by the distance from which they are visible."""

    longer_mm: Positive | None = None
    """Defects longer than this."""
    wider_mm: Positive | None = None
    """Defects wider than this."""
    visible_at_mm: Positive | None = None
    """Defects that a viewer at this distance sees; needs `cosmetic.acuity`."""
    max_count: NonNegativeInt

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        sized = self.longer_mm is not None or self.wider_mm is not None
        if sized == (self.visible_at_mm is not None):
            raise ValueError("give either longer_mm, wider_mm or both, or visible_at_mm alone")
        return self

    def over(self, acuity: Acuity | None) -> SizeThreshold:
        """Return the sizes beyond which a defect is in this bin. Raises ValueError for a distance without acuity."""
        if self.visible_at_mm is None:
            return SizeThreshold(
                _ANY if self.longer_mm is None else self.longer_mm, _ANY if self.wider_mm is None else self.wider_mm
            )
        if acuity is None:
            raise ValueError("visible_at_mm needs cosmetic.acuity, which says what a viewer sees")
        return SizeThreshold(
            self.visible_at_mm * math.tan(acuity.long_arcmin / _ARCMIN_PER_RADIAN),
            self.visible_at_mm * math.tan(acuity.wide_arcmin / _ARCMIN_PER_RADIAN),
        )

    @property
    def description(self) -> str:
        """Which defects the bin holds, in words."""
        if self.visible_at_mm is not None:
            return f"visible at {self.visible_at_mm / 10:g} cm"
        sizes = ((self.longer_mm, "longer"), (self.wider_mm, "wider"))
        return " and ".join(f"{word} than {mm:g} mm" for mm, word in sizes if mm is not None)


class Limit(PolicyPart):
    """What one grade allows of certain defect kinds in certain zones, on each of the listed surfaces.

    An absent bound sets no limit; `max_count: 0` forbids.
    """

    rule: RuleName
    kinds: Annotated[tuple[DefectKind, ...], Field(min_length=1)]
    surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)] = tuple(Surface)
    """All six where left out."""
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)] = tuple(Zone)
    """All of them where left out."""
    max_count: NonNegativeInt | None = None
    """Defects on one surface."""
    max_per_dm2: Positive | None = None
    """Defects per square decimetre of the surface; the front of a phone has about one."""
    longest_mm: Positive | None = None
    """Of each defect: of a scratch along its curve, of a crack its extent, of a patch its longer side."""
    widest_mm: Positive | None = None
    """Of each defect; one whose width alone is unknown does not break it."""
    deepest_mm: Positive | None = None
    """Of each defect that was probed; a photo alone never breaks this bound."""
    total_area_mm2: Positive | None = None
    """All defects of one surface in total."""
    total_area_share: Share | None = None
    """All defects of one surface in total, as a share of the surface."""
    size_bins: tuple[SizeBin, ...] = ()
    """How many of the defects may be larger, from the smallest size to the largest."""
    source: Source

    def covers(self, surface: Surface, zone: Zone | None, kind: DefectKind) -> bool:
        """Return whether a defect falls under this limit; an unknown zone falls under every zone."""
        return surface in self.surfaces and kind in self.kinds and (zone is None or zone in self.zones)

    def scopes(self) -> Iterator[Scope]:
        """Return every (surface, zone, kind) that this limit applies to."""
        return product(set(self.surfaces), set(self.zones), set(self.kinds))

    def most_defects(self, surface_mm2: float) -> float:
        """Return how many defects a surface of that area may have; infinite without a bound."""
        counted = math.inf if self.max_count is None else float(self.max_count)
        dense = math.inf if self.max_per_dm2 is None else self.max_per_dm2 * (surface_mm2 / MM2_PER_DM2)
        return min(counted, dense)

    def most_area_mm2(self, surface_mm2: float) -> float:
        """Return how much of a surface of that area the defects may cover; infinite without a bound."""
        fixed = math.inf if self.total_area_mm2 is None else self.total_area_mm2
        share = math.inf if self.total_area_share is None else self.total_area_share * surface_mm2
        return min(fixed, share)

    def size_bin_problem(self, acuity: Acuity | None) -> str | None:
        """Return what is wrong with `size_bins`, if anything.

        Each bin must lie inside the one before: then the smallest set of defects to remove is exact.
        """
        if acuity is None and any(size_bin.visible_at_mm is not None for size_bin in self.size_bins):
            return f"{self.rule}: visible_at_mm needs cosmetic.acuity, which says what a viewer sees"
        bins = [(size_bin.over(acuity), size_bin) for size_bin in self.size_bins]
        for (one, wider), (other, narrower) in pairwise(bins):
            if other.length_mm < one.length_mm or other.width_mm < one.width_mm:
                problem = f"defects {narrower.description} are not all {wider.description}"
                return f"{self.rule}: {problem}; list smaller sizes first"
            if narrower.max_count > wider.max_count:
                return f"{self.rule}: allows more defects {narrower.description} than {wider.description}"
        return None
