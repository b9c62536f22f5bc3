"""The cosmetic half of a grading policy: ordered grades and the limits that each of them sets."""

from collections import Counter
from itertools import pairwise, product
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from phonegrade.configs.limit import Acuity, Limit, Scope
from phonegrade.configs.policy_part import (
    GradeName,
    MisplacedError,
    PolicyPart,
    Positive,
    Share,
    Source,
    model_limit,
)
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, Surface, View, Zone

_BOUNDS = (
    "max_count",
    "max_per_dm2",
    "longest_mm",
    "widest_mm",
    "deepest_mm",
    "total_area_mm2",
    "total_area_share",
)


class CosmeticGrade(PolicyPart):
    """One grade: its description, its limits, and the coarsest photo that can still prove them."""

    grade: GradeName
    description: str
    resolvable_mm: Positive
    """A surface reaches this grade only if its photo resolves defects this narrow."""
    resolvable_source: Source
    limits: tuple[Limit, ...]

    @model_validator(mode="after")
    def _each_scope_once(self) -> Self:
        """Refuse a defect under no limit or under two: exactly one rule must decide, so that it can be named."""
        limits = Counter(scope for limit in self.limits for scope in limit.scopes())
        for scope in product(Surface, Zone, DefectKind):
            if limits[scope] != 1:
                surface, zone, kind = scope
                times = "no limit covers" if not limits[scope] else f"{limits[scope]} limits cover"
                problem = f"grade {self.grade}: {times} kind {kind} in zone {zone} of surface {surface}"
                over = [index for index, limit in enumerate(self.limits) if limit.covers(*scope)]
                raise MisplacedError(("limits", over[-1]) if over else ("limits",), problem)
        return self

    def by_scope(self) -> dict[Scope, Limit]:
        """Return the one limit of each surface, zone and kind."""
        return {scope: limit for limit in self.limits for scope in limit.scopes()}


class LastGrade(PolicyPart):
    """The grade of every phone that reaches no better one; it has no limits."""

    grade: GradeName
    description: str


class CosmeticPolicy(PolicyPart):
    """Grades from best to worst, and which detections count."""

    min_confidence: Annotated[
        Annotated[Literal["model"], Tag("[model]")] | Annotated[dict[DefectKind, Share], Tag("[kinds]")],
        Discriminator(lambda value: "[model]" if isinstance(value, str) else "[kinds]"),
    ]
    """`model`: a detection counts from the model's own limit of its kind, on its surface and in its zone. Or a limit
    for each kind. A detection below its limit is listed and enters only the odds of a grade."""
    edge_min_confidence: dict[DefectKind, Share] = Field(default_factory=dict)
    """Where `min_confidence` names kinds, the same on edges; a kind left out counts there as on faces."""
    confidence_source: Source
    acuity: Acuity | None = None
    """What a viewer sees from a distance; needed where a limit names one."""
    grades: Annotated[tuple[CosmeticGrade, ...], Field(min_length=1)]
    last: LastGrade

    def counts_from(self, defect: Defect, surface: Surface) -> float:
        """Return the confidence from which a detection on `surface` counts."""
        if isinstance(self.min_confidence, str):
            return model_limit(defect.counts_from)
        usual = self.min_confidence[defect.kind]
        return self.edge_min_confidence.get(defect.kind, usual) if surface.view is View.EDGE else usual

    @property
    def listed_from(self) -> float:
        """The lowest confidence at which this policy counts a detection."""
        usual = self.min_confidence
        return 1.0 if isinstance(usual, str) else min((*usual.values(), *self.edge_min_confidence.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """Grade names, best first."""
        return (*(grade.grade for grade in self.grades), self.last.grade)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if isinstance(self.min_confidence, str):
            if self.edge_min_confidence:
                raise MisplacedError(("edge_min_confidence",), "cannot be combined with min_confidence: model")
        elif missing := [kind.value for kind in DefectKind if kind not in self.min_confidence]:
            raise MisplacedError(("min_confidence",), f"min_confidence lacks {', '.join(missing)}; or set it to model")
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"two grades of the same name: {', '.join(self.names)}")
        rules = Counter(limit.rule for grade in self.grades for limit in grade.limits)
        twice = [rule for rule, count in rules.items() if count > 1]
        if twice:
            raise MisplacedError(_last_rule(self.grades, twice[0]), f"two rules of the same name: {', '.join(twice)}")
        needed = [grade.resolvable_mm for grade in self.grades]
        if needed != sorted(needed):
            raise ValueError(f"resolvable_mm must not shrink from a better grade to a worse one: {needed}")
        for index, grade in enumerate(self.grades):
            for number, limit in enumerate(grade.limits):
                problem = limit.size_bin_problem(self.acuity)
                if problem is not None:
                    raise MisplacedError(("grades", index, "limits", number, "size_bins"), problem)
        return self

    @model_validator(mode="after")
    def _worse_allows_more(self) -> Self:
        """Refuse a worse grade that forbids what a better one allows: phones would skip it by mistake."""
        for index, (better, worse) in enumerate(pairwise(self.grades), 1):
            below = worse.by_scope()
            for scope, limit in better.by_scope().items():
                other = below[scope]
                bound = None if limit.max_count == 0 else _tighter(limit, other)
                if bound is not None:
                    raise MisplacedError(
                        ("grades", index, "limits", worse.limits.index(other), bound),
                        f"{other.rule} allows {bound} {getattr(other, bound):g}, less than {limit.rule} "
                        f"of the better grade {better.grade}",
                    )
        return self


def _last_rule(grades: tuple[CosmeticGrade, ...], rule: str) -> tuple[str | int, ...]:
    """Return the path of the last limit of that name."""
    named = [
        ("grades", index, "limits", number, "rule")
        for index, grade in enumerate(grades)
        for number, limit in enumerate(grade.limits)
        if limit.rule == rule
    ]
    return named[-1]


def _tighter(better: Limit, worse: Limit) -> str | None:
    """Return the first bound that is tighter in the worse grade; None where none is."""
    if worse.max_count == 0:
        return "max_count"
    for name in _BOUNDS:
        wide, narrow = getattr(better, name), getattr(worse, name)
        if narrow is not None and wide is not None and narrow < wide:
            return name
    return None
