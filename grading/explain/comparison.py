"""Two judgements of one phone, such as an app's and a warehouse's: what changed, and why."""

from collections.abc import Mapping
from typing import Literal

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Decision, Reason
from phonegrade.grading.explain.functional_words import amount, listed
from phonegrade.grading.gradability import counted_defects
from phonegrade.grading.multi_view.correspondence import outline_mm, overlap
from phonegrade.grading.multi_view.groups import LEAST_OVERLAP, TOLERANCE_MM

Source = Literal["app", "kiosk", "warehouse", "person"]
VERIFIED: tuple[Source, ...] = ("kiosk", "warehouse", "person")
"""Who looked at the phone itself; what an app sends is provisional."""
_NOTABLE_MM = 1.0
"""A size that differs by more, and by a quarter, is told."""


class GradedAnswer(Strict):
    """One judgement and what it rests on."""

    source: Source
    decision: Decision
    inspections: dict[Surface, Inspection]
    functional: FunctionalReport | None


class GradeChange(Strict):
    """One reason for a difference."""

    what: Literal["rule", "mark", "size", "test", "measure", "evidence", "policy"]
    effect: Literal["worse", "better", "other"]
    reason: Reason


class Comparison(Strict):
    """From the first judgement to the second."""

    before: str
    """Grade, or status where there is none."""
    after: str
    before_source: Source
    after_source: Source
    verified: bool
    """The second was made with the phone at hand and has a grade that needs no review."""
    looks: int | None
    """Steps that the look fell by, negative where it rose; None where one of them has none. So for `functions`."""
    functions: int | None
    value_share: float | None
    """Change as a share of the price of the best grade."""
    changes: tuple[GradeChange, ...]


def compare(before: GradedAnswer, after: GradedAnswer, policy: Policy) -> Comparison:
    """What the second judgement says otherwise. Steps and sizes are told under `policy`, the second one's."""
    one, other = before.decision, after.decision
    same_policy = one.policy.sha256 == other.policy.sha256
    looks = functions = value_share = None
    if one.cosmetic_grade is not None and other.cosmetic_grade is not None and same_policy:
        looks = policy.cosmetic.names.index(other.cosmetic_grade) - policy.cosmetic.names.index(one.cosmetic_grade)
        codes = policy.functional.codes
        functions = codes.rank(other.functional.code or "") - codes.rank(one.functional.code or "")
    if one.value_share is not None and other.value_share is not None:
        value_share = other.value_share - one.value_share
    return Comparison(
        before=one.grade or one.status,
        after=other.grade or other.status,
        before_source=before.source,
        after_source=after.source,
        verified=after.source in VERIFIED and other.grade is not None and not other.needs_review,
        looks=looks,
        functions=functions,
        value_share=value_share,
        changes=(
            *_policies(one, other),
            *_rules(one, other),
            *_marks(before.inspections, after.inspections, policy),
            *_tests(before.functional, after.functional),
        ),
    )


def _policies(one: Decision, other: Decision) -> list[GradeChange]:
    if one.policy.sha256 == other.policy.sha256:
        return []
    names = [f"{ref.name} {ref.version} ({ref.sha256[:8]})" for ref in (one.policy, other.policy)]
    text = f"judged by {names[1]}, before by {names[0]}: differences may be the policy's"
    return [GradeChange(what="policy", effect="other", reason=Reason(rule="policy", text=text))]


def _rules(one: Decision, other: Decision) -> list[GradeChange]:
    """Rules that decide now and did not, and the other way round."""
    was = {(reason.rule, reason.surface) for reason in one.reasons}
    now = {(reason.rule, reason.surface) for reason in other.reasons}
    fired = [_rule(r, "worse", "") for r in other.reasons if (r.rule, r.surface) not in was and _holds_back(r)]
    gone = [_rule(r, "better", "no longer: ") for r in one.reasons if (r.rule, r.surface) not in now and _holds_back(r)]
    return [*fired, *gone]


def _holds_back(reason: Reason) -> bool:
    return not reason.rule.startswith("within_") and reason.rule != "fully_functional"


def _rule(reason: Reason, effect: Literal["worse", "better"], prefix: str) -> GradeChange:
    return GradeChange(what="rule", effect=effect, reason=reason.model_copy(update={"text": f"{prefix}{reason.text}"}))


def _marks(
    before: Mapping[Surface, Inspection], after: Mapping[Surface, Inspection], policy: Policy
) -> list[GradeChange]:
    found: list[GradeChange] = []
    for surface in Surface:
        one, other = before.get(surface), after.get(surface)
        if one is None or other is None:
            if one is not other:
                effect: Literal["worse", "better"] = "better" if one is None else "worse"
                text = f"{'was not' if one is None else 'is no longer'} photographed"
                found.append(_change("evidence", effect, "missing_surface", text, surface))
            continue
        found.extend(_marks_of(surface, one, other, policy))
    return found


def _marks_of(surface: Surface, one: Inspection, other: Inspection, policy: Policy) -> list[GradeChange]:
    """New, gone and differently measured marks of one surface, matched by kind and place."""
    found: list[GradeChange] = []
    left = list(counted_defects(surface, one, policy))
    for mark in counted_defects(surface, other, policy):
        match = next((known for known in left if _same(known, one, mark, other)), None)
        if match is None:
            text = f"{_told(mark)} was not seen before"
            found.append(_change("mark", "worse", "new_defect", text, surface, mark.id))
            continue
        left.remove(match)
        was, now = match.length_mm, mark.length_mm
        if was is not None and now is not None and abs(now - was) > max(_NOTABLE_MM, 0.25 * was):
            text = f"{_told(mark)} was measured at {was:.1f} mm before"
            found.append(_change("size", "worse" if now > was else "better", "other_size", text, surface, mark.id))
    for mark in left:
        text = f"{_told(mark)} is not seen any more"
        found.append(_change("mark", "better", "defect_gone", text, surface, mark.id))
    return found


def _same(known: Defect, one: Inspection, mark: Defect, other: Inspection) -> bool:
    if known.kind is not mark.kind:
        return False
    first, second = outline_mm(known, one), outline_mm(mark, other)
    return first is not None and second is not None and overlap(first, second, TOLERANCE_MM) >= LEAST_OVERLAP


def _tests(before: FunctionalReport | None, after: FunctionalReport | None) -> list[GradeChange]:
    order = list(TestResult)
    found: list[GradeChange] = []
    for name in functional_vocabulary().tests:
        one, other = (TestResult.NOT_RUN if r is None else r.result(name) for r in (before, after))
        if one is not other:
            effect: Literal["worse", "better"] = "worse" if order.index(other) > order.index(one) else "better"
            text = f"{listed([name])}: {other.replace('_', ' ')}, before {one.replace('_', ' ')}"
            found.append(_change("test", effect, "other_result", text, test=name))
    for name in functional_vocabulary().measures:
        was, now = (None if r is None else r.measures.get(name) for r in (before, after))
        if was != now:
            said = ["unknown" if value is None else amount(name, value) for value in (now, was)]
            text = f"{listed([name])}: {said[0]}, before {said[1]}"
            found.append(_change("measure", "other", "other_measure", text, test=name))
    return found


def _change(
    what: Literal["mark", "size", "test", "measure", "evidence"],
    effect: Literal["worse", "better", "other"],
    rule: str,
    text: str,
    surface: Surface | None = None,
    defect: str | None = None,
    test: str | None = None,
) -> GradeChange:
    reason = Reason(
        rule=rule,
        text=text,
        surface=surface,
        defect_ids=() if defect is None else (defect,),
        tests=() if test is None else (test,),
    )
    return GradeChange(what=what, effect=effect, reason=reason)


def _told(mark: Defect) -> str:
    size = "" if mark.length_mm is None else f" ({mark.length_mm:.1f} mm)"
    return f"{mark.kind} {mark.id}{size}"
