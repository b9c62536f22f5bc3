"""Reads stored devices from a file, batch by batch, as columns."""

from collections.abc import Iterator
from pathlib import Path

from phonegrade.batch.batches import Batch, read_jsonl
from phonegrade.core.errors import StoredFileError
from phonegrade.core.extras import needs_extra

PARQUET_BATCH = 100_000


def read_batches(file: Path) -> Iterator[Batch]:
    """Return batches of a .jsonl file, one device a line, or of a .parquet file as `phonegrade policy pack` writes it.

    Raises StoredFileError that names the file and line.
    """
    match file.suffix.lower():
        case ".jsonl" | ".ndjson":
            return read_jsonl(file)
        case ".parquet":
            with needs_extra("batch", "policy simulate of a .parquet file", ", or use a .jsonl file"):
                from phonegrade.batch.parquet import read_parquet

                return read_parquet(file, PARQUET_BATCH)
        case _:
            raise StoredFileError(f"{file}: stored devices are .jsonl or .parquet")
