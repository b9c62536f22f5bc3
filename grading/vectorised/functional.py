"""Functional grading in columns; agrees with `grade_functional` on every device."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.functional_policy import Condition
from phonegrade.configs.policy import Policy
from phonegrade.core.arrays import Floats, Mask
from phonegrade.core.functional.report import FunctionalState, TestResult, functional_vocabulary
from phonegrade.grading.vectorised.columns import RESULTS, TestColumns, measure_names, test_names

_FAIL, _NOT_RUN, _PASS, _NONE = (
    RESULTS.index(result)
    for result in (TestResult.FAIL, TestResult.NOT_RUN, TestResult.PASS, TestResult.NOT_APPLICABLE)
)
_GRADED = (
    FunctionalState.FULLY_FUNCTIONAL,
    FunctionalState.KEY_FUNCTIONS_ONLY,
    FunctionalState.PARTIAL_FAULT,
    FunctionalState.NON_FUNCTIONAL,
)
"""States with a code, best first."""


@dataclass(frozen=True)
class Tested:
    """Functional outcomes of N devices; every array is (N,)."""

    not_accepted: Mask
    untested: Mask
    code: NDArray[np.int8]
    """Positions among the policy's codes, also where there is no grade."""
    grade_cap: NDArray[np.int8]
    """Position of the best cosmetic grade that the gates allow; -1 where none fires."""
    kept_share: Floats
    """Share of the value that the deductions leave."""


def regrade_functional(tests: TestColumns, policy: Policy) -> Tested:
    """Return state, code, gates and deductions of every device."""
    checked = _checked(tests, policy)
    roles = {role: _columns(role) for role in ("key", "secondary", "lock", "authenticity")}

    def some(role: str, result: int) -> Mask:
        return np.asarray((checked[:, roles[role]] == result).any(axis=1))

    measured = [_measured(tests, limit.measure, limit.at_least) for limit in policy.functional.measures]
    secondary_fails, secondary_missing = some("secondary", _FAIL), some("secondary", _NOT_RUN)
    for column in measured:
        secondary_fails |= column == _FAIL
        secondary_missing |= column == _NOT_RUN
    locked, key_fails = some("lock", _FAIL) & tests.reported, some("key", _FAIL)
    unlocked_unknown = some("lock", _NOT_RUN)
    untested = ~locked & (unlocked_unknown | (~key_fails & _missing(checked, tests, policy))) | ~tests.reported
    state = np.select([key_fails, secondary_fails, secondary_missing], [3, 2, 1], 0)
    genuine = (checked[:, roles["authenticity"]] == _PASS).all(axis=1)
    codes, names = policy.functional.codes, policy.cosmetic.names
    by_state = (codes.fully_functional, codes.key_functions_only, codes.partial_fault, codes.non_functional)
    code = np.array([codes.rank(name) for name in by_state], np.int8)[state]
    cap = np.full(len(state), -1, np.int8)
    for gate in policy.functional.gates:
        fires = _fires(gate, tests, state)
        cap[fires] = np.maximum(cap[fires], np.int8(names.index(gate.grade)))
    kept = np.ones(len(state))
    for deduction in policy.functional.deductions:
        kept *= np.where(_fires(deduction, tests, state), 1.0 - deduction.share, 1.0)
    return Tested(
        not_accepted=locked,
        untested=untested,
        code=np.where((state == 0) & genuine, np.int8(codes.rank(codes.genuine)), code).astype(np.int8),
        grade_cap=cap,
        kept_share=kept,
    )


def _columns(role: str) -> list[int]:
    tests = functional_vocabulary().tests
    return [position for position, name in enumerate(test_names()) if tests[name].role == role]


def _checked(tests: TestColumns, policy: Policy) -> NDArray[np.uint8]:
    """Return (N, T): each result as it counts."""
    checked = tests.results.copy()
    required, refused = policy.functional.required_tests, policy.functional.locks.refused
    for position, name in enumerate(test_names()):
        role, column = functional_vocabulary().tests[name].role, checked[:, position]
        if role != "secondary" and (name in required or role != "lock"):
            column[column == _NONE] = _NOT_RUN
        if role == "lock":
            failed = np.uint8(_FAIL if name in refused else _NONE)
            unknown = np.uint8(_NOT_RUN if name in required else _NONE)
            column[:] = np.select([column == _FAIL, column == _NOT_RUN], [failed, unknown], np.uint8(_NONE))
    return checked


def _missing(checked: NDArray[np.uint8], tests: TestColumns, policy: Policy) -> Mask:
    """Return (N,): devices on which a required test or measure has no result."""
    required = [position for position, name in enumerate(test_names()) if name in policy.functional.required_tests]
    measures = [measure_names().index(name) for name in policy.functional.required_measures]
    return np.asarray(
        (checked[:, required] == _NOT_RUN).any(axis=1) | np.isnan(tests.measures[:, measures]).any(axis=1)
    )


def _measured(tests: TestColumns, measure: str, at_least: float) -> NDArray[np.uint8]:
    value = tests.measures[:, measure_names().index(measure)]
    result = np.where(value >= at_least, np.uint8(_PASS), np.uint8(_FAIL))
    return np.where(np.isnan(value), np.uint8(_NOT_RUN), result).astype(np.uint8)


def _fires(condition: Condition, tests: TestColumns, state: NDArray[np.int_]) -> Mask:
    if condition.state is not None:
        return np.asarray(state >= _GRADED.index(condition.state))
    if condition.measure is not None and condition.below is not None:
        results = _measured(tests, condition.measure, condition.below)[:, None]
    else:
        results = tests.results[:, [test_names().index(test) for test in condition.tests]]
    bad = results == _FAIL
    if condition.when_untested:
        bad |= results == _NOT_RUN
    return np.asarray(bad.any(axis=1))
