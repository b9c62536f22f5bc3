"""Which device counts where a size, or an operator's own devices, may be given beside a name."""

from phonegrade.configs.catalogue import Device, find_device
from phonegrade.configs.errors import DeviceNameError, UsageError
from phonegrade.configs.functional import FunctionalReport
from phonegrade.configs.own_devices import device_of_size
from phonegrade.service.choose_device import ChosenDevice, choose_device


def known_device(
    name: str | None, size: str | None, functional: FunctionalReport | None, own: tuple[Device, ...]
) -> ChosenDevice:
    """The named device, else one of the given `size` in mm, else the one that the functional tests name, else none.

    A size is for a device that nothing names. Raises UsageError for a size beside a name, or beside tests whose device
    is known, since one of the two would go unused; and what `choose_device` and `device_of_size` raise.
    """
    if not size:
        return choose_device(name, functional, own)
    if name:
        raise UsageError(f"give either the device {name!r:.80} or its size {size!r:.60}, not both")
    named = None if functional is None or not functional.device else _found(functional.device, own)
    if named is not None:
        raise UsageError(
            f"the functional tests name {named.name}, whose size is known: leave out the size {size!r:.60}"
        )
    return ChosenDevice(device_of_size(size))


def _found(name: str, own: tuple[Device, ...]) -> Device | None:
    try:
        return find_device(name, own)
    except DeviceNameError:
        return None
