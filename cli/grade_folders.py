"""`phonegrade grade` for many folders: one line a device, and reports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from phonegrade.assessment.assessment import PHOTO_BY_PHOTO
from phonegrade.assessment.request import reference_of
from phonegrade.cli.console import log_line, print_result, watched
from phonegrade.cli.options import own_devices
from phonegrade.cli.photo_files import read_named_file
from phonegrade.configs.policy import load_policy
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import load_functional
from phonegrade.core.vocabulary import Runtime

if TYPE_CHECKING:
    from phonegrade.batch.grade_folders import FolderSettings, GradedFolder

EXIT_SOME_FAILED = 1


@dataclass(frozen=True)
class FolderOptions:
    """What the command line says of a run over folders, beside the folders."""

    jsonl: bool
    brief: bool
    reports: Path | None
    workers: int
    functional: Path | None
    device: str | None
    size: str | None
    devices: Path | None
    policy: str
    asset: str | None
    order: str | None
    models: Path | None
    runtime: Runtime


def refuse_for_folders(given: Mapping[str, object]) -> None:
    """Raise UsageError for an option of `given`, by name, that is set and means nothing for a run over folders."""
    why = {
        "--json": "prints the answer for one device as one document; use --jsonl for one line a device",
        "--report": "writes the report of one device; use --reports DIR for a report of each",
        "--threads": "is for one device; folders are graded with one thread a worker, so use --workers",
        "--functional": "holds the tests of one device; put functional.json into the folder of each",
        "--asset": "names one device; every answer names its folder",
    }
    for name, reason in why.items():
        if given.get(name):
            raise UsageError(f"{name} {reason}")


def grade_many(folders: list[Path], options: FolderOptions) -> int:
    """Print the answer for every device in the order of `folders`; return the exit status, 1 where one has none."""
    from phonegrade.batch.grade_folders import grade_folders

    if len(folders) > 1:
        refuse_for_folders({"--functional": options.functional, "--asset": options.asset})
    status, resumed = 0, 0
    answers = grade_folders(folders, _settings(options), options.workers)
    for answer in watched(answers, len(folders), "Grading"):
        for warning in answer.warnings:
            log_line(f"warning: {answer.folder}: {warning}")
        print_result(_line(answer, options))
        resumed += answer.resumed
        if answer.error is not None:
            status = EXIT_SOME_FAILED
    if options.reports is not None:
        unchanged = f", {resumed} of {len(folders)} unchanged since an earlier run" if resumed else ""
        log_line(f"Reports: {(options.reports / 'index.html').resolve()}{unchanged}")
    return status


def _settings(options: FolderOptions) -> "FolderSettings":
    from phonegrade.batch.grade_folders import FolderSettings
    from phonegrade.cli.device_folders import read_device

    file = options.functional
    tests = None if file is None else load_functional(read_named_file(file), str(file))
    return FolderSettings(
        read=partial(read_device, tests=tests),
        policy=load_policy(options.policy),
        models=options.models,
        runtime=options.runtime,
        device=options.device,
        size=options.size,
        own_devices=own_devices(options.devices),
        reference=reference_of(options.asset, options.order),
        reports=options.reports,
    )


def _line(answer: "GradedFolder", options: FolderOptions) -> str:
    from phonegrade.cli.grade_table import brief_line

    if options.jsonl and not options.brief:
        return answer.line
    if options.jsonl:
        document = json.loads(answer.line)
        return json.dumps({key: value for key, value in document.items() if key not in PHOTO_BY_PHOTO})
    assessment = answer.assessment()
    if assessment is None:
        return f"{answer.folder}: error {answer.error}"
    return f"{answer.folder}: {brief_line(assessment)}"
