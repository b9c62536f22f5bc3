"""The progress of a run as lines."""

import time
from collections import Counter
from dataclasses import dataclass

from phonegrade.batch.progress import Progress, StageProgress
from phonegrade.batch.run_folder import RunFolder
from phonegrade.cli.console import log_line
from phonegrade.core.errors import StoredFileError

EVERY_S = 15.0


def read_progress(folder: RunFolder) -> Progress:
    """Return how far the run in a folder is. Raises StoredFileError where there is none."""
    try:
        return Progress.model_validate_json(folder.progress.read_bytes())
    except (OSError, ValueError) as error:
        raise StoredFileError(f"{folder.root}: holds no run of phonegrade batch grade") from error


def progress_text(progress: Progress) -> str:
    """Return the progress as lines that a person reads."""
    lines = [
        f"{progress.state}: {progress.engine} of {progress.workers}, since {progress.began_at:%Y-%m-%d %H:%M:%S} UTC"
    ]
    for name, part in (("photos", progress.photos), ("devices", progress.devices)):
        if part.total:
            lines.append(f"{name:8} {stage_text(part)}")
    if progress.problems:
        lines.append(f"input    {_counts(progress.problems)}")
    if progress.error is not None:
        lines.append(f"failed   {progress.error}")
    return "\n".join(lines)


def stage_text(part: StageProgress) -> str:
    """Return one stage as one line."""
    text = f"{part.before + part.done} of {part.total}"
    if part.before:
        text += f", {part.before} of them before"
    if part.per_s is not None:
        text += f", {part.per_s:.2f}/s, {1000 * part.cpu_s / part.done:.0f} ms of processor each"
    if part.eta_s:
        text += f", {duration(part.eta_s)} to go"
    if part.unread:
        text += f", {part.unread} cannot be read for now"
    return f"{text}; errors: {_counts(part.errors)}" if part.errors else text


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86400:.1f} days"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {code}" for code, count in Counter(counts).most_common())


@dataclass
class ProgressLines:
    """Writes to stderr how far a run is, now and then."""

    written_s: float = 0.0
    stage: str = ""

    def __call__(self, progress: Progress) -> None:
        """Write a line, where it is time for one."""
        new = progress.stage != self.stage
        if progress.state == "running" and (new or time.monotonic() - self.written_s > EVERY_S):
            self.written_s, self.stage = time.monotonic(), progress.stage
            if progress.stage != "report":
                part = progress.photos if progress.stage == "photos" else progress.devices
                log_line(f"{progress.stage}: {stage_text(part)}")
