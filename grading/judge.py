"""The judge: inspections of all surfaces, test results and a policy -> one decision with its reasons."""

import math
from collections.abc import Mapping

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport, FunctionalState, TestResult, functional_vocabulary
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import ScaleSource, Surface
from phonegrade.grading.cosmetic import NOTHING_WORSE, grade_cosmetic
from phonegrade.grading.crosswalk import combined_grade
from phonegrade.grading.decision import (
    CosmeticOutcome,
    Decision,
    Flag,
    FunctionalOutcome,
    NextBetter,
    PolicyRef,
    Reason,
    Status,
)
from phonegrade.grading.explain.next_better import next_better
from phonegrade.grading.functional import contradictions, grade_functional
from phonegrade.grading.gradability import counted_defects, dirt_share

FOR_A_PERSON = frozenset({"view_unsure"})
"""Flags of a photo that leave its grade and ask a person whether it shows what it was sent as."""


def judge(
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport | None,
    policy: Policy,
    unusable: Mapping[Surface, Reason] | None = None,
) -> Decision:
    """Decide; pure, and the same for any order of photos and defects. `unusable`: why no photo shows a surface.

    A combined grade, look and function such as `B1`, is given only when every required surface was seen, measured and
    clean, and every key function and required lock was tested. Otherwise the status says what is in the way: a lock
    first, then what is missing, then what must be photographed again.
    """
    names = policy.cosmetic.names
    cosmetic = grade_cosmetic(inspections, policy, unusable)
    tested = grade_functional(functional, policy.functional, names)
    status = _status(cosmetic, tested)
    grade: str | None = None
    cosmetic_grade: str | None = None
    better: tuple[NextBetter, ...] = ()
    if status is Status.GRADED and cosmetic.grade is not None and tested.code is not None and functional is not None:
        cosmetic_grade = combined_grade(cosmetic.grade, tested.grade_cap, names)
        grade = policy.write(cosmetic_grade, tested.code)
        better = next_better(cosmetic.grade, tested, inspections, functional, policy)
    review = _review(inspections, functional, policy)
    return Decision(
        status=status,
        grade=grade,
        cosmetic_grade=cosmetic_grade,
        binding=() if cosmetic_grade is None else _binding_rules(cosmetic_grade, cosmetic, tested, policy),
        value_share=None if cosmetic_grade is None else value_share(cosmetic_grade, tested, policy),
        needs_review=bool(review),
        review=review,
        cosmetic=cosmetic,
        functional=tested,
        reasons=_reasons(status, cosmetic, tested),
        next_better=better,
        flags=(*_not_needed(cosmetic, inspections), *_flags(inspections, functional, policy)),
        policy=PolicyRef(name=policy.name, version=policy.version, sha256=policy.sha256),
        cosmetic_at_best=None if status is Status.GRADED else _at_best(cosmetic, names),
    )


def _at_best(cosmetic: CosmeticOutcome, names: tuple[str, ...]) -> str | None:
    """The cosmetic grade that no better evidence can lift; None where that is the best one."""
    bound = cosmetic.grade or cosmetic.at_best
    return None if bound == names[0] else bound


def value_share(cosmetic_grade: str, tested: FunctionalOutcome, policy: Policy) -> float:
    """Share of the price of the best grade: that of the look, and of what is left after each deduction."""
    return policy.value.value_share[cosmetic_grade] * math.prod(1.0 - deducted.share for deducted in tested.deductions)


def _binding_rules(
    cosmetic_grade: str, cosmetic: CosmeticOutcome, tested: FunctionalOutcome, policy: Policy
) -> tuple[str, ...]:
    shut = {gate.rule for gate in policy.functional.gates if gate.grade == cosmetic_grade}
    gates = [reason.rule for reason in tested.reasons if reason.rule in shut]
    seen = [
        reason.rule
        for reason in _binding(cosmetic)
        if reason.rule != NOTHING_WORSE and cosmetic.grade == cosmetic_grade
    ]
    return tuple(dict.fromkeys([*seen, *gates]))


def _review(
    inspections: Mapping[Surface, Inspection], functional: FunctionalReport | None, policy: Policy
) -> tuple[Reason, ...]:
    odd = () if functional is None else contradictions(functional)
    unsure = [
        Reason(rule=flag.code, text=flag.message, surface=surface)
        for surface, seen in inspections.items()
        for flag in seen.quality
        if flag.code in FOR_A_PERSON
    ]
    if policy.evidence.assumed_scale != "review":
        return (*odd, *unsure)
    text = "millimetres rest on an assumed body; a person must confirm the grade, or the device be named"
    assumed = (s for s in Surface if s in inspections and inspections[s].scale.source is ScaleSource.ASSUMED)
    return (*odd, *unsure, *(Reason(rule="assumed_scale", text=text, surface=s) for s in assumed))


def _status(cosmetic: CosmeticOutcome, tested: FunctionalOutcome) -> Status:
    if tested.state is FunctionalState.NOT_ACCEPTED:
        return Status.NOT_ACCEPTED
    if tested.state is FunctionalState.UNTESTED:
        return Status.INCOMPLETE
    return cosmetic.status


def _reasons(status: Status, cosmetic: CosmeticOutcome, tested: FunctionalOutcome) -> tuple[Reason, ...]:
    match status:
        case Status.NOT_ACCEPTED:
            return tested.reasons
        case Status.GRADED:
            return (*_binding(cosmetic), *tested.reasons)
        case Status.INCOMPLETE | Status.RETAKE:
            withheld = (s.reasons for s in cosmetic.surfaces if s.status is not Status.GRADED)
            untested = tested.reasons if tested.state is FunctionalState.UNTESTED else ()
            return (*(reason for reasons in withheld for reason in reasons), *untested)


def _binding(cosmetic: CosmeticOutcome) -> tuple[Reason, ...]:
    """The rules that fired on the worst surfaces; when none fired anywhere, one reason for the whole phone."""
    found = [reason for s in cosmetic.surfaces if s.grade == cosmetic.grade for reason in s.reasons]
    fired = tuple(reason for reason in found if reason.rule != f"within_{cosmetic.grade}")
    if fired:
        return fired
    counted = sum(surface.counted_defects for surface in cosmetic.surfaces)
    text = f"every surface is within every limit of {cosmetic.grade} (defects counted: {counted})"
    return (Reason(rule=f"within_{cosmetic.grade}", text=text),)


def _not_needed(cosmetic: CosmeticOutcome, inspections: Mapping[Surface, Inspection]) -> tuple[Flag, ...]:
    """Surfaces of a graded phone that have no grade: what is seen elsewhere leaves them nothing to change."""
    return tuple(
        Flag(code="surface_not_graded", text=reason.text, surface=s.surface)
        for s in cosmetic.surfaces
        if cosmetic.status is Status.GRADED and s.status is not Status.GRADED
        for reason in s.reasons
        if s.surface not in inspections or reason.rule not in {flag.code for flag in inspections[s.surface].quality}
    )


def _flags(
    inspections: Mapping[Surface, Inspection], functional: FunctionalReport | None, policy: Policy
) -> tuple[Flag, ...]:
    found: list[Flag] = []
    assumed = [s for s in Surface if s in inspections and inspections[s].scale.source is ScaleSource.ASSUMED]
    if assumed:
        text = f"millimetres of {', '.join(assumed)} rest on an assumed body; name the device for a firm grade"
        found.append(Flag(code="provisional", text=text))
    for surface in Surface:
        if surface in inspections:
            found.extend(_photo_flags(surface, inspections[surface], policy))
    if functional is not None:
        found.extend(_test_flags(functional, policy))
    return tuple(found)


def _test_flags(functional: FunctionalReport, policy: Policy) -> list[Flag]:
    """Contradictions, and what failed tests of origin and of locks that are not refused say of the phone."""
    found = [Flag(code=reason.rule, text=reason.text) for reason in contradictions(functional)]
    for name, test in functional_vocabulary().tests.items():
        told = test.role == "authenticity" or (test.role == "lock" and name not in policy.functional.locks.refused)
        if told and test.fail_means is not None and functional.result(name) is TestResult.FAIL:
            found.append(Flag(code=test.role, text=test.fail_means))
    return found


def _photo_flags(surface: Surface, inspection: Inspection, policy: Policy) -> list[Flag]:
    found = [Flag(code=flag.code, text=flag.message, surface=surface) for flag in inspection.quality]
    if 0 < dirt_share(inspection, policy) <= policy.contamination.max_area_share:
        found.append(Flag(code="some_dirt", text="a little dirt, not counted as damage", surface=surface))
    uncertain = len(set(inspection.defects)) - len(counted_defects(surface, inspection, policy))
    if uncertain:
        noun = "detection" if uncertain == 1 else "detections"
        text = f"{uncertain} {noun} too uncertain to count; a person may look"
        found.append(Flag(code="uncertain_defects", text=text, surface=surface))
    return found
