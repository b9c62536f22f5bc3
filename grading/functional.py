"""Functional grading: test results -> one of the trade's states and a digit."""

from collections.abc import Mapping
from typing import NamedTuple

from phonegrade.configs.functional import FunctionalReport, Role, TestResult, functional_vocabulary
from phonegrade.configs.functional_policy import FunctionalPolicy
from phonegrade.grading.decision import FunctionalOutcome, FunctionalState, Reason

_STANDS_IN_THE_WAY: tuple[tuple[Role, TestResult], ...] = (
    ("key", TestResult.FAIL),
    ("key", TestResult.NOT_RUN),
    ("secondary", TestResult.FAIL),
    ("secondary", TestResult.NOT_RUN),
    ("authenticity", TestResult.FAIL),
    ("authenticity", TestResult.NOT_RUN),
)
"""Worst first: a state can only improve by clearing these in order."""


class _Checked(NamedTuple):
    role: Role
    result: TestResult


def grade_functional(report: FunctionalReport | None, policy: FunctionalPolicy) -> FunctionalOutcome:
    """State, digit and reasons. A test that was not run is never a pass; no report at all is `untested`."""
    if report is None:
        text = "no functional test results were given: function and locks are untested"
        reason = Reason(rule="no-functional-report", text=text)
        return FunctionalOutcome(state=FunctionalState.UNTESTED, digit=None, letter_at_best=None, reasons=(reason,))
    checked = _checked(report, policy)
    state = _state(checked)
    broken_panel = any(report.result(test) is TestResult.FAIL for test in policy.panel_fault.tests)
    return FunctionalOutcome(
        state=state,
        digit=_digit(state, checked, policy),
        letter_at_best=policy.panel_fault.grade if broken_panel else None,
        reasons=_reasons(state, checked, report, policy),
    )


def next_functional(report: FunctionalReport, policy: FunctionalPolicy) -> tuple[int, Reason] | None:
    """The next better digit and what it takes, or None when the digit is already the best or there is none."""
    checked = _checked(report, policy)
    digit = _digit(_state(checked), checked, policy)
    if digit is None:
        return None
    mended: dict[str, _Checked] = dict(checked)
    changed: list[str] = []
    for obstacle in _STANDS_IN_THE_WAY:
        names = _having(checked, *obstacle)
        mended.update({name: _Checked(obstacle[0], TestResult.PASS) for name in names})
        changed.extend(names)
        better = _digit(_state(mended), mended, policy)
        if better is not None and better < digit:
            text = f"with a pass of {_listed(changed)}"
            return better, Reason(rule=f"digit-{better}", text=text, tests=tuple(changed))
    return None


def _checked(report: FunctionalReport, policy: FunctionalPolicy) -> dict[str, _Checked]:
    """Every test that decides, with its result as it counts; measures with a limit count as secondary tests."""
    checked: dict[str, _Checked] = {}
    must_be_run = {*functional_vocabulary().named("key"), *policy.locks.required}
    for name, test in functional_vocabulary().tests.items():
        result = report.result(name)
        if result is TestResult.NOT_APPLICABLE and (name in must_be_run or test.role == "authenticity"):
            result = TestResult.NOT_RUN
        if test.role == "lock" and name not in policy.locks.required:
            refused = name in policy.locks.refused and result is TestResult.FAIL
            result = TestResult.FAIL if refused else TestResult.NOT_APPLICABLE
        checked[name] = _Checked(test.role, result)
    for limit in policy.measures:
        value = report.measures.get(limit.measure)
        if value is None:
            result = TestResult.NOT_RUN
        else:
            result = TestResult.PASS if value >= limit.at_least else TestResult.FAIL
        checked[limit.measure] = _Checked("secondary", result)
    return checked


def _state(checked: Mapping[str, _Checked]) -> FunctionalState:
    if _having(checked, "lock", TestResult.FAIL):
        return FunctionalState.NOT_ACCEPTED
    if _having(checked, "lock", TestResult.NOT_RUN):
        return FunctionalState.UNTESTED
    if _having(checked, "key", TestResult.FAIL):
        return FunctionalState.NON_FUNCTIONAL
    if _having(checked, "key", TestResult.NOT_RUN):
        return FunctionalState.UNTESTED
    if _having(checked, "secondary", TestResult.FAIL):
        return FunctionalState.PARTIAL_FAULT
    if _having(checked, "secondary", TestResult.NOT_RUN):
        return FunctionalState.KEY_FUNCTIONS_ONLY
    return FunctionalState.FULLY_FUNCTIONAL


def _digit(state: FunctionalState, checked: Mapping[str, _Checked], policy: FunctionalPolicy) -> int | None:
    match state:
        case FunctionalState.FULLY_FUNCTIONAL:
            genuine = all(test.result is TestResult.PASS for test in checked.values() if test.role == "authenticity")
            return policy.digits.genuine if genuine else policy.digits.fully_functional
        case FunctionalState.KEY_FUNCTIONS_ONLY:
            return policy.digits.key_functions_only
        case FunctionalState.PARTIAL_FAULT:
            return policy.digits.partial_fault
        case FunctionalState.NON_FUNCTIONAL:
            return policy.digits.non_functional
        case FunctionalState.UNTESTED | FunctionalState.NOT_ACCEPTED:
            return None


def _reasons(
    state: FunctionalState, checked: Mapping[str, _Checked], report: FunctionalReport, policy: FunctionalPolicy
) -> tuple[Reason, ...]:
    found: list[Reason] = []

    def add(rule: str, words: str, role: Role, result: TestResult) -> None:
        tests = _having(checked, role, result)
        if tests:
            found.append(Reason(rule=rule, text=f"{words}: {_listed(tests)}", tests=tests))

    add("lock", "not accepted, locked or listed", "lock", TestResult.FAIL)
    add("lock-untested", "a lock that was not tested is never taken for open", "lock", TestResult.NOT_RUN)
    add("key-failed", "a key function fails", "key", TestResult.FAIL)
    add("key-untested", "a key function that was not tested is never taken for working", "key", TestResult.NOT_RUN)
    add("secondary-failed", "fails", "secondary", TestResult.FAIL)
    add("secondary-untested", "not tested, so not taken for working", "secondary", TestResult.NOT_RUN)
    panel = tuple(test for test in policy.panel_fault.tests if report.result(test) is TestResult.FAIL)
    if panel:
        text = f"a fault inside the display panel ({_listed(panel)}): the letter is at best {policy.panel_fault.grade}"
        found.append(Reason(rule="panel-fault", text=text, tests=panel))
    if state is FunctionalState.FULLY_FUNCTIONAL:
        found.append(Reason(rule="fully-functional", text="every required test passes"))
    return tuple(found)


def _having(checked: Mapping[str, _Checked], role: Role, result: TestResult) -> tuple[str, ...]:
    return tuple(name for name, test in checked.items() if test == (role, result))


def _listed(tests: tuple[str, ...] | list[str]) -> str:
    return ", ".join(tests)
