"""What comes with the photos of one device: how many may come, who grades them, and what the sender calls it."""

from collections.abc import Mapping

from phonegrade.core.errors import TooManyPhotosError, UsageError
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface

DEFAULT_POLICY = "ctia-like"
"""The policy that grades when the caller names none."""
MAX_PHOTOS = 24
"""Of one device: four views of each surface."""
MAX_CHARACTERS = 64


class Reference(Strict):
    """Echoed in the answer and printed on the report; never read, never part of a grade."""

    asset: str | None
    """Asset id, IMEI or serial number, as the sender writes it."""
    order: str | None
    """Order, lot or case number, as the sender writes it."""


def reference_of(asset: str | None, order: str | None) -> Reference | None:
    """Both without spaces around them; None where neither was given.

    Raises UsageError for one that is empty, longer than `MAX_CHARACTERS` or holds control characters.
    """
    if asset is None and order is None:
        return None
    return Reference(asset=_label("asset", asset), order=_label("order", order))


def _label(name: str, given: str | None) -> str | None:
    if given is None:
        return None
    label = given.strip()
    if not label or len(label) > MAX_CHARACTERS or not label.isprintable():
        raise UsageError(f"{name} must be 1 to {MAX_CHARACTERS} printable characters, not {given[:80]!r}")
    return label


def refuse_too_many(counts: Mapping[Surface, int], most: int) -> None:
    """Raises TooManyPhotosError for more than `most` photos over all surfaces."""
    total = sum(counts.values())
    if total > most:
        told = ", ".join(f"{count} of the {surface}" for surface, count in counts.items() if count)
        raise TooManyPhotosError(f"{total} photos were given ({told}), at most {most} are looked at; leave some out")
