"""What should have come against what came."""

from collections.abc import Sequence
from typing import NamedTuple

from phonegrade.batch.input.manifest import stock_of_manifest
from phonegrade.core.batch_errors import ManifestError


class LotComparison(NamedTuple):
    """A lot as it was announced and as it was received; by ids, in the order of their lists."""

    expected: int
    received: int
    """Of those that were expected."""
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Return whether all came, and nothing else."""
        return not self.missing and not self.unexpected


def read_expected(source: str) -> tuple[str, ...]:
    """Return the ids of a list of expected devices: a manifest of which only the column `id` matters.

    Raises ManifestError, also for a row that cannot be read: a list of what was promised has to be right.
    """
    stock = stock_of_manifest(source)
    for problem in stock.problems:
        if problem.code == ManifestError.code:
            raise ManifestError(f"{source}:{problem.line}: {problem.message}")
    return tuple(stock.devices)


def compare_lot(expected: Sequence[str], received: Sequence[str]) -> LotComparison:
    """Return how a lot differs from what was announced."""
    came, announced = set(received), set(expected)
    return LotComparison(
        expected=len(announced),
        received=len(announced & came),
        missing=tuple(one for one in expected if one not in came),
        unexpected=tuple(one for one in received if one not in announced),
    )
