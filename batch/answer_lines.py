"""What a line of `--jsonl` holds beside an answer, or instead of one; `phonegrade schema --jsonl` prints it."""

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.strict import Strict


class Failure(Strict):
    """Why there is no answer."""

    code: str
    """One of those of the HTTP errors, or `worker_died`."""
    message: str


class GradedFolderLine(Assessment):
    """A device of `phonegrade grade --jsonl`; with `--brief` without `inspections`, `photos` and `views`."""

    folder: str
    """As it was named, or under the folder that was named."""
    fingerprint: str
    """SHA-256 of everything that decides the answer: a device with an equal one need not be graded again."""


class FailedFolderLine(Strict):
    """A folder of `phonegrade grade --jsonl` that could not be graded."""

    folder: str
    error: Failure


class FailedPhotoLine(Strict):
    """A photo of `phonegrade inspect --jsonl` that could not be used."""

    photo: str
    error: Failure
