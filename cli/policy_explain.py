"""A policy as the tables that a person reads."""

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.vocabulary import DefectKind
from phonegrade.grading.detail import px_per_mm_for
from phonegrade.grading.explain.functional_words import amount, display_names, listed
from phonegrade.grading.explain.policy_words import allowed_by, codes_in_words, required_of, when_of, where_of


def print_policy(policy: Policy, console: Console) -> None:
    """Print grades with their limits, required photos, functions and prices; every rule with its source."""
    console.print(Text(f"{policy.name} {policy.version}", style="bold"))
    console.print(policy.description)
    console.print(f"sha256 {policy.sha256}")
    for grade in policy.cosmetic.grades:
        _heading(console, f"{grade.grade}: {grade.description}")
        rows = [(limit.rule, where_of(limit), allowed_by(limit), limit.source) for limit in grade.limits]
        proof = (f"{grade.grade}_resolvable", "photo", _detail(grade.resolvable_mm))
        _print(console, ("rule", "of", "allowed on a surface", "source"), [*rows, (*proof, grade.resolvable_source)])
    _heading(console, f"{policy.cosmetic.last.grade}: {policy.cosmetic.last.description}")
    _print_evidence(policy, console)
    _print_functions(policy, console)
    _print_money(policy, console)
    if policy.crosswalk:
        _heading(console, "Crosswalk")
        crossed = [
            (
                row.policy,
                " ".join(row.cosmetic_grades),
                " ".join(row.functional_grades),
                policy.write(row.cosmetic_grade, row.functional_grade),
                row.source,
            )
            for row in policy.crosswalk
        ]
        _print(console, ("from", "cosmetic_grade", "function", "becomes", "source"), crossed)


def _by_kind(limits: Mapping[DefectKind, float]) -> str:
    return ", ".join(f"{kind} {share:g}" for kind, share in limits.items())


def _print_evidence(policy: Policy, console: Console) -> None:
    evidence, dirt = policy.evidence, policy.contamination
    usual = policy.cosmetic.min_confidence
    least = "the model's own limit" if isinstance(usual, str) else _by_kind(usual)
    on_edges = _by_kind(policy.cosmetic.edge_min_confidence)
    _heading(console, "Evidence")
    rows = [
        ("required surfaces", ", ".join(evidence.required_surfaces), evidence.source),
        ("a missing surface", evidence.missing_surface, ""),
        ("an assumed scale", evidence.assumed_scale, ""),
        ("a photo too coarse", evidence.unresolvable.replace("_", " "), ""),
        ("incomplete on", ", ".join(evidence.incomplete_on), ""),
        ("retake on", ", ".join(evidence.retake_on), ""),
        (f"dirt over {dirt.max_area_share:.1%}", dirt.beyond, dirt.source),
        ("a defect counts from", least, policy.cosmetic.confidence_source),
        ("on edges from", on_edges or "the same", ""),
    ]
    acuity = policy.cosmetic.acuity
    if acuity is not None:
        angles = f"{acuity.long_arcmin:g} arc minutes long and {acuity.wide_arcmin:g} wide"
        rows.append(("a viewer sees what is", angles, acuity.source))
    _print(console, ("what", "is", "source"), rows)


def _print_functions(policy: Policy, console: Console) -> None:
    functional = policy.functional
    locks, asked = functional.locks, functional.required
    key = functional_vocabulary().named("key")
    _heading(console, "Functions")
    rows = [
        ("locks", f"failed: {', '.join(display_names(locks.refused))}", "not accepted", locks.source),
        ("locks", f"not run: {', '.join(display_names(locks.required))}", "incomplete", ""),
        ("key functions", f"not run: {', '.join(display_names(key))}", "incomplete", ""),
        *([] if asked is None else [("required", f"not run: {required_of(asked)}", "incomplete", asked.source)]),
        *(("code", meaning, code, "") for code, meaning in codes_in_words(functional.codes)),
        ("codes", "as above", "", functional.codes.source),
        *(
            (
                "measure",
                f"{listed([limit.measure])} below {amount(limit.measure, limit.at_least)}",
                "fails",
                limit.source,
            )
            for limit in functional.measures
        ),
        *((gate.rule, when_of(gate), f"at best {gate.grade}", gate.source) for gate in functional.gates),
        *((rule.rule, when_of(rule), f"{rule.share:.0%} off", rule.source) for rule in functional.deductions),
    ]
    _print(console, ("rule", "when", "then", "source"), rows)


def _print_money(policy: Policy, console: Console) -> None:
    value, review = policy.value, policy.review
    _heading(console, f"Money, as shares of the price of {policy.cosmetic.names[0]} ({value.source})")
    rows = [
        (given, f"{value.value_share[given]:g}", *(f"{cost:g}" for cost in costs.values()))
        for given, costs in value.costs.items()
    ]
    _print(console, ("given", "value_share", *(f"if {name}" for name in policy.cosmetic.names)), rows)
    console.print(
        f"Needs manual review where the expected cost is over {review.max_expected_cost:g}, or where a prediction set "
        f"that holds the true cosmetic grade {review.coverage:.0%} of the time has more than one ({review.source})."
    )


def _detail(resolvable_mm: float) -> str:
    return f"shows marks of {resolvable_mm:g} mm: {px_per_mm_for(resolvable_mm):.1f} px per mm"


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _print(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
