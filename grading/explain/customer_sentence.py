"""The customer's sentence: what the grade is, what it hangs on, and what would have made it better."""

from collections.abc import Mapping, Sequence

from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.cosmetic import NOTHING_WORSE
from phonegrade.grading.decision import Decision, NextBetter, Reason, Status
from phonegrade.grading.explain.functional_words import display_names, few, joined
from phonegrade.grading.gradability import MISSING

_CLEAN = {"contamination", "clean_and_retake"}
_BETTER_PHOTO = {
    "no_outline": "on a plain background",
    "no_scale": "on a plain background",
    "cut_off": "with the whole phone in view",
    "blurred": "holding still",
    "dark": "in more light",
    "bright": "in less light",
    "clipped": "without glare",
    "tilted": "square to the camera",
    "wrong_proportions": "square to the camera",
    "too_coarse": "from nearer",
}
"""How to take a photo again, after what was wrong with it."""
_ASKED = {"lock_untested", "key_untested", "required_untested"}
"""Not so `secondary_untested`: a grade can be given without."""


def customer_sentence(decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy) -> str:
    """Plain words for whoever owns the phone; no rule names, no ids."""
    match decision.status:
        case Status.NOT_ACCEPTED:
            told = [reason.text for reason in decision.reasons if reason.rule == "lock"]
            return f"This phone cannot be accepted: {'; '.join(told).removeprefix('not accepted: ')}."
        case Status.RETAKE | Status.INCOMPLETE:
            return f"{_nothing_yet(decision, inspections)}lease {_wishes(decision.reasons)}."
        case Status.GRADED:
            return _graded(decision, inspections, policy)


def _nothing_yet(decision: Decision, inspections: Mapping[Surface, Inspection]) -> str:
    """What is known without a grade, up to the P of "Please"."""
    at_best = decision.cosmetic_at_best
    if at_best is None:
        return "No grade yet: p"
    worst = [s for s in decision.cosmetic.surfaces if at_best in (s.grade, s.at_best)]
    defects = _by_place(inspections)
    found = [_seen(reason, defects) for s in worst for reason in (s.reasons if s.grade else s.bounded_by)]
    named = list(dict.fromkeys(words for words in found if words is not None))
    return f"No grade yet, but at best {at_best}{': ' + joined(few(named)) if named else ''}. For a grade, p"


def _by_place(inspections: Mapping[Surface, Inspection]) -> dict[tuple[Surface, str], Defect]:
    return {(surface, defect.id): defect for surface, seen in inspections.items() for defect in seen.defects}


def _graded(decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy) -> str:
    defects = _by_place(inspections)
    seen = [words for reason in decision.reasons if (words := _seen(reason, defects)) is not None]
    binds = any(reason.rule in decision.binding for reason in decision.reasons if reason.surface is not None)
    faults = [
        test for reason in decision.functional.reasons for test in reason.tests if reason.rule.endswith("_failed")
    ]
    unknown = [
        test for reason in decision.functional.reasons for test in reason.tests if reason.rule.endswith("_untested")
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
        parts.append("The grade counts after manual review.")
    return " ".join(parts)


def _grade_words(decision: Decision, policy: Policy) -> str:
    named = {grade.grade: grade.description for grade in policy.cosmetic.grades}
    words = named.get(decision.cosmetic_grade or "", policy.cosmetic.last.description)
    return words[0].lower() + words[1:]


def _seen(reason: Reason, defects: Mapping[tuple[Surface, str], Defect]) -> str | None:
    if reason.surface is None or reason.rule == NOTHING_WORSE or reason.rule.startswith("within_"):
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


def _wishes(reasons: Sequence[Reason]) -> str:
    """What each surface needs, then which tests, as one request."""
    wishes = [*_photo_wishes(reasons), *_test_wishes(reasons)]
    every = list(dict.fromkeys(wishes))
    stop = ";" if any("," in wish for wish in every[:-1]) else ","
    return every[0] if len(every) == 1 else f"{f'{stop} '.join(every[:-1])}{stop} and {every[-1]}"


def _photo_wishes(reasons: Sequence[Reason]) -> list[str]:
    """Surfaces that need the same stand together."""
    needs: dict[Surface, list[str]] = {}
    for reason in reasons:
        if reason.surface is not None:
            needs.setdefault(reason.surface, []).append(reason.rule)
    alike: dict[str, list[str]] = {}
    for surface, rules in needs.items():
        alike.setdefault(_photo_wish(rules), []).append(str(surface))
    return [
        wish.format(
            surfaces=joined(surfaces),
            photo="photo" if len(surfaces) == 1 else "photos",
            its_photo="its photo" if len(surfaces) == 1 else "their photos",
            a_photo="a photo" if len(surfaces) == 1 else "photos",
        )
        for wish, surfaces in alike.items()
    ]


def _photo_wish(rules: Sequence[str]) -> str:
    if MISSING in rules:
        return "take {a_photo} of the {surfaces}"
    if all(rule == "assumed_scale" for rule in rules):
        return "name the device"
    how = list(dict.fromkeys(_BETTER_PHOTO[rule] for rule in rules if rule in _BETTER_PHOTO))
    better = f", {joined(how)}" if how else ""
    if _CLEAN.isdisjoint(rules):
        return f"take the {{photo}} of the {{surfaces}} again{better}"
    return f"clean the {{surfaces}} and take {{its_photo}} again{better}"


def _test_wishes(reasons: Sequence[Reason]) -> list[str]:
    """The tests without which there is no grade."""
    asked = [reason for reason in reasons if reason.rule in _ASKED]
    tests = display_names(test for reason in asked for test in reason.tests)
    if tests:
        return [f"run the {'test' if len(tests) == 1 else 'tests'} of {joined(few(tests))}"]
    untested = any(reason.rule == "no_functional_report" for reason in reasons)
    return ["run the functional tests"] if untested else []


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("ch") else f"{kind}s"
