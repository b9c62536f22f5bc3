"""The cosmetic half of a grading policy: ordered grades and the limits that each of them sets."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, model_validator

from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import DefectKind, Surface, Zone

Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
GradeName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,7}$")]
RuleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Source = Annotated[str, Field(min_length=3)]
"""Which public source a value comes from, or "our reading" and why."""
Place = tuple[Surface, Zone, DefectKind]


class Limit(Strict):
    """What one grade allows of some defect kinds in some zones of each listed surface, every surface for itself.

    A bound that is absent is unlimited; `max_count: 0` forbids.
    """

    rule: RuleName
    kinds: Annotated[tuple[DefectKind, ...], Field(min_length=1)]
    surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)] = tuple(Surface)
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)] = tuple(Zone)
    max_count: NonNegativeInt | None = None
    longest_mm: Positive | None = None
    widest_mm: Positive | None = None
    total_area_mm2: Positive | None = None
    source: Source

    def covers(self, surface: Surface, zone: Zone | None, kind: DefectKind) -> bool:
        """Whether a defect falls under this limit; an unknown zone falls under every zone's."""
        return surface in self.surfaces and kind in self.kinds and (zone is None or zone in self.zones)

    def places(self) -> Iterator[Place]:
        """Every (surface, zone, kind) that this limit speaks of."""
        return product(set(self.surfaces), set(self.zones), set(self.kinds))


class CosmeticGrade(Strict):
    """One grade: its words, its limits, and the coarsest photo that can still prove them."""

    grade: GradeName
    words: str
    resolvable_mm: Positive
    """A surface reaches this grade only if its photo could show marks this narrow."""
    resolvable_source: Source
    limits: tuple[Limit, ...]

    @model_validator(mode="after")
    def _each_place_once(self) -> Self:
        """No defect may fall between the limits, and none under two of them: then one rule decides and can be named."""
        spoken = Counter(place for limit in self.limits for place in limit.places())
        for place in product(Surface, Zone, DefectKind):
            if spoken[place] != 1:
                surface, zone, kind = place
                times = "no limit covers" if not spoken[place] else f"{spoken[place]} limits cover"
                raise ValueError(f"grade {self.grade}: {times} kind {kind} in zone {zone} of surface {surface}")
        return self


class LastGrade(Strict):
    """The grade of whatever fits no better one; it has no limits."""

    grade: GradeName
    words: str


class CosmeticPolicy(Strict):
    """Grades from best to worst, and which detections count."""

    min_confidence: dict[DefectKind, Share]
    """By kind: a detection below this is listed in the report and does not count."""
    confidence_source: Source
    grades: Annotated[tuple[CosmeticGrade, ...], Field(min_length=1)]
    last: LastGrade

    @property
    def names(self) -> tuple[str, ...]:
        """Grade names, best first."""
        return (*(grade.grade for grade in self.grades), self.last.grade)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        missing = [kind.value for kind in DefectKind if kind not in self.min_confidence]
        if missing:
            raise ValueError(f"min_confidence lacks {', '.join(missing)}")
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"a grade is named twice: {', '.join(self.names)}")
        rules = Counter(limit.rule for grade in self.grades for limit in grade.limits)
        twice = [rule for rule, count in rules.items() if count > 1]
        if twice:
            raise ValueError(f"rule named twice: {', '.join(twice)}")
        needed = [grade.resolvable_mm for grade in self.grades]
        if needed != sorted(needed):
            raise ValueError(f"resolvable_mm must not shrink from a better grade to a worse one: {needed}")
        return self
