"""One limit of a grade: what it allows of some defect kinds in some zones of some surfaces."""

import math
from collections.abc import Iterator
from itertools import pairwise, product
from typing import Annotated, NamedTuple, Self

from pydantic import Field, NonNegativeInt, model_validator

from phonegrade.configs.policy_part import PolicyPart, Positive, RuleName, Share, Source
from phonegrade.core.vocabulary import DefectKind, Surface, Zone

Place = tuple[Surface, Zone, DefectKind]
MM2_PER_DM2 = 1e4
_ARCMIN_PER_RADIAN = 60 * 180 / math.pi
_ANY = -1.0
"""Every mark is larger than this, even one of no length."""


class Acuity(PolicyPart):
    """The angles that a mark must span before a viewer is taken to see it."""

    long_arcmin: Positive
    wide_arcmin: Positive
    source: Source


class Over(NamedTuple):
    """A mark is in a tier when it is longer and wider than this, in mm."""

    length_mm: float
    width_mm: float

    @property
    def asks_length(self) -> bool:
        """Whether the tier names a length at all."""
        return self.length_mm > _ANY


class SizeBin(PolicyPart):
    """How many of the marks under a limit may be large, told by size or by the distance from which they are seen."""

    longer_mm: Positive | None = None
    """Marks longer than this."""
    wider_mm: Positive | None = None
    """Marks wider than this."""
    visible_at_mm: Positive | None = None
    """Marks that a viewer at this distance sees; needs `cosmetic.acuity`."""
    max_count: NonNegativeInt

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        sized = self.longer_mm is not None or self.wider_mm is not None
        if sized == (self.visible_at_mm is not None):
            raise ValueError("say either longer_mm and wider_mm, or visible_at_mm")
        return self

    def over(self, acuity: Acuity | None) -> Over:
        """The sizes beyond which a mark belongs to this tier; raises ValueError for a distance without acuity."""
        if self.visible_at_mm is None:
            return Over(
                _ANY if self.longer_mm is None else self.longer_mm, _ANY if self.wider_mm is None else self.wider_mm
            )
        if acuity is None:
            raise ValueError("visible_at_mm needs cosmetic.acuity, which says what a viewer sees")
        return Over(
            self.visible_at_mm * math.tan(acuity.long_arcmin / _ARCMIN_PER_RADIAN),
            self.visible_at_mm * math.tan(acuity.wide_arcmin / _ARCMIN_PER_RADIAN),
        )

    @property
    def description(self) -> str:
        """Which marks are meant."""
        if self.visible_at_mm is not None:
            return f"visible at {self.visible_at_mm / 10:g} cm"
        sizes = ((self.longer_mm, "longer"), (self.wider_mm, "wider"))
        return " and ".join(f"{word} than {mm:g} mm" for mm, word in sizes if mm is not None)


class Limit(PolicyPart):
    """What one grade allows of some defect kinds in some zones of each listed surface, every surface for itself.

    A bound that is absent is unlimited; `max_count: 0` forbids.
    """

    rule: RuleName
    kinds: Annotated[tuple[DefectKind, ...], Field(min_length=1)]
    surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)] = tuple(Surface)
    """All six where left out."""
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)] = tuple(Zone)
    """All of them where left out."""
    max_count: NonNegativeInt | None = None
    """Marks on one surface."""
    max_per_dm2: Positive | None = None
    """Marks on each square decimetre of the surface; the front of a phone has about one."""
    longest_mm: Positive | None = None
    """Of each mark: of a scratch along its curve, of a crack its extent, of a patch its longer side."""
    widest_mm: Positive | None = None
    """Of each mark; one whose width alone is unknown does not break it."""
    deepest_mm: Positive | None = None
    """Of each mark that was felt or probed; a photo alone never breaks this bound."""
    total_area_mm2: Positive | None = None
    """All marks of one surface together."""
    total_area_share: Share | None = None
    """All marks of one surface together, as a share of the surface."""
    size_bins: tuple[SizeBin, ...] = ()
    """Size bins: how many of the marks may be larger, from the smallest size to the largest."""
    source: Source

    def covers(self, surface: Surface, zone: Zone | None, kind: DefectKind) -> bool:
        """Whether a defect falls under this limit; an unknown zone falls under every zone's."""
        return surface in self.surfaces and kind in self.kinds and (zone is None or zone in self.zones)

    def places(self) -> Iterator[Place]:
        """Every (surface, zone, kind) that this limit speaks of."""
        return product(set(self.surfaces), set(self.zones), set(self.kinds))

    def most_marks(self, surface_mm2: float) -> float:
        """How many marks a surface of that area may have; infinite where nothing bounds them."""
        counted = math.inf if self.max_count is None else float(self.max_count)
        dense = math.inf if self.max_per_dm2 is None else self.max_per_dm2 * (surface_mm2 / MM2_PER_DM2)
        return min(counted, dense)

    def most_area_mm2(self, surface_mm2: float) -> float:
        """How much of a surface of that area the marks may cover; infinite where nothing bounds it."""
        fixed = math.inf if self.total_area_mm2 is None else self.total_area_mm2
        share = math.inf if self.total_area_share is None else self.total_area_share * surface_mm2
        return min(fixed, share)

    def size_bin_problem(self, acuity: Acuity | None) -> str | None:
        """What is wrong with `size_bins`, if anything.

        Each tier must hold a part of the one before: then the fewest marks to take away are found exactly.
        """
        if acuity is None and any(tier.visible_at_mm is not None for tier in self.size_bins):
            return f"{self.rule}: visible_at_mm needs cosmetic.acuity, which says what a viewer sees"
        tiers = [(tier.over(acuity), tier) for tier in self.size_bins]
        for (one, wider), (other, narrower) in pairwise(tiers):
            if other.length_mm < one.length_mm or other.width_mm < one.width_mm:
                said = f"marks {narrower.description} are not all {wider.description}"
                return f"{self.rule}: {said}; list smaller ones first"
            if narrower.max_count > wider.max_count:
                return f"{self.rule}: allows more marks {narrower.description} than {wider.description}"
        return None
