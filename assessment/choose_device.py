"""Which device the photos show, as far as anybody said, and whether the functional tests are of the same one."""

from typing import NamedTuple

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.devices.catalogue import Device, devices_named, find_device
from phonegrade.core.devices.own_devices import device_of_size
from phonegrade.core.errors import DeviceNameError, UsageError
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.grading.decision import Flag, Reason


class ChosenDevice(NamedTuple):
    """The device whose sizes count, None for nobody's word, and what a person should know of the choice."""

    device: Device | None
    flags: tuple[Flag, ...] = ()

    def told_in(self, assessment: Assessment) -> Assessment:
        """The assessment with these flags before its own."""
        return assessment.model_copy(update={"flags": (*self.flags, *assessment.flags)})


def choose_device(name: str | None, functional: FunctionalReport | None, own: tuple[Device, ...] = ()) -> ChosenDevice:
    """The device of that name, else the one that the functional tests name, else none.

    Names mean devices of the catalogue or of an operator's `own`. Raises DeviceNameError for a `name` that means no
    device or several. A name inside the functional tests, which other people's tools write, refuses no photo: it is
    told, and the sizes are assumed.
    """
    if name:
        return ChosenDevice(find_device(name, own))
    if functional is None or not functional.device:
        return ChosenDevice(None)
    try:
        return ChosenDevice(find_device(functional.device, own))
    except DeviceNameError as error:
        told = f"the functional test file names its device: {error}"
        return ChosenDevice(None, (Flag(code=error.code, text=told, surface=None),))


def identity_doubts(device: Device | None, functional: FunctionalReport | None) -> tuple[Reason, ...]:
    """Why the tests may be another phone's than `device`, which the photos were measured as; none where they agree.

    Devices of the catalogue are compared, never texts. A name that can mean the device among others agrees with it; one
    that the catalogue does not know proves nothing, and that is a doubt too.
    """
    if device is None or functional is None or not functional.device:
        return ()
    named = functional.device
    meant = devices_named(named) or devices_named(named, (device,))
    if not meant:
        text = (
            f"the test file names its device {named!r:.80}, which is not in the catalogue: nothing shows that the "
            f"tests are of {device.name}"
        )
        return (Reason(rule="identity_unconfirmed", text=text),)
    if device in meant:
        return ()
    other = meant[0].name if len(meant) == 1 else f"{named!r:.80}"
    text = (
        f"the photos were measured as {device.name}, but the test file names {other}: one of them is of another phone"
    )
    return (Reason(rule="identity_mismatch", text=text),)


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
