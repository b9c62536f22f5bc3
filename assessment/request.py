"""What comes with the photos of one device: how many are accepted, the default policy, and the sender's reference."""

from collections.abc import Mapping

from phonegrade.core.errors import TooManyPhotosError, UsageError
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface

DEFAULT_POLICY = "ctia-like"
"""The policy where the caller names none."""
MAX_PHOTOS = 24
"""Per device: four views of each surface."""
MAX_CHARACTERS = 64


class Reference(Strict):
    """Identifiers echoed in the answer and printed on the report; never interpreted, never part of a grade."""

    asset: str | None
    """Asset id, IMEI or serial number, as the sender writes it."""
    order: str | None
    """Order, lot or case number, as the sender writes it."""


def reference_of(asset: str | None, order: str | None) -> Reference | None:
    """Return both, stripped of surrounding spaces; None where neither was given.

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
    """Raise TooManyPhotosError for more than `most` photos over all surfaces."""
    total = sum(counts.values())
    if total > most:
        listed = ", ".join(f"{count} of the {surface}" for surface, count in counts.items() if count)
        raise TooManyPhotosError(
            f"{total} photos were given ({listed}), but at most {most} are accepted; leave some out"
        )
