"""Functional grading: test results -> a functional state, its code, and its effect on cosmetic grade and price."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from phonegrade.configs.functional_policy import Condition, FunctionalPolicy, Gate
from phonegrade.core.functional.report import FunctionalReport, FunctionalState, Role, TestResult, functional_vocabulary
from phonegrade.grading.decision import Deducted, FunctionalOutcome, Reason
from phonegrade.grading.explain.functional_words import display_names, failed, few, joined, listed, not_tested

OBSTACLES: tuple[tuple[Role, TestResult], ...] = (
    ("key", TestResult.FAIL),
    ("key", TestResult.NOT_RUN),
    ("secondary", TestResult.FAIL),
    ("secondary", TestResult.NOT_RUN),
    ("authenticity", TestResult.FAIL),
    ("authenticity", TestResult.NOT_RUN),
)
"""Worst first: a state can only improve by clearing these in order."""
STATES = tuple(FunctionalState)
_STATE_WORDS = {
    FunctionalState.KEY_FUNCTIONS_ONLY: "a secondary function was not tested",
    FunctionalState.PARTIAL_FAULT: "a secondary function failed",
    FunctionalState.NON_FUNCTIONAL: "a key function failed",
}


class Checked(NamedTuple):
    """A test or measure that decides, with the result that counts."""

    role: Role
    result: TestResult
    required: bool
    """Without a result there is no grade."""


def grade_functional(
    report: FunctionalReport | None, policy: FunctionalPolicy, cosmetic_grades: tuple[str, ...]
) -> FunctionalOutcome:
    """Return state, code, gates, deductions and reasons; `cosmetic_grades` are the policy's, best first.

    A test that was not run never counts as a pass; without any report the state is `untested`.
    """
    if report is None:
        text = "no functional test results were given, so functions and locks are untested"
        reason = Reason(rule="no_functional_report", text=text)
        return FunctionalOutcome(
            state=FunctionalState.UNTESTED, code=None, grade_cap=None, deductions=(), reasons=(reason,)
        )
    checked = check(report, policy)
    state = state_of(checked)
    gates = [gate for gate in policy.gates if fires(gate, report, state)]
    return FunctionalOutcome(
        state=state,
        code=code_of(checked, policy),
        grade_cap=max((gate.grade for gate in gates), key=cosmetic_grades.index, default=None),
        deductions=tuple(
            Deducted(reason=_deduction_reason(rule, report, state), share=rule.share)
            for rule in policy.deductions
            if fires(rule, report, state)
        ),
        reasons=(
            *_state_reasons(state, checked, report, policy),
            *(gate_reason(gate, report, state) for gate in gates),
        ),
    )


def check(report: FunctionalReport, policy: FunctionalPolicy) -> dict[str, Checked]:
    """Return every test that decides, with the result that counts; measures with a limit count as secondary tests."""
    checked: dict[str, Checked] = {}
    required = policy.required_tests
    for name, test in functional_vocabulary().tests.items():
        result, must_be_run = report.result(name), name in required
        # only a secondary part can be absent from a phone; a key function, a lock or a part's origin always applies
        if result is TestResult.NOT_APPLICABLE and test.role != "secondary" and (must_be_run or test.role != "lock"):
            result = TestResult.NOT_RUN
        if test.role == "lock" and not (must_be_run and result is TestResult.NOT_RUN):
            refused = name in policy.locks.refused and result is TestResult.FAIL
            result = TestResult.FAIL if refused else TestResult.NOT_APPLICABLE
        checked[name] = Checked(test.role, result, must_be_run)
    for measure in policy.required_measures:
        known = TestResult.NOT_RUN if report.measures.get(measure) is None else TestResult.PASS
        checked[measure] = Checked("secondary", known, required=True)
    for limit in policy.measures:
        result = _measured(report, limit.measure, limit.at_least)
        checked[limit.measure] = Checked("secondary", result, limit.measure in policy.required_measures)
    return checked


def state_of(checked: Mapping[str, Checked]) -> FunctionalState:
    """Return the functional state of these results."""
    if having(checked, "lock", TestResult.FAIL):
        return FunctionalState.NOT_ACCEPTED
    if having(checked, "lock", TestResult.NOT_RUN):
        return FunctionalState.UNTESTED
    if having(checked, "key", TestResult.FAIL):
        return FunctionalState.NON_FUNCTIONAL
    if missing(checked):
        return FunctionalState.UNTESTED
    if having(checked, "secondary", TestResult.FAIL):
        return FunctionalState.PARTIAL_FAULT
    if having(checked, "secondary", TestResult.NOT_RUN):
        return FunctionalState.KEY_FUNCTIONS_ONLY
    return FunctionalState.FULLY_FUNCTIONAL


def code_of(checked: Mapping[str, Checked], policy: FunctionalPolicy) -> str | None:
    """Return the policy's code of the state; None where untested or not accepted."""
    match state_of(checked):
        case FunctionalState.FULLY_FUNCTIONAL:
            genuine = all(test.result is TestResult.PASS for test in checked.values() if test.role == "authenticity")
            return policy.codes.genuine if genuine else policy.codes.fully_functional
        case FunctionalState.KEY_FUNCTIONS_ONLY:
            return policy.codes.key_functions_only
        case FunctionalState.PARTIAL_FAULT:
            return policy.codes.partial_fault
        case FunctionalState.NON_FUNCTIONAL:
            return policy.codes.non_functional
        case FunctionalState.UNTESTED | FunctionalState.NOT_ACCEPTED:
            return None


def fires(condition: Condition, report: FunctionalReport, state: FunctionalState) -> bool:
    """Return whether a gate or deduction applies; a failure always counts, a missing result if the policy says so."""
    if condition.state is not None:
        graded = state not in (FunctionalState.UNTESTED, FunctionalState.NOT_ACCEPTED)
        return graded and STATES.index(state) >= STATES.index(condition.state)
    results = _results(condition, report).values()
    untested = condition.when_untested and TestResult.NOT_RUN in results
    return TestResult.FAIL in results or untested


def behind(condition: Condition, report: FunctionalReport) -> tuple[str, ...]:
    """Return the tests and measures that make a condition fire; none for a condition on a state."""
    bad = {TestResult.FAIL, TestResult.NOT_RUN} if condition.when_untested else {TestResult.FAIL}
    return tuple(name for name, result in _results(condition, report).items() if result in bad)


def gate_reason(gate: Gate, report: FunctionalReport, state: FunctionalState) -> Reason:
    """Return why the cosmetic grade is capped."""
    tests = behind(gate, report)
    text = f"{_because(gate, tests, report, state)}: the cosmetic grade is capped at {gate.grade}"
    return Reason(rule=gate.rule, text=text, tests=tests)


def having(checked: Mapping[str, Checked], role: Role, result: TestResult) -> tuple[str, ...]:
    """Return the names with this role and result."""
    return tuple(name for name, test in checked.items() if (test.role, test.result) == (role, result))


def missing(checked: Mapping[str, Checked]) -> tuple[str, ...]:
    """Return the names of required tests and measures without a result."""
    return tuple(name for name, test in checked.items() if test.required and test.result is TestResult.NOT_RUN)


def _measured(report: FunctionalReport, measure: str, at_least: float) -> TestResult:
    value = report.measures.get(measure)
    if value is None:
        return TestResult.NOT_RUN
    return TestResult.PASS if value >= at_least else TestResult.FAIL


def _results(condition: Condition, report: FunctionalReport) -> dict[str, TestResult]:
    if condition.measure is not None and condition.below is not None:
        return {condition.measure: _measured(report, condition.measure, condition.below)}
    return {test: report.result(test) for test in condition.tests}


def _because(condition: Condition, tests: tuple[str, ...], report: FunctionalReport, state: FunctionalState) -> str:
    if condition.state is not None:
        return _STATE_WORDS[state]
    least: dict[str, float] = {}
    if condition.measure is not None and condition.below is not None:
        least[condition.measure] = condition.below
        if report.measures.get(condition.measure) is None:
            return not_tested(tests)
    fails = [test for test in tests if test in least or report.result(test) is TestResult.FAIL]
    return failed(fails, report, least) if fails else not_tested(tests)


def _deduction_reason(rule: Condition, report: FunctionalReport, state: FunctionalState) -> Reason:
    tests = behind(rule, report)
    return Reason(rule=rule.rule, text=_because(rule, tests, report, state), tests=tests)


def _state_reasons(
    state: FunctionalState, checked: Mapping[str, Checked], report: FunctionalReport, policy: FunctionalPolicy
) -> tuple[Reason, ...]:
    locked, locks = having(checked, "lock", TestResult.FAIL), having(checked, "lock", TestResult.NOT_RUN)
    key_failures, key_unknown = having(checked, "key", TestResult.FAIL), having(checked, "key", TestResult.NOT_RUN)
    faulty, unknown = having(checked, "secondary", TestResult.FAIL), having(checked, "secondary", TestResult.NOT_RUN)
    required = tuple(name for name in missing(checked) if name not in (*locks, *key_unknown))
    unknown = tuple(name for name in unknown if name not in required)
    least = {limit.measure: limit.at_least for limit in policy.measures}
    candidates: tuple[tuple[str, tuple[str, ...], Callable[[tuple[str, ...]], str]], ...] = (
        ("lock", locked, lambda names: f"not accepted: {failed(names, report, least)}"),
        ("lock_untested", locks, lambda names: f"{not_tested(names)}, and locks are never assumed to be off"),
        ("key_failed", key_failures, lambda names: f"{_key_functions(names)} failed: {listed(names)}"),
        (
            "key_untested",
            key_unknown,
            lambda names: f"{not_tested(names)}, and key functions are never assumed to work",
        ),
        ("required_untested", required, lambda names: f"{not_tested(names)}, and there is no grade without a result"),
        ("secondary_failed", faulty, lambda names: failed(names, report, least)),
        ("secondary_untested", unknown, lambda names: f"{not_tested(names)}, so {_pronoun(names)} not assumed to work"),
    )
    reasons = [Reason(rule=rule, text=text(names), tests=names) for rule, names, text in candidates if names]
    if state is FunctionalState.FULLY_FUNCTIONAL:
        reasons.append(Reason(rule="fully_functional", text="every required test passed"))
    return tuple(reasons)


def _key_functions(names: tuple[str, ...]) -> str:
    return "a key function" if len(names) == 1 else "key functions"


def _pronoun(names: tuple[str, ...]) -> str:
    return "it is" if len(names) == 1 else "they are"


def contradictions(report: FunctionalReport) -> tuple[Reason, ...]:
    """Return one reason for each impossible combination of results in the report."""
    reasons: list[Reason] = []
    for entry in functional_vocabulary().contradictions:
        passes = tuple(name for name in entry.passes if report.result(name) is TestResult.PASS)
        if report.result(entry.fails) is not TestResult.FAIL or not passes:
            continue
        noun, named = "test" if len(passes) == 1 else "tests", joined(few(display_names(passes)))
        text = f"the {listed([entry.fails])} test failed, but the {named} {noun} passed: {entry.because}"
        reasons.append(Reason(rule="contradiction", text=text, tests=(entry.fails, *passes)))
    return tuple(reasons)
