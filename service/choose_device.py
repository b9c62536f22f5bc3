"""Which device the photos show, as far as anybody said."""

from phonegrade.configs.catalogue import Device, find_device
from phonegrade.configs.errors import DeviceNameError
from phonegrade.configs.functional import FunctionalReport


def choose_device(name: str | None, functional: FunctionalReport | None, own: tuple[Device, ...] = ()) -> Device | None:
    """The device of that name, else the one that the functional tests name, else None.

    Names mean devices of the catalogue or of an operator's `own`. Raises DeviceNameError for a name that means no
    device or several.
    """
    if name:
        return find_device(name, own)
    if functional is None or not functional.device:
        return None
    try:
        return find_device(functional.device, own)
    except DeviceNameError as error:
        raise type(error)(f"the functional test file names its device: {error}") from error
