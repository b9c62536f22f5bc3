"""A folder of reports: one HTML page and one answer a device, an index of all, and all answers in one file."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from phonegrade.core.errors import UsageError
from phonegrade.core.files import atomic_write, write_text

ANSWERS, INDEX, DEVICES = "answers.jsonl", "index.html", "devices"
MOST_REASONS = 3
"""In the index; the report has all."""


class IndexRow(NamedTuple):
    """One device in the index."""

    folder: str
    report: str | None
    """Where its report lies, relative to the index; None for a device that could not be graded."""
    device: str
    grade: str
    """Empty where none is given."""
    at_best: str
    status: str
    needs_review: bool
    reasons: tuple[str, ...]
    more_reasons: int


class ReportFolder:
    """OUT/index.html and answers.jsonl, and OUT/devices/NAME.html and NAME.json; each file is whole or not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._devices = root / DEVICES

    @classmethod
    def made(cls, root: Path) -> "ReportFolder":
        """Return the folder `root`, made where it is not there. Raises UsageError where it cannot be."""
        try:
            (root / DEVICES).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{root}: cannot be created ({error.strerror})") from error
        return cls(root)

    def kept(self, folder: str, fingerprint: str) -> str | None:
        """Return the line of an earlier run for `folder` where its fingerprint is the same and its report is there."""
        answer, report = self._files(folder)
        if not (answer.is_file() and report.is_file()):
            return None
        line = answer.read_text(encoding="utf-8").strip()
        try:
            return line if json.loads(line).get("fingerprint") == fingerprint else None
        except ValueError:  # somebody edited it
            return None

    def keep(self, folder: str, line: str, report: str | None) -> None:
        """Store the answer for `folder` in place of an earlier one; None: it has no report. Raises UsageError."""
        answer, page = self._files(folder)
        try:
            # without its answer a report is not taken for the current one, so the answer goes first and comes last
            answer.unlink(missing_ok=True)
            if report is None:
                page.unlink(missing_ok=True)
            else:
                write_text(page, report)
            write_text(answer, line + "\n")
        except OSError as error:
            raise UsageError(f"{answer}: cannot be written ({error.strerror})") from error

    def write_index(self, folders: Iterable[str]) -> None:
        """Write the index and all answers: those of `folders` in that order, then those of earlier runs.

        Raises UsageError where they cannot be written.
        """
        files = list(dict.fromkeys([*(self._files(folder)[0] for folder in folders), *sorted(self._stored())]))
        files = [file for file in files if file.is_file()]
        rows = []
        try:
            with atomic_write(self.root / ANSWERS) as part, part.open("w", encoding="utf-8") as lines:
                for file in files:
                    line = file.read_text(encoding="utf-8")
                    lines.write(line)
                    rows.append(_row(json.loads(line), file.with_suffix(".html")))
            write_text(self.root / INDEX, _page(rows))
        except OSError as error:
            raise UsageError(f"{self.root}: cannot be written ({error.strerror})") from error

    def _stored(self) -> Iterator[Path]:
        return self._devices.glob("*.json")

    def _files(self, folder: str) -> tuple[Path, Path]:
        """Answer and report of `folder`; two folders never share them."""
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", Path(folder).name).strip(".-")[:60] or "device"
        name = f"{name}-{hashlib.sha256(folder.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        return self._devices / f"{name}.json", self._devices / f"{name}.html"


def _row(answer: dict[str, Any], report: Path) -> IndexRow:
    folder = answer["folder"].encode("utf-8", "replace").decode("utf-8")
    if "error" in answer:
        error = answer["error"]
        message = error["message"].encode("utf-8", "replace").decode("utf-8")
        return IndexRow(folder, None, "", "", "", error["code"], False, (message,), 0)
    decision, device = answer["decision"], answer["device"]
    reasons = tuple(dict.fromkeys(_reason_text(one) for one in (*decision["review"], *decision["reasons"])))
    return IndexRow(
        folder=folder,
        report=f"{DEVICES}/{report.name}",
        device="unnamed phone" if device["assumed"] else device["name"],
        grade=decision["grade"] or "",
        at_best=decision["cosmetic_at_best"] or "",
        status=decision["status"],
        needs_review=decision["needs_review"],
        reasons=reasons[:MOST_REASONS],
        more_reasons=max(0, len(reasons) - MOST_REASONS),
    )


def _reason_text(reason: dict[str, Any]) -> str:
    """Return the text of a reason after the surface that it is about, as the index has no column for that."""
    text, surface = str(reason["text"]), reason.get("surface")
    return text if surface is None or text.startswith(f"{surface}: ") else f"{surface}: {text}"


def _page(rows: list[IndexRow]) -> str:
    loader = ChoiceLoader([PackageLoader("phonegrade.batch", "."), PackageLoader("phonegrade.assessment", ".")])
    page = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("report_index.html.j2")
    grades: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: row.grade):
        if row.grade:
            grades[row.grade] = grades.get(row.grade, 0) + 1
    return page.render(rows=rows, grades=grades, answers=ANSWERS)
