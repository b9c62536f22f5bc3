"""One stored device: a line of a .jsonl file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, NonNegativeFloat, ValidationError, model_validator

from phonegrade.core.errors import StoredFileError
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection, ModelRef
from phonegrade.core.problems import first_problem
from phonegrade.core.vocabulary import Surface


class StoredGrade(BaseModel):
    """The grade that a device was stored with."""

    model_config = ConfigDict(extra="ignore")

    status: str
    grade: str | None = None
    value_share: float | None = None


class StoredVersions(BaseModel):
    """Which models answered, where the inspections do not name them."""

    model_config = ConfigDict(extra="ignore")

    models: ModelRef | None = None


class StoredLine(BaseModel):
    """A stored device, or an assessment as `phonegrade grade --json` prints it; other keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    id: str | None = Field(default=None, validation_alias=AliasChoices("id", "folder"))
    price: NonNegativeFloat | None = None
    """Of this model in the best grade, in any currency."""
    inspections: dict[Surface, Inspection]
    functional: FunctionalReport | None = None
    decision: StoredGrade | None = None
    previous: StoredGrade | None = None
    """The grade given before; takes precedence over `decision`."""
    phone: str | None = None
    """Lines that share it are of the same phone."""
    true_cosmetic_grade: str | None = None
    """Label of a labelled device."""
    versions: StoredVersions | None = None

    @model_validator(mode="after")
    def _name_models(self) -> Self:
        models = None if self.versions is None else self.versions.models
        for surface, inspection in self.inspections.items():
            if inspection.model is None:
                self.inspections[surface] = inspection.model_copy(update={"model": models})
        return self


def read_lines(file: Path) -> Iterator[tuple[int, StoredLine]]:
    """Yield line numbers, from 1, and devices; lines of `phonegrade grade --jsonl` for devices without an answer are
    passed over. Raises StoredFileError that names file, line and key."""
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and not _is_error(line):
                    yield number, _parsed(file, number, line)
    except OSError as error:
        raise StoredFileError(f"{file}: cannot be read: {error.strerror}") from error


def _is_error(line: bytes) -> bool:
    if b'"error"' not in line[:4096]:
        return False
    try:
        answer = json.loads(line)
    except ValueError:
        return False
    return isinstance(answer, dict) and set(answer) == {"folder", "error"}


def _parsed(file: Path, number: int, line: bytes) -> StoredLine:
    try:
        return StoredLine.model_validate_json(line)
    except ValidationError as error:
        raise StoredFileError(f"{file}:{number}: {first_problem(error, 'line')}") from error
