"""The customer's sentence: what the grade is, what it hangs on, and what would have made it better."""

from collections.abc import Mapping, Sequence

from phonegrade.configs.inspection import Defect, Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import Decision, NextBetter, Reason, Status
from phonegrade.grading.functional_words import display_names, few, joined

_CLEAN = {"contamination", "clean_and_retake"}
_ASKED = {"lock-untested", "key-untested", "required-untested"}
"""Not so `secondary-untested`: a grade can be given without."""


def customer_sentence(decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy) -> str:
    """Plain words for whoever owns the phone; no rule names, no ids."""
    match decision.status:
        case Status.NOT_ACCEPTED:
            told = [reason.text for reason in decision.reasons if reason.rule == "lock"]
            return f"This phone cannot be accepted: {'; '.join(told).removeprefix('not accepted: ')}."
        case Status.RETAKE | Status.INCOMPLETE:
            return f"No grade yet: please {joined(_wishes(decision.reasons))}."
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
        parts.append(f"{'What counts most' if binds else 'Also seen'}: {joined(few(seen))}.")
    if faults:
        parts.append(f"Not working: {joined(few(display_names(faults)))}.")
    if unknown:
        parts.append(f"Not tested: {joined(few(display_names(unknown)))}.")
    parts.extend(f"It would be {step.grade} {_without(step)}." for step in decision.next_better)
    if decision.needs_review:
        parts.append("A person will look at it before the grade counts.")
    return " ".join(parts)


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
        ways.append(f"with a finer photo of the {joined([str(surface) for surface in dict.fromkeys(sharper)])}")
    if passed:
        ways.append(f"if {joined(few(display_names(passed)))} passed")
    return joined(ways)


def _wishes(reasons: Sequence[Reason]) -> list[str]:
    """What each surface needs, then the tests without which there is no grade."""
    wishes = [_wish(reason) for reason in reasons if reason.surface is not None]
    asked = [reason for reason in reasons if reason.rule in _ASKED]
    tests = display_names(test for reason in asked for test in reason.tests)
    if tests:
        wishes.append(f"run the {'test' if len(tests) == 1 else 'tests'} of {joined(few(tests))}")
    elif any(reason.rule == "no-functional-report" for reason in reasons):
        wishes.append("run the functional tests")
    return list(dict.fromkeys(wishes))


def _wish(reason: Reason) -> str:
    if reason.rule in _CLEAN:
        return f"clean the {reason.surface} and take its photo again"
    if reason.rule == "missing-surface":
        return f"take a photo of the {reason.surface}"
    if reason.rule == "assumed-scale":
        return "name the device"
    return f"take the photo of the {reason.surface} again ({reason.rule.replace('_', ' ').replace('-', ' ')})"


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("ch") else f"{kind}s"
