"""The limit on the photos of one device, before any is looked at."""

from collections.abc import Mapping

from phonegrade.configs.errors import TooManyPhotosError
from phonegrade.configs.vocabulary import Surface


def refuse_too_many(counts: Mapping[Surface, int], most: int) -> None:
    """Raises TooManyPhotosError for more than `most` photos over all surfaces."""
    total = sum(counts.values())
    if total > most:
        told = ", ".join(f"{count} of the {surface}" for surface, count in counts.items() if count)
        raise TooManyPhotosError(f"{total} photos were given ({told}), at most {most} are looked at; leave some out")
