"""Stored devices as columns, batch by batch, from the lines of a .jsonl file."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phonegrade.batch.stored_line import StoredLine, read_lines
from phonegrade.grading.vectorised.columns import Columns, Numbers
from phonegrade.grading.vectorised.to_columns import pack

JSONL_BATCH = 2_000
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Batch:
    """Some of the devices of a file."""

    ids: NDArray[np.str_]
    price: Numbers
    """Of the best grade; NaN where none is stored."""
    stored_grade: NDArray[np.str_]
    """The grade, or the status where there was none, or "not judged"."""
    stored_value_share: Numbers
    columns: Columns


def read_jsonl(file: Path) -> Iterator[Batch]:
    """Yield batches of a .jsonl file, one device a line. Raises StoredFileError that names the file and line."""
    lines = read_lines(file)
    while some := list(islice(lines, JSONL_BATCH)):
        yield _batch(some)


def _batch(numbered: list[tuple[int, StoredLine]]) -> Batch:
    lines = [line for _, line in numbered]
    told = [line.said or line.decision for line in lines]
    return Batch(
        ids=np.array([line.id or f"line {number}" for number, line in numbered]),
        price=np.array([np.nan if line.price is None else line.price for line in lines]),
        stored_grade=np.array([NOT_JUDGED if said is None else said.grade or said.status for said in told]),
        stored_value_share=np.array(
            [np.nan if said is None or said.value_share is None else said.value_share for said in told]
        ),
        columns=pack([(line.inspections, line.functional) for line in lines]),
    )
