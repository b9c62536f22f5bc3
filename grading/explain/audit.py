"""The auditor's table: every rule applied to a phone, what was found, what is allowed, and the source of the rule."""

from collections.abc import Mapping, Sequence

from phonegrade.configs.cosmetic_policy import CosmeticGrade
from phonegrade.configs.functional_policy import Condition
from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.cosmetic import surface_defects
from phonegrade.grading.decision import Decision, Reason, Status
from phonegrade.grading.explain.functional_words import amount, listed
from phonegrade.grading.explain.policy_words import allowed_by, when_of, where_of
from phonegrade.grading.functional import behind, fires
from phonegrade.grading.limits import breaches, total_area_mm2


class AuditRow(Strict):
    """One rule as it applied to a phone."""

    rule: str
    grade: str | None
    """The grade whose limit the rule is; None for rules about evidence, functions and price."""
    surface: Surface | None
    of: str
    """What the rule applies to."""
    actual: str
    allowed: str
    holds: bool
    binding: bool
    """The grade depends on this rule."""
    defect_ids: tuple[str, ...] = ()
    """Every defect that the rule applies to."""
    broken_by: tuple[str, ...] = ()
    """Those of them that are too large, or too many together."""
    tests: tuple[str, ...] = ()
    source: str | None
    """Where the rule comes from; None for rules of the judge itself."""


def audit(
    decision: Decision, inspections: Mapping[Surface, Inspection], functional: FunctionalReport | None, policy: Policy
) -> tuple[AuditRow, ...]:
    """Return every limit that applied to a defect, from the best grade down to the one given, surface by surface.

    Then the effect of the functional tests on grade and price, and what withheld a grade.
    """
    rows: list[AuditRow] = []
    for outcome in decision.cosmetic.surfaces:
        inspection = inspections.get(outcome.surface)
        if outcome.grade is None or inspection is None:
            rows.extend(_withheld(reason, decision, policy) for reason in outcome.reasons)
            continue
        binding = decision.binding if outcome.grade == decision.cosmetic.grade else ()
        for grade in policy.cosmetic.grades[: policy.cosmetic.names.index(outcome.grade) + 1]:
            rows.extend(_limits(outcome.surface, inspection, grade, policy, binding))
    rows.extend(_functions(decision, functional, policy))
    return tuple(rows)


def _withheld(reason: Reason, decision: Decision, policy: Policy) -> AuditRow:
    """Return why a surface has no grade; not binding where the phone has a grade all the same."""
    needed = decision.status is not Status.GRADED
    return AuditRow(
        rule=reason.rule,
        grade=None,
        surface=reason.surface,
        of="evidence",
        actual=reason.text,
        allowed="no grade without it" if needed else "not needed for this grade",
        holds=False,
        binding=needed,
        source=policy.contamination.source if reason.rule == "contamination" else policy.evidence.source,
    )


def _limits(
    surface: Surface, inspection: Inspection, grade: CosmeticGrade, policy: Policy, binding: tuple[str, ...]
) -> list[AuditRow]:
    counted = surface_defects(surface, inspection, policy)
    broken: dict[str, list[str]] = {}
    for breach in breaches(counted, grade):
        broken.setdefault(breach.limit.rule, []).extend(defect.id for defect in breach.defects)
    rows = [
        AuditRow(
            rule=limit.rule,
            grade=grade.grade,
            surface=surface,
            of=where_of(limit),
            actual=_counted_and_measured(under),
            allowed=allowed_by(limit),
            holds=limit.rule not in broken,
            binding=limit.rule in broken and limit.rule in binding,
            defect_ids=tuple(defect.id for defect in under),
            broken_by=tuple(dict.fromkeys(broken.get(limit.rule, ()))),
            source=limit.source,
        )
        for limit in grade.limits
        if (under := counted.under(limit))
    ]
    finest = inspection.scale.resolvable_mm
    if finest is not None and not finest <= grade.resolvable_mm:
        rule = f"{grade.grade}_resolvable"
        rows.append(
            AuditRow(
                rule=rule,
                grade=grade.grade,
                surface=surface,
                of="photo",
                actual=f"resolves {finest:.2f} mm",
                allowed=f"must resolve {grade.resolvable_mm:.2f} mm",
                holds=False,
                binding=rule in binding,
                source=grade.resolvable_source,
            )
        )
    return rows


def _counted_and_measured(defects: Sequence[Defect]) -> str:
    count = f"{len(defects)} {'defect' if len(defects) == 1 else 'defects'}"
    measured = [defect for defect in defects if None not in (defect.length_mm, defect.area_mm2)]
    unknown = len(defects) - len(measured)
    if not measured:
        return f"{count} of unknown size"
    longest = max(defect.length_mm or 0.0 for defect in measured)
    widths = [defect.width_mm for defect in measured if defect.width_mm is not None]
    widest = f"{max(widths):.2f} mm" if widths else "unknown"
    shares = [defect.surface_share for defect in measured if defect.surface_share is not None]
    covered = f", cracks spread over {max(shares):.0%} of the surface" if shares else ""
    sizes = f"longest {longest:.1f} mm, widest {widest}, {total_area_mm2(measured):.1f} mm² in total{covered}"
    return f"{count}; {sizes}{f'; {unknown} of unknown size' if unknown else ''}"


def _functions(decision: Decision, functional: FunctionalReport | None, policy: Policy) -> list[AuditRow]:
    rules = (*policy.functional.gates, *policy.functional.deductions)
    named = {rule.rule for rule in rules}
    rows = [
        AuditRow(
            rule=reason.rule,
            grade=None,
            surface=None,
            of="functions",
            actual=reason.text,
            allowed=f"functional grade {decision.functional.code}" if decision.functional.code else "no grade",
            holds=reason.rule == "fully_functional",
            binding=decision.status is not Status.GRADED,
            tests=reason.tests,
            source=policy.functional.codes.source,
        )
        for reason in decision.functional.reasons
        if reason.rule not in named
    ]
    if functional is None:
        return rows
    state = decision.functional.state
    return [*rows, *(_condition(rule, functional, decision) for rule in rules if fires(rule, functional, state))]


def _condition(rule: Condition, functional: FunctionalReport, decision: Decision) -> AuditRow:
    tests, measured = behind(rule, functional), functional.measures
    values = [f"{listed([name])} {amount(name, measured[name])}" for name in tests if name in measured]
    results = [
        f"{listed([name])}: {functional.result(name).replace('_', ' ')}" for name in tests if name not in measured
    ]
    return AuditRow(
        rule=rule.rule,
        grade=None,
        surface=None,
        of=when_of(rule),
        actual=", ".join([*values, *results]) or decision.functional.state.replace("_", " "),
        allowed=_effect(rule, decision),
        holds=False,
        binding=rule.rule in decision.binding,
        tests=tests,
        source=rule.source,
    )


def _effect(rule: Condition, decision: Decision) -> str:
    shares = {deducted.reason.rule: deducted.share for deducted in decision.functional.deductions}
    if rule.rule in shares:
        return f"{shares[rule.rule]:.0%} off"
    return f"cosmetic grade capped at {decision.functional.grade_cap}"
