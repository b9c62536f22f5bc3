"""Test results that cannot both be true of one phone: never a grade of their own, always for a person to look at."""

from phonegrade.configs.functional import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.grading.decision import Reason
from phonegrade.grading.functional_words import display_names, few, joined, listed


def contradictions(report: FunctionalReport) -> tuple[Reason, ...]:
    """One reason for each impossible combination of the vocabulary that the report holds."""
    found: list[Reason] = []
    for entry in functional_vocabulary().contradictions:
        passes = tuple(name for name in entry.passes if report.result(name) is TestResult.PASS)
        if report.result(entry.fails) is not TestResult.FAIL or not passes:
            continue
        fails, tests = listed([entry.fails]), "test" if len(passes) == 1 else "tests"
        named = joined(few(display_names(passes)))
        text = f"the test of {fails} failed, but the {tests} of {named} passed: {entry.because}"
        found.append(Reason(rule="contradiction", text=text, tests=(entry.fails, *passes)))
    return tuple(found)
