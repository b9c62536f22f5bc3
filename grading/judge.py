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
from phonegrade.grading.explain.functional_words import joined
from phonegrade.grading.explain.next_better import next_better
from phonegrade.grading.functional import contradictions, grade_functional
from phonegrade.grading.gradability import clause, counted_defects, dirt_share

MANUAL_REVIEW_FLAGS = frozenset({"view_unsure"})
"""Flags of a photo that leave the grade but call for manual review of whether the photo shows the right surface."""


def judge(
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport | None,
    policy: Policy,
    unusable: Mapping[Surface, Reason] | None = None,
) -> Decision:
    """Return the decision, the same for any order of photos and defects. `unusable`: why a surface has no usable photo.

    A combined grade such as `B1`, cosmetic and functional, is given only when every required surface was photographed,
    measured and clean, and every key function and required lock was tested. Otherwise the status says what prevents
    it: a lock first, then what is missing, then what must be retaken.
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
    """Return the best cosmetic grade that better evidence could still give; None where that is the best of all."""
    bound = cosmetic.grade or cosmetic.at_best
    return None if bound == names[0] else bound


def value_share(cosmetic_grade: str, tested: FunctionalOutcome, policy: Policy) -> float:
    """Return the share of the price of the best grade: that of the cosmetic grade, less each deduction in turn."""
    return policy.value.value_share[cosmetic_grade] * math.prod(1.0 - deducted.share for deducted in tested.deductions)


def _binding_rules(
    cosmetic_grade: str, cosmetic: CosmeticOutcome, tested: FunctionalOutcome, policy: Policy
) -> tuple[str, ...]:
    capping = {gate.rule for gate in policy.functional.gates if gate.grade == cosmetic_grade}
    gates = [reason.rule for reason in tested.reasons if reason.rule in capping]
    cosmetic_rules = [
        reason.rule
        for reason in _binding(cosmetic)
        if reason.rule != NOTHING_WORSE and cosmetic.grade == cosmetic_grade
    ]
    return tuple(dict.fromkeys([*cosmetic_rules, *gates]))


def _review(
    inspections: Mapping[Surface, Inspection], functional: FunctionalReport | None, policy: Policy
) -> tuple[Reason, ...]:
    contradictory = () if functional is None else contradictions(functional)
    unsure = [
        Reason(rule=flag.code, text=clause(flag.message), surface=surface)
        for surface, inspection in inspections.items()
        for flag in inspection.quality
        if flag.code in MANUAL_REVIEW_FLAGS
    ]
    if policy.evidence.assumed_scale != "review":
        return (*contradictory, *unsure)
    text = "sizes are based on an assumed typical phone; confirm the grade manually, or name the device"
    assumed = (s for s in Surface if s in inspections and inspections[s].scale.source is ScaleSource.ASSUMED)
    return (*contradictory, *unsure, *(Reason(rule="assumed_scale", text=text, surface=s) for s in assumed))


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
    """Return the rules that fired on the worst surfaces; where none fired, one reason for the whole phone."""
    reasons = [reason for s in cosmetic.surfaces if s.grade == cosmetic.grade for reason in s.reasons]
    fired = tuple(reason for reason in reasons if reason.rule != f"within_{cosmetic.grade}")
    if fired:
        return fired
    counted = sum(surface.counted_defects for surface in cosmetic.surfaces)
    counts = "no defects" if not counted else "1 defect" if counted == 1 else f"{counted} defects"
    text = f"every surface is within the limits of {cosmetic.grade} ({counts} counted)"
    return (Reason(rule=f"within_{cosmetic.grade}", text=text),)


def _not_needed(cosmetic: CosmeticOutcome, inspections: Mapping[Surface, Inspection]) -> tuple[Flag, ...]:
    """Flag the surfaces of a graded phone that have no grade: damage elsewhere leaves them nothing to change."""
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
    flags: list[Flag] = []
    assumed = [s for s in Surface if s in inspections and inspections[s].scale.source is ScaleSource.ASSUMED]
    if assumed:
        text = f"sizes on the {joined(assumed)} are based on an assumed typical phone; name the device for a firm grade"
        flags.append(Flag(code="provisional", text=text))
    for surface in Surface:
        if surface in inspections:
            flags.extend(_photo_flags(surface, inspections[surface], policy))
    if functional is not None:
        flags.extend(_test_flags(functional, policy))
    return tuple(flags)


def _test_flags(functional: FunctionalReport, policy: Policy) -> list[Flag]:
    """Flag contradictions, and what failed authenticity tests and accepted locks mean for the phone."""
    flags = [Flag(code=reason.rule, text=reason.text) for reason in contradictions(functional)]
    for name, test in functional_vocabulary().tests.items():
        flagged = test.role == "authenticity" or (test.role == "lock" and name not in policy.functional.locks.refused)
        if flagged and test.fail_means is not None and functional.result(name) is TestResult.FAIL:
            flags.append(Flag(code=test.role, text=test.fail_means))
    return flags


def _photo_flags(surface: Surface, inspection: Inspection, policy: Policy) -> list[Flag]:
    flags = [Flag(code=flag.code, text=clause(flag.message), surface=surface) for flag in inspection.quality]
    if 0 < dirt_share(inspection, policy) <= policy.contamination.max_area_share:
        flags.append(Flag(code="some_dirt", text="a little dirt, not counted as damage", surface=surface))
    uncertain = len(set(inspection.defects)) - len(counted_defects(surface, inspection, policy))
    if uncertain:
        noun = "detection" if uncertain == 1 else "detections"
        text = f"{uncertain} {noun} too uncertain to count"
        flags.append(Flag(code="uncertain_defects", text=text, surface=surface))
    return flags
