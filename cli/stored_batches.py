"""Stored devices from a file, batch by batch, as columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phonegrade.cli.batch_extra import needs_batch_extra
from phonegrade.cli.stored_line import StoredLine, read_lines
from phonegrade.configs.errors import StoredFileError
from phonegrade.grading.columns import Columns, Numbers
from phonegrade.grading.pack import pack

JSONL_BATCH = 2_000
PARQUET_BATCH = 100_000
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Batch:
    """Some of the devices of a file."""

    ids: NDArray[np.str_]
    price: Numbers
    """Of the best grade; NaN where none is stored."""
    said_grade: NDArray[np.str_]
    """The grade, or the status where there was none, or "not judged"."""
    said_worth: Numbers
    columns: Columns


def read_batches(file: Path) -> Iterator[Batch]:
    """Batches of a .jsonl file, one device a line, or of a .parquet file as `phonegrade policy pack` writes it.

    Raises StoredFileError that names the file and line.
    """
    match file.suffix.lower():
        case ".jsonl" | ".ndjson":
            return _read_jsonl(file)
        case ".parquet":
            with needs_batch_extra("policy simulate of a .parquet file"):
                from phonegrade.cli.stored_parquet import read_parquet

                return read_parquet(file, PARQUET_BATCH)
        case _:
            raise StoredFileError(f"{file}: stored devices are .jsonl or .parquet")


def _read_jsonl(file: Path) -> Iterator[Batch]:
    lines = read_lines(file)
    while some := list(islice(lines, JSONL_BATCH)):
        yield _batch(some)


def _batch(numbered: list[tuple[int, StoredLine]]) -> Batch:
    lines = [line for _, line in numbered]
    told = [line.said or line.decision for line in lines]
    return Batch(
        ids=np.array([line.id or f"line {number}" for number, line in numbered]),
        price=np.array([np.nan if line.price is None else line.price for line in lines]),
        said_grade=np.array([NOT_JUDGED if said is None else said.grade or said.status for said in told]),
        said_worth=np.array([np.nan if said is None or said.worth is None else said.worth for said in told]),
        columns=pack([(line.inspections, line.functional) for line in lines]),
    )
