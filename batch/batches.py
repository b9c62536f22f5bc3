"""Stored devices as columns, batch by batch, from the lines of a .jsonl file."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phonegrade.batch.stored_line import StoredLine, read_lines
from phonegrade.core.arrays import Floats
from phonegrade.grading.vectorised.columns import DeviceColumns
from phonegrade.grading.vectorised.to_columns import to_columns

JSONL_BATCH = 2_000
NOT_GRADED = "not graded"


@dataclass(frozen=True)
class Batch:
    """Some of the devices of a file, as columns with their stored grades."""

    ids: NDArray[np.str_]
    price: Floats
    """Of the best grade; NaN where none is stored."""
    stored_grade: NDArray[np.str_]
    """The grade, or the status where there was none, or "not graded"."""
    stored_value_share: Floats
    columns: DeviceColumns


def read_jsonl(file: Path) -> Iterator[Batch]:
    """Yield batches of a .jsonl file, one device a line. Raises StoredFileError that names the file and line."""
    lines = read_lines(file)
    while some := list(islice(lines, JSONL_BATCH)):
        yield _batch(some)


def _batch(numbered: list[tuple[int, StoredLine]]) -> Batch:
    lines = [line for _, line in numbered]
    stored = [line.previous or line.decision for line in lines]
    return Batch(
        ids=np.array([line.id or f"line {number}" for number, line in numbered]),
        price=np.array([np.nan if line.price is None else line.price for line in lines]),
        stored_grade=np.array([NOT_GRADED if one is None else one.grade or one.status for one in stored]),
        stored_value_share=np.array(
            [np.nan if one is None or one.value_share is None else one.value_share for one in stored]
        ),
        columns=to_columns([(line.inspections, line.functional) for line in lines]),
    )
