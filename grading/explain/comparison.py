"""Compares two graded answers on one phone, such as an app's and a warehouse's: what changed, and why."""

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

Source = Literal["app", "kiosk", "store", "warehouse", "person"]
VERIFIED: tuple[Source, ...] = ("kiosk", "store", "warehouse", "person")
"""Sources with the phone at hand; an answer from an app is provisional."""
_NOTABLE_MM = 1.0
"""A size is reported as changed where it differs by more than this and by more than a quarter."""


class GradedAnswer(Strict):
    """One decision, its source and its evidence."""

    source: Source
    decision: Decision
    inspections: dict[Surface, Inspection]
    functional: FunctionalReport | None


class GradeChange(Strict):
    """One reason for a difference."""

    what: Literal["rule", "defect", "size", "test", "measure", "evidence", "policy"]
    effect: Literal["worse", "better", "other"]
    reason: Reason


class Comparison(Strict):
    """The change from the first answer to the second."""

    before: str
    """Grade, or status where there is none."""
    after: str
    before_source: Source
    after_source: Source
    verified: bool
    """The second has the phone at hand and a grade that needs no review."""
    cosmetic_steps: int | None
    """Steps that the cosmetic grade fell by, negative where it rose; None where either answer has none."""
    functional_steps: int | None
    """The same of the functional grade."""
    value_share: float | None
    """Change as a share of the price of the best grade."""
    changes: tuple[GradeChange, ...]


def compare(before: GradedAnswer, after: GradedAnswer, policy: Policy) -> Comparison:
    """Return how the second answer differs; grade steps are those of `policy`, under which the second was given."""
    one, other = before.decision, after.decision
    same_policy = one.policy.sha256 == other.policy.sha256
    cosmetic_steps = functional_steps = value_share = None
    if one.cosmetic_grade is not None and other.cosmetic_grade is not None and same_policy:
        ranks = policy.cosmetic.names
        cosmetic_steps = ranks.index(other.cosmetic_grade) - ranks.index(one.cosmetic_grade)
        codes = policy.functional.codes
        functional_steps = codes.rank(other.functional.code or "") - codes.rank(one.functional.code or "")
    if one.value_share is not None and other.value_share is not None:
        value_share = other.value_share - one.value_share
    return Comparison(
        before=one.grade or one.status,
        after=other.grade or other.status,
        before_source=before.source,
        after_source=after.source,
        verified=after.source in VERIFIED and other.grade is not None and not other.needs_review,
        cosmetic_steps=cosmetic_steps,
        functional_steps=functional_steps,
        value_share=value_share,
        changes=(
            *_policy_changes(one, other),
            *_rule_changes(one, other),
            *_defect_changes(before.inspections, after.inspections, policy),
            *_test_changes(before.functional, after.functional),
        ),
    )


def _policy_changes(one: Decision, other: Decision) -> list[GradeChange]:
    if one.policy.sha256 == other.policy.sha256:
        return []
    names = [f"{ref.name} {ref.version} ({ref.sha256[:8]})" for ref in (one.policy, other.policy)]
    text = f"graded under {names[1]}, previously under {names[0]}, which may explain the differences"
    return [GradeChange(what="policy", effect="other", reason=Reason(rule="policy", text=text))]


def _rule_changes(one: Decision, other: Decision) -> list[GradeChange]:
    """Return the rules that decide now and did not before, and the other way round."""
    before = {(reason.rule, reason.surface) for reason in one.reasons}
    after = {(reason.rule, reason.surface) for reason in other.reasons}
    fired = [_rule(r, "worse", "") for r in other.reasons if (r.rule, r.surface) not in before and _holds_back(r)]
    gone = [
        _rule(r, "better", "no longer: ") for r in one.reasons if (r.rule, r.surface) not in after and _holds_back(r)
    ]
    return [*fired, *gone]


def _holds_back(reason: Reason) -> bool:
    return not reason.rule.startswith("within_") and reason.rule != "fully_functional"


def _rule(reason: Reason, effect: Literal["worse", "better"], prefix: str) -> GradeChange:
    return GradeChange(what="rule", effect=effect, reason=reason.model_copy(update={"text": f"{prefix}{reason.text}"}))


def _defect_changes(
    before: Mapping[Surface, Inspection], after: Mapping[Surface, Inspection], policy: Policy
) -> list[GradeChange]:
    changes: list[GradeChange] = []
    for surface in Surface:
        one, other = before.get(surface), after.get(surface)
        if one is None or other is None:
            if one is not other:
                effect: Literal["worse", "better"] = "better" if one is None else "worse"
                text = f"{'previously not' if one is None else 'no longer'} photographed"
                changes.append(_change("evidence", effect, "missing_surface", text, surface))
            continue
        changes.extend(_surface_changes(surface, one, other, policy))
    return changes


def _surface_changes(surface: Surface, one: Inspection, other: Inspection, policy: Policy) -> list[GradeChange]:
    """Return new, missing and differently measured defects of one surface, matched by kind and position."""
    changes: list[GradeChange] = []
    unmatched = list(counted_defects(surface, one, policy))
    for defect in counted_defects(surface, other, policy):
        match = next((known for known in unmatched if _is_same(known, one, defect, other)), None)
        if match is None:
            text = f"{_named(defect)} was not detected before"
            changes.append(_change("defect", "worse", "new_defect", text, surface, defect.id))
            continue
        unmatched.remove(match)
        was, now = match.length_mm, defect.length_mm
        if was is not None and now is not None and abs(now - was) > max(_NOTABLE_MM, 0.25 * was):
            text = f"{_named(defect)} measured {was:.1f} mm before"
            changes.append(_change("size", "worse" if now > was else "better", "other_size", text, surface, defect.id))
    for defect in unmatched:
        text = f"{_named(defect)} is no longer detected"
        changes.append(_change("defect", "better", "defect_gone", text, surface, defect.id))
    return changes


def _is_same(known: Defect, one: Inspection, defect: Defect, other: Inspection) -> bool:
    if known.kind is not defect.kind:
        return False
    first, second = outline_mm(known, one), outline_mm(defect, other)
    return first is not None and second is not None and overlap(first, second, TOLERANCE_MM) >= LEAST_OVERLAP


def _test_changes(before: FunctionalReport | None, after: FunctionalReport | None) -> list[GradeChange]:
    order = list(TestResult)
    changes: list[GradeChange] = []
    for name in functional_vocabulary().tests:
        one, other = (TestResult.NOT_RUN if r is None else r.result(name) for r in (before, after))
        if one is not other:
            effect: Literal["worse", "better"] = "worse" if order.index(other) > order.index(one) else "better"
            text = f"{listed([name])}: {other.replace('_', ' ')}, previously {one.replace('_', ' ')}"
            changes.append(_change("test", effect, "other_result", text, test=name))
    for name in functional_vocabulary().measures:
        was, now = (None if r is None else r.measures.get(name) for r in (before, after))
        if was != now:
            now_and_before = ["unknown" if value is None else amount(name, value) for value in (now, was)]
            text = f"{listed([name])}: {now_and_before[0]}, previously {now_and_before[1]}"
            changes.append(_change("measure", "other", "other_measure", text, test=name))
    return changes


def _change(
    what: Literal["defect", "size", "test", "measure", "evidence"],
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


def _named(defect: Defect) -> str:
    size = "" if defect.length_mm is None else f" ({defect.length_mm:.1f} mm)"
    return f"{defect.kind} {defect.id}{size}"
