"""The value of each grade, the cost of a wrong one, and when a grade needs manual review."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, model_validator

from phonegrade.configs.policy_part import GradeName, MisplacedError, PolicyPart, Share, Source

Coverage = Annotated[float, Field(gt=0.0, lt=1.0)]


class ValuePolicy(PolicyPart):
    """Money, as shares of the price of the best grade."""

    value_share: dict[GradeName, Share]
    """By grade; never more for a worse one."""
    costs: dict[GradeName, dict[GradeName, NonNegativeFloat]]
    """costs[given][true]: what it costs to give one grade where another is true; 0 where they agree."""
    source: Source

    @model_validator(mode="after")
    def _square(self) -> Self:
        names = list(self.value_share)
        for path in (("costs",), *(("costs", given) for given in self.costs)):
            named: Iterable[str] = self.costs if len(path) == 1 else self.costs[path[1]]
            if list(named) != names:
                raise MisplacedError(path, f"must name the grades of value_share in the same order: {', '.join(names)}")
        if sorted(self.value_share.values(), reverse=True) != list(self.value_share.values()):
            raise MisplacedError(("value_share",), "a worse grade may not have a larger share")
        for index, (given, costs) in enumerate(self.costs.items()):
            row = list(costs.values())
            better, worse = row[: index + 1], row[index:]
            if row[index] != 0 or better != sorted(better, reverse=True) or worse != sorted(worse):
                problem = f"the costs of giving {given} must be 0 where it is true and grow with the distance from it"
                raise MisplacedError(("costs", given), problem)
        return self


class ReviewPolicy(PolicyPart):
    """When a grade needs manual review."""

    coverage: Coverage
    """The prediction set is to contain the true grade at least this often; a calibration guarantees it."""
    max_expected_cost: Share
    """Of the grade given; above this it needs manual review."""
    source: Source
