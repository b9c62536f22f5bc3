"""The sentence for the customer: the grade, what decided it, and what would have made it better."""

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
    "blurred": "holding the camera still",
    "dark": "in more light",
    "bright": "in less light",
    "clipped": "without glare",
    "tilted": "facing the camera squarely",
    "wrong_proportions": "facing the camera squarely",
    "too_coarse": "from closer up",
}
"""How to retake a photo, by what was wrong with it."""
_REQUIRED_TESTS = {"lock_untested", "key_untested", "required_untested"}
"""Rules that withhold a grade; `secondary_untested` does not."""


def customer_sentence(decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy) -> str:
    """Return the decision in plain words for the owner of the phone, without rule names and ids."""
    match decision.status:
        case Status.NOT_ACCEPTED:
            locks = [reason.text for reason in decision.reasons if reason.rule == "lock"]
            return f"This phone cannot be accepted: {'; '.join(locks).removeprefix('not accepted: ')}."
        case Status.RETAKE | Status.INCOMPLETE:
            return f"{_ungraded(decision, inspections)}lease {_requests(decision.reasons)}."
        case Status.GRADED:
            return _graded(decision, inspections, policy)


def _ungraded(decision: Decision, inspections: Mapping[Surface, Inspection]) -> str:
    """Return what is known without a grade, up to the P of "Please"."""
    at_best = decision.cosmetic_at_best
    if at_best is None:
        return "No grade yet: p"
    worst = [s for s in decision.cosmetic.surfaces if at_best in (s.grade, s.at_best)]
    defects = _by_id(inspections)
    causes = [_cause(reason, defects) for s in worst for reason in (s.reasons if s.grade else s.bounded_by)]
    named = list(dict.fromkeys(cause for cause in causes if cause is not None))
    return f"No grade yet, but at best {at_best}{': ' + joined(few(named)) if named else ''}. For a grade, p"


def _by_id(inspections: Mapping[Surface, Inspection]) -> dict[tuple[Surface, str], Defect]:
    return {(surface, defect.id): defect for surface, photo in inspections.items() for defect in photo.defects}


def _graded(decision: Decision, inspections: Mapping[Surface, Inspection], policy: Policy) -> str:
    defects = _by_id(inspections)
    causes = [cause for reason in decision.reasons if (cause := _cause(reason, defects)) is not None]
    binds = any(reason.rule in decision.binding for reason in decision.reasons if reason.surface is not None)
    faults = [
        test for reason in decision.functional.reasons for test in reason.tests if reason.rule.endswith("_failed")
    ]
    untested = [
        test for reason in decision.functional.reasons for test in reason.tests if reason.rule.endswith("_untested")
    ]
    parts = [f"Grade {decision.grade}: {_grade_words(decision, policy)}"]
    if causes:
        parts.append(f"{'What counts most' if binds else 'Also found'}: {joined(few(causes))}.")
    if faults:
        parts.append(f"Not working: {joined(few(display_names(faults)))}.")
    if untested:
        parts.append(f"Not tested: {joined(few(display_names(untested)))}.")
    parts.extend(f"It would be {step.grade} {_without(step)}." for step in decision.next_better)
    if decision.needs_review:
        parts.append("The grade is subject to manual review.")
    return " ".join(parts)


def _grade_words(decision: Decision, policy: Policy) -> str:
    named = {grade.grade: grade.description for grade in policy.cosmetic.grades}
    words = named.get(decision.cosmetic_grade or "", policy.cosmetic.last.description)
    return words[0].lower() + words[1:]


def _cause(reason: Reason, defects: Mapping[tuple[Surface, str], Defect]) -> str | None:
    if reason.surface is None or reason.rule == NOTHING_WORSE or reason.rule.startswith("within_"):
        return None
    named = [defects[reason.surface, name] for name in reason.defect_ids if (reason.surface, name) in defects]
    if not named:
        return f"the photo of the {reason.surface} does not show enough detail"
    kinds = list(dict.fromkeys(defect.kind.value for defect in named))
    if len(named) == 1:
        return f"{_with_length(named[0])} on the {reason.surface}"
    return f"{len(named)} {' or '.join(_plural(kind) for kind in kinds)} on the {reason.surface}"


def _with_length(defect: Defect) -> str:
    """Return kind and length with their article: "a 12.4 mm scratch", "an 8.0 mm crack"."""
    if defect.length_mm is None:
        return f"a {defect.kind}"
    length = f"{defect.length_mm:.1f}"
    article = "an" if length.startswith("8") or length.split(".")[0] in ("11", "18") else "a"
    return f"{article} {length} mm {defect.kind}"


def _without(step: NextBetter) -> str:
    gone = sum(len(change.defect_ids) for change in step.changes)
    passed = list(dict.fromkeys(test for change in step.changes for test in change.tests))
    sharper = [change.surface for change in step.changes if change.surface is not None and not change.defect_ids]
    ways = []
    if gone:
        ways.append("without that defect" if gone == 1 else f"without {gone} of the defects")
    if sharper:
        ways.append(f"with a more detailed photo of the {joined([str(surface) for surface in dict.fromkeys(sharper)])}")
    if passed:
        ways.append(f"if the {joined(few(display_names(passed)))} {'test' if len(passed) == 1 else 'tests'} passed")
    return joined(ways)


def _requests(reasons: Sequence[Reason]) -> str:
    """Return what each surface needs, then which tests, as one request."""
    requests = [*_photo_requests(reasons), *_test_requests(reasons)]
    every = list(dict.fromkeys(requests))
    stop = ";" if any("," in request for request in every[:-1]) else ","
    return every[0] if len(every) == 1 else f"{f'{stop} '.join(every[:-1])}{stop} and {every[-1]}"


def _photo_requests(reasons: Sequence[Reason]) -> list[str]:
    """Return one request for all surfaces that need the same."""
    needs: dict[Surface, list[str]] = {}
    for reason in reasons:
        if reason.surface is not None:
            needs.setdefault(reason.surface, []).append(reason.rule)
    alike: dict[str, list[str]] = {}
    for surface, rules in needs.items():
        alike.setdefault(_photo_request(rules), []).append(str(surface))
    return [
        request.format(
            surfaces=joined(surfaces),
            photo="photo" if len(surfaces) == 1 else "photos",
            its_photo="its photo" if len(surfaces) == 1 else "their photos",
            a_photo="a photo" if len(surfaces) == 1 else "photos",
        )
        for request, surfaces in alike.items()
    ]


def _photo_request(rules: Sequence[str]) -> str:
    if MISSING in rules:
        return "take {a_photo} of the {surfaces}"
    if all(rule == "assumed_scale" for rule in rules):
        return "name the device"
    how = list(dict.fromkeys(_BETTER_PHOTO[rule] for rule in rules if rule in _BETTER_PHOTO))
    better = f", {joined(how)}" if how else ""
    if _CLEAN.isdisjoint(rules):
        return f"retake the {{photo}} of the {{surfaces}}{better}"
    return f"clean the {{surfaces}} and retake {{its_photo}}{better}"


def _test_requests(reasons: Sequence[Reason]) -> list[str]:
    """Return a request for the tests without which there is no grade."""
    missing = [reason for reason in reasons if reason.rule in _REQUIRED_TESTS]
    tests = display_names(test for reason in missing for test in reason.tests)
    if tests:
        return [f"run the {joined(few(tests))} {'test' if len(tests) == 1 else 'tests'}"]
    untested = any(reason.rule == "no_functional_report" for reason in reasons)
    return ["run the functional tests"] if untested else []


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("ch") else f"{kind}s"
