"""The functional half of a grading policy: which tests decide, and which digit each functional state becomes."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from phonegrade.configs.cosmetic_policy import GradeName, Source
from phonegrade.configs.functional import MeasureName, TestName, functional_vocabulary
from phonegrade.configs.strict import Strict

Digit = Annotated[int, Field(ge=0, le=9)]


def _lock_test(name: str) -> str:
    locks = functional_vocabulary().named("lock")
    if name not in locks:
        raise ValueError(f"{name!r} is no lock test; those are {', '.join(locks)}")
    return name


LockName = Annotated[TestName, AfterValidator(_lock_test)]


class Locks(Strict):
    """Locks put a phone outside grading."""

    refused: tuple[LockName, ...]
    """A failure of one of these means `not_accepted`."""
    required: tuple[LockName, ...]
    """Without a result for each of these there is no combined grade."""
    source: Source

    @model_validator(mode="after")
    def _required_are_refused(self) -> Self:
        odd = [name for name in self.required if name not in self.refused]
        if odd:
            raise ValueError(f"required, but a failure would not count: {', '.join(odd)}")
        return self


class PanelFault(Strict):
    """Faults inside the display panel: functional, and they bound the combined letter."""

    tests: tuple[TestName, ...]
    grade: GradeName
    """The combined letter is at best this when one of the tests fails."""
    source: Source


class MeasureLimit(Strict):
    """A measured number that counts like a secondary test: out of bounds fails, absent was not run."""

    measure: MeasureName
    at_least: FiniteFloat
    source: Source


class Digits(Strict):
    """The digit of each functional state; a smaller one is better."""

    genuine: Digit
    """Fully functional, and every authenticity test passed."""
    fully_functional: Digit
    key_functions_only: Digit
    partial_fault: Digit
    non_functional: Digit
    source: Source

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        order = [
            self.genuine,
            self.fully_functional,
            self.key_functions_only,
            self.partial_fault,
            self.non_functional,
        ]
        if order != sorted(order):
            raise ValueError(f"a worse state may not have a better digit: {order}")
        return self


class FunctionalPolicy(Strict):
    """How test results become a functional state and a digit."""

    locks: Locks
    panel_fault: PanelFault
    measures: tuple[MeasureLimit, ...]
    digits: Digits
