"""Compares two assessments of one phone, as `phonegrade grade --json` printed them."""

from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.errors import StoredFileError, UsageError
from phonegrade.core.problems import first_problem, nearest
from phonegrade.grading.explain.comparison import Comparison, GradedAnswer, Source


def read_graded(file: Path, source: str) -> GradedAnswer:
    """Return the assessment in `file`, made by `source`. Raises StoredFileError, or UsageError for its source."""
    known = {str(word): word for word in get_args(Source)}
    if source not in known:
        raise UsageError(
            f"unknown source {source!r}; the nearest is {nearest(source, known)[0]!r} (of {', '.join(known)})"
        )
    try:
        assessment = Assessment.model_validate_json(file.read_bytes())
    except OSError as error:
        raise StoredFileError(f"{file}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise StoredFileError(f"{file}: {first_problem(error, 'file')}") from error
    return GradedAnswer(
        source=known[source],
        decision=assessment.decision,
        inspections=assessment.inspections,
        functional=assessment.functional,
    )


def comparison_text(comparison: Comparison) -> str:
    """Return a comparison as lines of text."""
    verified = "verified" if comparison.verified else "not verified"
    lines = [
        f"{comparison.before_source} {comparison.before} -> {comparison.after_source} {comparison.after} ({verified})"
    ]
    steps = ((comparison.cosmetic_steps, "cosmetic grade"), (comparison.functional_steps, "functional grade"))
    for count, word in steps:
        if count:
            lines.append(f"{word}: {abs(count)} {'worse' if count > 0 else 'better'}")
    if comparison.value_share:
        lines.append(f"value: {comparison.value_share:+.1%} of the price of the best grade")
    lines.extend(f"- {change.reason.full_text} [{change.what}, {change.effect}]" for change in comparison.changes)
    return "\n".join(lines)
