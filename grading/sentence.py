"""The customer's sentence: what the grade is, what it hangs on, and what would have made it better."""

from collections.abc import Iterable, Mapping, Sequence

from phonegrade.configs.inspection import Defect, Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import Decision, NextBetter, Reason, Status

_CLEAN = {"contamination", "clean_and_retake"}
_MOST_NAMED = 3


def customer_sentence(decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy) -> str:
    """Plain words for whoever owns the phone; no rule names, no ids."""
    match decision.status:
        case Status.NOT_ACCEPTED:
            tests = [test for reason in decision.reasons for test in reason.tests]
            return f"This phone cannot be accepted: {_joined(_plain_tests(tests))} not passed."
        case Status.RETAKE | Status.INCOMPLETE:
            wishes = dict.fromkeys(_wish(reason) for reason in decision.reasons)
            return f"No grade yet: please {_joined(list(wishes))}."
        case Status.GRADED:
            return _graded(decision, inspections, policy)


def _graded(decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy) -> str:
    defects = {
        (surface, defect.id): defect for surface, inspection in inspections.items() for defect in inspection.defects
    }
    seen = [words for reason in decision.reasons if (words := _seen(reason, defects)) is not None]
    binds = any(reason.rule in decision.binding for reason in decision.reasons if reason.surface is not None)
    faults = [
        test for reason in decision.functional.reasons for test in reason.tests if reason.rule.endswith("-failed")
    ]
    unknown = [
        test for reason in decision.functional.reasons for test in reason.tests if reason.rule.endswith("-untested")
    ]
    parts = [f"Grade {decision.grade}: {_grade_words(decision, policy)}"]
    if seen:
        parts.append(f"{'What counts most' if binds else 'Also seen'}: {_joined(_few(seen))}.")
    if faults:
        parts.append(f"Not working: {_joined(_few(_plain_tests(faults)))}.")
    if unknown:
        parts.append(f"Not tested: {_joined(_few(_plain_tests(unknown)))}.")
    parts.extend(f"It would be {step.grade} {_without(step)}." for step in decision.next_better)
    if decision.needs_review:
        parts.append("A person will look at it before the grade counts.")
    return " ".join(parts)


def _tests_of(ending: str, decision: Decision) -> list[str]:
    return [test for reason in decision.functional.reasons if reason.rule.endswith(ending) for test in reason.tests]


def _grade_words(decision: Decision, policy: Policy) -> str:
    named = {grade.grade: grade.words for grade in policy.cosmetic.grades}
    words = named.get(decision.look or "", policy.cosmetic.last.words)
    return words[0].lower() + words[1:]


def _seen(reason: Reason, defects: Mapping[tuple[Surface, str], Defect]) -> str | None:
    if reason.surface is None or reason.rule.startswith("within-"):
        return None
    marks = [defects[reason.surface, name] for name in reason.defect_ids if (reason.surface, name) in defects]
    if not marks:
        return f"the photo of the {reason.surface} does not show enough detail"
    kinds = list(dict.fromkeys(mark.kind.value for mark in marks))
    if len(marks) == 1:
        length = marks[0].length_mm
        size = "" if length is None else f" of {length:.1f} mm"
        return f"a {kinds[0]}{size} on the {reason.surface}"
    return f"{len(marks)} {' or '.join(_plural(kind) for kind in kinds)} on the {reason.surface}"


def _without(step: NextBetter) -> str:
    gone = sum(len(change.defect_ids) for change in step.changes)
    passed = list(dict.fromkeys(test for change in step.changes for test in change.tests))
    sharper = [change.surface for change in step.changes if change.surface is not None and not change.defect_ids]
    ways = []
    if gone:
        ways.append("without that mark" if gone == 1 else f"without {gone} of the marks")
    if sharper:
        ways.append(f"with a finer photo of the {_joined([str(surface) for surface in dict.fromkeys(sharper)])}")
    if passed:
        ways.append(f"if {_joined(_few(_plain_tests(passed)))} passed")
    return _joined(ways)


def _wish(reason: Reason) -> str:
    if reason.surface is None:
        tests = _plain_tests(reason.tests)
        return f"run the tests of {_joined(_few(tests))}" if tests else "run the functional tests"
    if reason.rule in _CLEAN:
        return f"clean the {reason.surface} and take its photo again"
    if reason.rule == "missing-surface":
        return f"take a photo of the {reason.surface}"
    if reason.rule == "assumed-scale":
        return "name the device"
    return f"take the photo of the {reason.surface} again ({reason.rule.replace('_', ' ').replace('-', ' ')})"


def _plain_tests(tests: Iterable[str]) -> list[str]:
    return [test.removesuffix("_pct").replace("_", " ") for test in dict.fromkeys(tests)]


def _few(words: Sequence[str]) -> list[str]:
    left = len(words) - _MOST_NAMED
    return list(words) if left <= 0 else [*words[:_MOST_NAMED], f"{left} more"]


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("ch") else f"{kind}s"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
