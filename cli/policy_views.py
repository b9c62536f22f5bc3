"""The three views of a decision, shown on five example phones."""

import json
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table

from phonegrade.cli.console import print_result
from phonegrade.configs.policy import Policy
from phonegrade.grading.decision import Decision
from phonegrade.grading.explain.audit import audit
from phonegrade.grading.explain.customer_sentence import customer_sentence
from phonegrade.grading.explain.example_phones import ExamplePhone, example_phones
from phonegrade.grading.judge import judge
from phonegrade.grading.uncertainty.certainty import assess

View = Literal["customer", "clerk", "auditor"]
SEED = 0
_AUDITED = {"rule", "surface", "actual", "allowed", "binding", "broken_by", "tests", "source"}


def print_views(policy: Policy, view: View, console: Console) -> None:
    """Print one view of each example phone."""
    for name, phone in example_phones().items():
        decision = judge(phone.inspections, phone.functional, policy)
        decision = assess(decision, phone.inspections, phone.functional, policy, None, SEED)
        match view:
            case "customer":
                print_result(f"{name}: {customer_sentence(decision, phone.inspections, policy)}")
            case "clerk":
                _print_for_clerk(name, decision, console)
            case "auditor":
                print_result(_json_for_auditor(name, decision, phone, policy))


def _print_for_clerk(name: str, decision: Decision, console: Console) -> None:
    console.print(f"{name}: {decision.grade or decision.status.replace('_', ' ')}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("where", "grade", "why"):
        table.add_column(heading, overflow="fold")
    for outcome in decision.cosmetic.surfaces:
        if any(not reason.rule.startswith("within_") for reason in outcome.reasons):
            grade = outcome.grade or outcome.status.replace("_", " ")
            table.add_row(outcome.surface, grade, "\n".join(f"{r.text} [{r.rule}]" for r in outcome.reasons))
    functional = decision.functional
    reasons = "\n".join(f"{reason.text} [{reason.rule}]" for reason in functional.reasons)
    table.add_row("functions", functional.code or functional.state.replace("_", " "), reasons)
    off = [f"{deducted.share:.0%} off: {deducted.reason.text}" for deducted in functional.deductions]
    if decision.value_share is not None:
        table.add_row("price", f"{decision.value_share:.1%}", "\n".join(off))
    if decision.certainty is not None:
        likely = {
            cosmetic_grade: chance
            for cosmetic_grade, chance in decision.certainty.probability.items()
            if chance >= 0.005
        }
        table.add_row(
            "sure", "", ", ".join(f"{cosmetic_grade} {chance:.0%}" for cosmetic_grade, chance in likely.items())
        )
    for step in decision.next_better:
        table.add_row("better", step.grade, "\n".join(change.full_text for change in step.changes))
    for reason in decision.review:
        table.add_row("review", "", reason.full_text)
    console.print(table)


def _json_for_auditor(name: str, decision: Decision, phone: ExamplePhone, policy: Policy) -> str:
    """Return policy, grade, and every rule that was broken or that binds; one rule a line."""
    rows = audit(decision, phone.inspections, phone.functional, policy)
    head = json.dumps(
        {
            "phone": name,
            "policy": decision.policy.model_dump(),
            "status": decision.status,
            "grade": decision.grade,
            "binding": decision.binding,
            "value_share": decision.value_share,
        }
    )
    broken = [row.model_dump_json(include=_AUDITED, exclude_defaults=True) for row in rows if not row.holds]
    rules = ",\n ".join(broken)
    return f'{head[:-1]}, "rules": [\n {rules}\n]}}' if broken else head
