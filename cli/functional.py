"""`phonegrade functional`: another diagnostics report in, a functional test file out."""

from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_line, print_result
from phonegrade.cli.photo_files import read_named_file
from phonegrade.core.functional.diagnostics import import_diagnostics, nearest_tests


def functional(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="CSV or JSON of a diagnostics tool.")],
) -> None:
    """Turn a diagnostics report into a functional test file; what is not understood is named on stderr."""
    imported = import_diagnostics(read_named_file(report), str(report))
    print_result(imported.report.model_dump_json(indent=2, exclude_none=True))
    for line in imported.odd:
        log_line(f"not understood, so not measured: {line}")
    for test, why in imported.why_not.items():
        log_line(f"not testable, so not run: {test} ({why})")
    for word, near in nearest_tests(imported.not_understood).items():
        log_line(f"not understood, so not run: {word!r} (nearest: {near})")
