"""What the sender calls the device: an asset id and an order number, as they stand on labels and papers."""

from phonegrade.configs.errors import UsageError
from phonegrade.configs.strict import Strict

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
