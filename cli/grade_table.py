"""An assessment as a table in a terminal."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from phonegrade.assessment.assessment import Assessment, SurfaceViews
from phonegrade.core.inspection import Inspection
from phonegrade.grading.decision import Decision, Flag, Status, SurfaceGrade

STYLE_OF_STATUS = {
    Status.GRADED: "bold green",
    Status.RETAKE: "bold yellow",
    Status.INCOMPLETE: "bold yellow",
    Status.NOT_ACCEPTED: "bold red",
}


def print_assessment(assessment: Assessment, console: Console) -> None:
    """Print the grade, then why, then each surface, then what was used."""
    decision = assessment.decision
    device = assessment.device.name + (" (no device named, sizes assumed)" if assessment.device.assumed else "")
    headline = decision.grade or _no_grade(decision)
    console.print(Text.assemble("Grade  ", (headline, STYLE_OF_STATUS[decision.status]), f"   {device}"))
    cosmetic = decision.cosmetic_grade or decision.cosmetic.grade or decision.cosmetic.status.replace("_", " ")
    console.print(f"Cosmetic grade  {cosmetic}   Functional tests  {decision.functional.state.replace('_', ' ')}")
    _print_list(console, "Why", [f"{reason.full_text} [{reason.rule}]" for reason in decision.reasons])
    better = [
        f"{step.grade} ({step.axis}): " + "; ".join(change.full_text for change in step.changes)
        for step in decision.next_better
    ]
    _print_list(console, "Next better", better)
    _print_list(console, "Needs manual review", [reason.full_text for reason in decision.review])
    _print_list(console, "Note", [_note(flag) for flag in (*decision.flags, *assessment.flags)])
    console.print(_surface_table(assessment))
    versions = assessment.versions
    console.print(
        f"policy {versions.policy.name} {versions.policy.version}, models {versions.models.locator} and "
        f"{versions.models.segmenter}, phonegrade {versions.phonegrade}"
    )


def _no_grade(decision: Decision) -> str:
    asked = {
        Status.RETAKE: "none yet, photos must be taken again",
        Status.INCOMPLETE: "none yet, something is missing",
        Status.NOT_ACCEPTED: "not accepted",
    }[decision.status]
    return asked if decision.cosmetic_at_best is None else f"{asked}; at best {decision.cosmetic_at_best}"


def brief_line(assessment: Assessment) -> str:
    """Return grade or status, device, state of the functions and the rules that decided, in one line."""
    decision = assessment.decision
    assumed = ", sizes assumed" if assessment.device.assumed else ""
    parts = [
        decision.grade or decision.status,
        f"{assessment.device.name}{assumed}",
        decision.functional.state,
        *([f"decided by {', '.join(decision.binding)}"] if decision.binding else []),
        *(["needs manual review"] if decision.needs_review else []),
    ]
    return "; ".join(parts)


def _print_list(console: Console, heading: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print()
    console.print(Text(heading, style="bold"))
    for line in lines:
        console.print(Text(f"- {line}"))


def _surface_table(assessment: Assessment) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("surface", "grade", "defects", "longest", "shows from", "photo"):
        table.add_column(heading, overflow="fold")
    for outcome in assessment.decision.cosmetic.surfaces:
        inspection = assessment.inspections.get(outcome.surface)
        row = _surface_row(outcome, inspection)
        views = assessment.views.get(outcome.surface)
        table.add_row(outcome.surface, *row, _photos(inspection, views))
    return table


def _note(flag: Flag) -> str:
    return flag.text if flag.surface is None else f"{flag.surface}: {flag.text}"


def _surface_row(outcome: SurfaceGrade, inspection: Inspection | None) -> tuple[str, str, str, str]:
    grade = outcome.grade or outcome.status.replace("_", " ")
    if inspection is None:
        return grade, "", "", ""
    longest = max(
        (d for d in inspection.defects if d.length_mm is not None), key=lambda d: d.length_mm or 0, default=None
    )
    length = "" if longest is None else f"{longest.kind} {longest.length_mm:.1f} mm"
    finest = inspection.scale.resolvable_mm
    counted = f"{outcome.counted_defects} of {len(inspection.defects)} count" if inspection.defects else "none found"
    return grade, counted, length, "" if finest is None else f"{finest:.2f} mm"


def _photos(inspection: Inspection | None, views: SurfaceViews | None) -> str:
    if inspection is None:
        return "no photo"
    if views is None or len(views.photos) == 1:
        return inspection.photo
    return f"{inspection.photo}, {views.used} of {len(views.photos)} photos used"
