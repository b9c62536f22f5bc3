"""The functional half of a grading policy: which tests decide, and what each functional state becomes."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from phonegrade.configs.policy_part import GradeName, PolicyPart, RuleName, Share, Source
from phonegrade.core.functional.report import FunctionalState, MeasureName, TestName, functional_vocabulary
from phonegrade.core.strict import OneOf

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,15}$")]
"""Name of a functional state, such as "1" or F5."""
BadState = Literal[FunctionalState.KEY_FUNCTIONS_ONLY, FunctionalState.PARTIAL_FAULT, FunctionalState.NON_FUNCTIONAL]
"""A state with a grade that may be held against the phone."""


def _lock_test(name: str) -> str:
    locks = functional_vocabulary().named("lock")
    if name not in locks:
        raise ValueError(f"{name!r} is not a lock test; valid ones are {', '.join(locks)}")
    return name


LockName = Annotated[TestName, AfterValidator(_lock_test), OneOf(lambda: functional_vocabulary().named("lock"))]


class Locks(PolicyPart):
    """Locks that put a phone outside grading; gates and deductions price the others."""

    refused: tuple[LockName, ...]
    """A failure of one of these means `not_accepted`."""
    required: tuple[LockName, ...]
    """Without a result for each of these there is no combined grade."""
    source: Source

    @model_validator(mode="after")
    def _required_are_refused(self) -> Self:
        odd = [name for name in self.required if name not in self.refused]
        if odd:
            raise ValueError(f"required, but not refused on failure: {', '.join(odd)}")
        return self


class Required(PolicyPart):
    """Further required tests and measures, besides key tests and required locks: no combined grade without a result."""

    roles: tuple[Literal["secondary", "authenticity"], ...] = ()
    """Every test of these roles; a secondary test of a part that the phone does not have needs no result."""
    tests: tuple[TestName, ...] = ()
    measures: tuple[MeasureName, ...] = ()
    source: Source

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.roles or self.tests or self.measures):
            raise ValueError("give at least one of roles, tests and measures")
        return self


class MeasureLimit(PolicyPart):
    """A measured number that counts like a secondary test: out of bounds fails, absent was not run."""

    measure: MeasureName
    at_least: FiniteFloat
    source: Source


class Condition(PolicyPart):
    """What makes a gate or a deduction apply: failed tests, a low measure, or a state and all worse ones."""

    rule: RuleName
    tests: tuple[TestName, ...] = ()
    """Any of them failing."""
    measure: MeasureName | None = None
    below: FiniteFloat | None = None
    """The measure is lower than this."""
    state: BadState | None = None
    """The phone is in this functional state or in a worse one."""
    when_untested: bool = False
    """Also when none of the tests failed but one of them, or the measure, is missing."""
    source: Source

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.measure is None) != (self.below is None):
            raise ValueError(f"{self.rule}: measure and below belong together")
        if (bool(self.tests), self.measure is not None, self.state is not None).count(True) != 1:
            raise ValueError(f"{self.rule}: give exactly one of tests, measure (with below) and state")
        if self.state is not None and self.when_untested:
            raise ValueError(f"{self.rule}: a state already covers untested functions; leave out when_untested")
        return self


class Gate(Condition):
    """A functional fact that caps the cosmetic grade: a panel fault, a weak battery, a part that is not original."""

    grade: GradeName
    """The cap on the cosmetic grade when the gate applies."""


class Deduction(Condition):
    """A functional fact that lowers the price and leaves the grade as it is."""

    share: Share
    """Of the value of the phone at its grade."""


class Codes(PolicyPart):
    """Name of each functional state in the combined grade, best first; two states may share one name."""

    genuine: Code
    """Fully functional, and every authenticity test passed."""
    fully_functional: Code
    key_functions_only: Code
    partial_fault: Code
    non_functional: Code
    source: Source

    @property
    def ordered(self) -> tuple[str, ...]:
        """Distinct names, best first."""
        return tuple(dict.fromkeys(self._listed))

    def rank(self, code: str) -> int:
        """Return the rank of a name among the distinct ones; 0 is best."""
        return self.ordered.index(code)

    @property
    def _listed(self) -> tuple[str, ...]:
        return (
            self.genuine,
            self.fully_functional,
            self.key_functions_only,
            self.partial_fault,
            self.non_functional,
        )

    @model_validator(mode="after")
    def _ordered_once(self) -> Self:
        listed, ranks = self._listed, [self.rank(code) for code in self._listed]
        if ranks != sorted(ranks):
            raise ValueError(f"a worse state may not share the name of a better one: {', '.join(listed)}")
        numbers = [int(code) for code in listed if code.isdecimal()]
        if len(numbers) == len(listed) and numbers != sorted(numbers):
            raise ValueError(f"a worse state may not have a lower digit: {', '.join(listed)}")
        return self


class FunctionalPolicy(PolicyPart):
    """How test results become a functional state, and the effect of that state on grade and price."""

    locks: Locks
    required: Required | None = None
    """Where left out, only key tests and required locks are required."""
    measures: tuple[MeasureLimit, ...]
    codes: Codes
    gates: tuple[Gate, ...] = ()
    deductions: tuple[Deduction, ...] = ()

    @property
    def required_tests(self) -> frozenset[str]:
        """Every test without whose result there is no combined grade: key tests, locks and what `required` names."""
        vocabulary = functional_vocabulary()
        own = set() if self.required is None else set(self.required.tests)
        for role in () if self.required is None else self.required.roles:
            own.update(vocabulary.named(role))
        return frozenset({*vocabulary.named("key"), *self.locks.required, *own})

    @property
    def required_measures(self) -> tuple[str, ...]:
        """Every measure without which there is no combined grade."""
        return () if self.required is None else self.required.measures

    @model_validator(mode="after")
    def _rules_once(self) -> Self:
        rules = [entry.rule for entry in (*self.gates, *self.deductions)]
        twice = sorted({rule for rule in rules if rules.count(rule) > 1})
        if twice:
            raise ValueError(f"two rules of the same name: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _locks_are_refused_or_priced(self) -> Self:
        for entry in (*self.gates, *self.deductions):
            both = [name for name in entry.tests if name in self.locks.refused]
            if both:
                raise ValueError(
                    f"{entry.rule}: a phone with a failed {', '.join(both)} is refused, so it has no price"
                )
        return self
