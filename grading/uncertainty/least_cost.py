"""The grade that is given: the one whose odds cost least, with the marks that tip them named."""

from collections.abc import Iterator, Mapping

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.cosmetic import grade_surface
from phonegrade.grading.decision import Decision, Reason
from phonegrade.grading.judge import judge, value_share

ODDS = "odds"
"""Rule of a grade that its odds decide and not the counted defects alone."""
_Marked = tuple[float, Surface, Defect]


def with_cosmetic_grade(
    decision: Decision,
    cosmetic_grade: str,
    probability: Mapping[str, float],
    inspections: Mapping[Surface, Inspection],
    functional: FunctionalReport | None,
    policy: Policy,
) -> Decision:
    """The graded `decision` with `look` instead of its own, and a reason that says which marks the odds hang on.

    Where the likeliest uncounted marks, counted, make that look, or the least sure counted ones, left out, its rules
    and its next better grade are theirs. The flags and surfaces stay those of what was counted.
    """
    names = policy.cosmetic.names
    ruled = decision.cosmetic_grade
    if ruled is None or ruled == cosmetic_grade:
        return decision
    worse = names.index(cosmetic_grade) > names.index(ruled)
    tipped: tuple[_Marked, ...] = ()
    found: Decision | None = None
    for marks, changed in _steps(inspections, policy, up=worse):
        other = judge(changed, functional, policy)
        if other.cosmetic_grade is None:
            continue
        tipped, place = marks, names.index(other.cosmetic_grade)
        if other.cosmetic_grade == cosmetic_grade:
            found = other
        if place >= names.index(cosmetic_grade) if worse else place <= names.index(cosmetic_grade):
            break
    text = _because(ruled, cosmetic_grade, probability, tipped, worse=worse)
    ids = tuple(mark.id for _, _, mark in tipped)
    reason = Reason(rule=ODDS, text=text, defect_ids=ids)
    return decision.model_copy(
        update={
            "cosmetic_grade": cosmetic_grade,
            "grade": policy.write(cosmetic_grade, decision.functional.code or ""),
            "value_share": value_share(cosmetic_grade, decision.functional, policy),
            "binding": (ODDS,) if found is None else (ODDS, *found.binding),
            "reasons": (reason, *(decision.functional.reasons if found is None else found.reasons)),
            "next_better": () if found is None else found.next_better,
        }
    )


def _steps(
    inspections: Mapping[Surface, Inspection], policy: Policy, *, up: bool
) -> Iterator[tuple[tuple[_Marked, ...], dict[Surface, Inspection]]]:
    """Ever more marks counted, the likeliest first, that make their surface worse by themselves; or, with `up` False,
    ever more of the counted ones left out, the least sure first. Each step with its marks and the inspections so.
    """
    changed = dict(inspections)
    done: tuple[_Marked, ...] = ()
    uncertain = sorted(_uncertain(inspections, policy, up=up), key=lambda one: (-one[0] if up else one[0], one[2].id))
    for confidence, surface, mark in uncertain:
        before = grade_surface(surface, changed[surface], policy).grade
        after = _with_confidence(changed[surface], mark, 1.0 if up else 0.0)
        if up and grade_surface(surface, after, policy).grade == before:
            continue
        changed[surface] = after
        done = (*done, (confidence, surface, mark))
        yield done, dict(changed)


def _uncertain(inspections: Mapping[Surface, Inspection], policy: Policy, *, up: bool) -> Iterator[_Marked]:
    for surface, seen in inspections.items():
        for mark in dict.fromkeys(seen.defects):
            if (mark.confidence < policy.cosmetic.counts_from(mark, surface)) is up:
                yield mark.confidence, surface, mark


def _with_confidence(seen: Inspection, mark: Defect, confidence: float) -> Inspection:
    """`confidence` 1 counts the mark whatever its limit, 0 leaves it out."""
    other = mark.model_copy(update={"confidence": confidence})
    return seen.model_copy(update={"defects": tuple(other if one == mark else one for one in seen.defects)})


def _because(
    ruled: str, cosmetic_grade: str, probability: Mapping[str, float], tipped: tuple[_Marked, ...], *, worse: bool
) -> str:
    odds = f"{ruled} is {probability[ruled]:.0%} likely, {cosmetic_grade} {probability[cosmetic_grade]:.0%}"
    if not tipped:
        return f"{cosmetic_grade} costs least by the odds of what is seen: {odds}"
    marks = ", ".join(f"{surface}: {mark.kind} {mark.id}, {share:.0%} likely" for share, surface, mark in tipped)
    if worse:
        return f"{cosmetic_grade} and not {ruled}, as marks just short of counting may be there ({marks}): {odds}"
    return f"{cosmetic_grade} and not {ruled}, as marks that count may not be there ({marks}): {odds}"
