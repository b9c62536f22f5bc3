"""Which device the photos show, as far as anybody said."""

from typing import NamedTuple

from phonegrade.configs.catalogue import Device, find_device
from phonegrade.configs.errors import DeviceNameError
from phonegrade.configs.functional import FunctionalReport
from phonegrade.grading.decision import Flag
from phonegrade.service.appraisal import Appraisal


class ChosenDevice(NamedTuple):
    """The device whose sizes count, None for nobody's word, and what a person should know of the choice."""

    device: Device | None
    flags: tuple[Flag, ...] = ()

    def told_in(self, appraisal: Appraisal) -> Appraisal:
        """The appraisal with these flags before its own."""
        return appraisal.model_copy(update={"flags": (*self.flags, *appraisal.flags)})


def choose_device(name: str | None, functional: FunctionalReport | None) -> ChosenDevice:
    """The device of that name, else the one that the functional tests name, else none.

    Raises DeviceNameError for a `name` that means no device or several. A name inside the functional tests, which other
    people's tools write, refuses no photo: it is told, and the sizes are assumed.
    """
    if name:
        return ChosenDevice(find_device(name))
    if functional is None or not functional.device:
        return ChosenDevice(None)
    try:
        return ChosenDevice(find_device(functional.device))
    except DeviceNameError as error:
        told = f"the functional test file names its device: {error}"
        return ChosenDevice(None, (Flag(code=error.code, text=told, surface=None),))
