"""The grade with the lowest expected cost, and the uncertain defects that lead to it."""

from collections.abc import Iterator, Mapping

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.cosmetic import grade_surface
from phonegrade.grading.decision import Decision, Reason
from phonegrade.grading.judge import judge, value_share

ODDS = "odds"
"""Rule of a grade that its odds decide, not the counted defects alone."""
_Uncertain = tuple[float, Surface, Defect]
"""Original confidence, surface and defect."""


def with_cosmetic_grade(
    decision: Decision,
    cosmetic_grade: str,
    probability: Mapping[str, float],
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport | None,
    policy: Policy,
) -> Decision:
    """Return the graded `decision` with `cosmetic_grade` instead of its own, and a reason naming the defects behind it.

    Where counting the likeliest uncounted defects, or leaving out the least certain counted ones, leads to that grade,
    its rules and its next better grade are taken from there. Flags and surfaces stay those of the counted defects.
    """
    names = policy.cosmetic.names
    ruled = decision.cosmetic_grade
    if ruled is None or ruled == cosmetic_grade:
        return decision
    worse = names.index(cosmetic_grade) > names.index(ruled)
    deciding: tuple[_Uncertain, ...] = ()
    regraded: Decision | None = None
    for defects, changed in _steps(inspections, policy, up=worse):
        other = judge(changed, functional, policy)
        if other.cosmetic_grade is None:
            continue
        deciding, rank = defects, names.index(other.cosmetic_grade)
        if other.cosmetic_grade == cosmetic_grade:
            regraded = other
        if rank >= names.index(cosmetic_grade) if worse else rank <= names.index(cosmetic_grade):
            break
    text = _because(ruled, cosmetic_grade, probability, deciding, worse=worse)
    ids = tuple(defect.id for _, _, defect in deciding)
    reason = Reason(rule=ODDS, text=text, defect_ids=ids)
    return decision.model_copy(
        update={
            "cosmetic_grade": cosmetic_grade,
            "grade": policy.write(cosmetic_grade, decision.functional.code or ""),
            "value_share": value_share(cosmetic_grade, decision.functional, policy),
            "binding": (ODDS,) if regraded is None else (ODDS, *regraded.binding),
            "reasons": (reason, *(decision.functional.reasons if regraded is None else regraded.reasons)),
            "next_better": () if regraded is None else regraded.next_better,
        }
    )


def _steps(
    inspections: Mapping[Surface, Inspection], policy: Policy, *, up: bool
) -> Iterator[tuple[tuple[_Uncertain, ...], dict[Surface, Inspection]]]:
    """Yield ever more uncounted defects, the likeliest first, that worsen their surface once counted; or, with `up`
    False, ever more counted ones left out, the least certain first. Each step with the inspections as changed.
    """
    changed = dict(inspections)
    steps: tuple[_Uncertain, ...] = ()
    uncertain = sorted(_uncertain(inspections, policy, up=up), key=lambda one: (-one[0] if up else one[0], one[2].id))
    for confidence, surface, defect in uncertain:
        before = grade_surface(surface, changed[surface], policy).grade
        after = _with_confidence(changed[surface], defect, 1.0 if up else 0.0)
        if up and grade_surface(surface, after, policy).grade == before:
            continue
        changed[surface] = after
        steps = (*steps, (confidence, surface, defect))
        yield steps, dict(changed)


def _uncertain(inspections: Mapping[Surface, Inspection], policy: Policy, *, up: bool) -> Iterator[_Uncertain]:
    for surface, inspection in inspections.items():
        for defect in dict.fromkeys(inspection.defects):
            if (defect.confidence < policy.cosmetic.counts_from(defect, surface)) is up:
                yield defect.confidence, surface, defect


def _with_confidence(inspection: Inspection, defect: Defect, confidence: float) -> Inspection:
    """Return the inspection with another confidence of one defect: 1 counts it whatever its limit, 0 leaves it out."""
    other = defect.model_copy(update={"confidence": confidence})
    defects = tuple(other if one == defect else one for one in inspection.defects)
    return inspection.model_copy(update={"defects": defects})


def _because(
    ruled: str, cosmetic_grade: str, probability: Mapping[str, float], deciding: tuple[_Uncertain, ...], *, worse: bool
) -> str:
    odds = f"{ruled} is {probability[ruled]:.0%} likely, {cosmetic_grade} {probability[cosmetic_grade]:.0%}"
    if not deciding:
        return f"{cosmetic_grade} has the lowest expected cost: {odds}"
    named = ", ".join(
        f"{surface}: {defect.kind} {defect.id}, {share:.0%} likely" for share, surface, defect in deciding
    )
    if worse:
        return (
            f"{cosmetic_grade} instead of {ruled}, as detections too uncertain to count may be real ({named}): {odds}"
        )
    return f"{cosmetic_grade} instead of {ruled}, as detections that count may not be real ({named}): {odds}"
