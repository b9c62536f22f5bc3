"""Stored devices from a file, batch by batch, as columns; and what another policy would give them."""

from collections.abc import Iterator
from pathlib import Path

from phonegrade.batch.batches import Batch, read_jsonl
from phonegrade.configs.policy import Policy
from phonegrade.core.errors import StoredFileError
from phonegrade.core.extras import needs_extra
from phonegrade.grading.decision import PolicyRef
from phonegrade.grading.vectorised.regrade import regrade
from phonegrade.grading.vectorised.simulation import Graded, Simulation, Tally

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


def simulate(file: Path, new: Policy, old: Policy | None, typical_price: float) -> Simulation:
    """Return what `new` changes for the devices of `file` against `old`, or against the grade each was stored with.

    `typical_price` stands in for devices without a price. Raises StoredFileError.
    """
    tally = Tally()
    for batch in read_batches(file):
        before = Graded(batch.stored_grade, batch.stored_value_share)
        if old is not None:
            verdicts = regrade(batch.columns, old)
            before = Graded(verdicts.grades(old), verdicts.value_share)
        verdicts = regrade(batch.columns, new)
        tally.add(batch.ids, batch.price, before, Graded(verdicts.grades(new), verdicts.value_share), typical_price)
    return tally.result(None if old is None else _ref(old), _ref(new))


def _ref(policy: Policy) -> PolicyRef:
    return PolicyRef(name=policy.name, version=policy.version, sha256=policy.sha256)
