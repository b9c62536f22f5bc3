"""What is kept of a judged device, so that it can be judged again: measurements and tests, no photo."""

from pydantic import NonNegativeFloat

from phonegrade.configs.functional import FunctionalReport
from phonegrade.configs.inspection import Inspection
from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import Status


class Said(Strict):
    """What a device was told when it was judged."""

    status: Status
    grade: str | None
    worth: float | None
    """Share of the price of the best grade."""


class StoredDevice(Strict):
    """One device, ready to be judged under any policy."""

    id: str
    price: NonNegativeFloat | None = None
    """Of this model in the best grade, in any currency; None where nobody stored it."""
    inspections: dict[Surface, Inspection]
    functional: FunctionalReport | None = None
    said: Said | None = None
