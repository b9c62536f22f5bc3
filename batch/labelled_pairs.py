"""Grades labelled devices for their agreement with the truth, and fits calibrations to them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from phonegrade.batch.stored_line import StoredLine, read_lines
from phonegrade.configs.calibration import Calibration
from phonegrade.configs.policy import Policy
from phonegrade.core.errors import StoredFileError
from phonegrade.grading.judge import judge
from phonegrade.grading.uncertainty.agreement import Pair, calibrate
from phonegrade.grading.uncertainty.certainty import assess

SEED = 0
Half = Literal["first", "second"]
"""Of the phones: one half to calibrate on, the other to measure on."""


def labelled_pairs(file: Path, policy: Policy, calibration: Calibration | None, half: Half | None) -> list[Pair]:
    """Return the given and the true grade of each device of `file`, or of one half of its phones.

    Raises StoredFileError for a device without a label.
    """
    return [_pair(file, number, line, policy, calibration) for number, line in _lines(file, half)]


def learn(file: Path, policy: Policy, half: Half | None) -> Calibration:
    """Fit a calibration of `policy` to the devices of `file`, or of half of its phones, held out from all training.

    Raises StoredFileError.
    """
    models = {one.model for _, line in _lines(file, half) for one in line.inspections.values() if one.model}
    if len(models) != 1:
        raise StoredFileError(f"{file}: inspected by {len(models)} different sets of models; a calibration is of one")
    pairs = labelled_pairs(file, policy, None, half)
    try:
        return calibrate(pairs, policy, models.pop(), hashlib.sha256(file.read_bytes()).hexdigest())
    except ValueError as error:
        raise StoredFileError(f"{file}: {error}") from error


def _lines(file: Path, half: Half | None) -> Iterator[tuple[int, StoredLine]]:
    """Yield the lines of `file` whose phone belongs to `half`: every other phone, in the order of their first lines."""
    phones: dict[str, int] = {}
    for number, line in read_lines(file):
        index = phones.setdefault(line.phone or f"line {number}", len(phones))
        if half is None or index % 2 == (half == "second"):
            yield number, line


def _pair(file: Path, number: int, line: StoredLine, policy: Policy, calibration: Calibration | None) -> Pair:
    names = policy.cosmetic.names
    if line.true_cosmetic_grade not in names:
        known = ", ".join(names)
        raise StoredFileError(
            f"{file}:{number}: true_cosmetic_grade must be one of {known}, not {line.true_cosmetic_grade!r}"
        )
    decision = judge(line.inspections, line.functional, policy)
    decision = assess(decision, line.inspections, line.functional, policy, calibration, SEED)
    return Pair(
        given=decision.cosmetic_grade,
        true=line.true_cosmetic_grade,
        phone=line.phone,
        certainty=decision.certainty,
        needs_review=decision.needs_review,
    )
