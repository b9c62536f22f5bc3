"""Which tests would have to pass for a better functional grade, or for a gate not to apply."""

from collections.abc import Iterable

from phonegrade.configs.functional_policy import FunctionalPolicy, Gate
from phonegrade.core.functional.report import FunctionalReport, FunctionalState, TestResult, functional_vocabulary
from phonegrade.grading.decision import Reason
from phonegrade.grading.explain.functional_words import passed
from phonegrade.grading.functional import (
    OBSTACLES,
    STATES,
    behind,
    check,
    code_of,
    having,
    missing,
    state_of,
)


def with_passed_tests(report: FunctionalReport, names: tuple[str, ...], policy: FunctionalPolicy) -> FunctionalReport:
    """Return the report as if these tests had passed and these measures met every bound of the policy."""
    tests = {name: TestResult.PASS for name in names if name in functional_vocabulary().tests}
    measures = {
        name: max([*_bounds(name, policy), report.measures.get(name, 0.0)])
        for name in names
        if name in functional_vocabulary().measures
    }
    return report.model_copy(update={"tests": {**report.tests, **tests}, "measures": {**report.measures, **measures}})


def next_functional(report: FunctionalReport, policy: FunctionalPolicy) -> tuple[str, Reason] | None:
    """Return the next better code and what it takes; None where the code is already the best or there is none."""
    code = code_of(check(report, policy), policy)
    if code is None:
        return None
    changed: list[str] = []
    for obstacle in OBSTACLES:
        changed.extend(having(check(report, policy), *obstacle))
        better = code_of(check(with_passed_tests(report, tuple(changed), policy), policy), policy)
        if better is not None and policy.codes.rank(better) < policy.codes.rank(code):
            text = f"if {passed(changed, least_of(changed, policy))}"
            return better, Reason(rule=f"function-{better}", text=text, tests=tuple(changed))
    return None


def opened_by(gate: Gate, report: FunctionalReport, policy: FunctionalPolicy) -> tuple[str, ...]:
    """Return the fewest tests and measures that must pass for a gate not to apply."""
    if gate.state is None:
        names = behind(gate, report)
        after = check(with_passed_tests(report, names, policy), policy)
        if state_of(after) is FunctionalState.UNTESTED is not state_of(check(report, policy)):
            return (*names, *missing(after))  # until now the failure masked them
        return names
    changed: list[str] = []
    for obstacle in OBSTACLES:
        changed.extend(having(check(report, policy), *obstacle))
        state = state_of(check(with_passed_tests(report, tuple(changed), policy), policy))
        if _better_than(state, gate.state):
            return tuple(changed)
    return tuple(changed)


def least_of(names: Iterable[str], policy: FunctionalPolicy) -> dict[str, float]:
    """Return, for each of these measures that the policy bounds, the least value that meets every bound."""
    bounds = {name: _bounds(name, policy) for name in names if name in functional_vocabulary().measures}
    return {name: max(least) for name, least in bounds.items() if least}


def _better_than(state: FunctionalState, other: FunctionalState) -> bool:
    return state is not FunctionalState.UNTESTED and STATES.index(state) < STATES.index(other)


def _bounds(measure: str, policy: FunctionalPolicy) -> list[float]:
    least = [limit.at_least for limit in policy.measures if limit.measure == measure]
    gates = [gate.below for gate in policy.gates if gate.measure == measure and gate.below is not None]
    return [*least, *gates]
