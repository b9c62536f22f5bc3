"""Chooses the device that the photos are measured as, and checks that the functional tests belong to it."""

from typing import TYPE_CHECKING, NamedTuple

from phonegrade.core.devices.catalogue import Device, devices_named, find_device
from phonegrade.core.devices.own_devices import device_of_size
from phonegrade.core.errors import DeviceNameError, UsageError
from phonegrade.grading.decision import Flag, Reason

if TYPE_CHECKING:  # where only photos are inspected, neither is needed
    from phonegrade.assessment.assessment import Assessment
    from phonegrade.core.functional.report import FunctionalReport


class ChosenDevice(NamedTuple):
    """The device whose sizes are used, None where none was named, and flags about the choice."""

    device: Device | None
    flags: tuple[Flag, ...] = ()

    def add_flags_to(self, assessment: "Assessment") -> "Assessment":
        """Return the assessment with these flags before its own."""
        return assessment.model_copy(update={"flags": (*self.flags, *assessment.flags)})


def choose_device(
    name: str | None, functional: "FunctionalReport | None", own: tuple[Device, ...] = ()
) -> ChosenDevice:
    """Return the device of that name, else the one that the functional tests name, else none.

    Names refer to devices of the catalogue or of an operator's `own`. Raises DeviceNameError for an unknown or
    ambiguous `name`. Such a name inside the functional tests, which come from other tools, is flagged instead, and
    the sizes are assumed.
    """
    if name:
        return ChosenDevice(find_device(name, own))
    if functional is None or not functional.device:
        return ChosenDevice(None)
    try:
        return ChosenDevice(find_device(functional.device, own))
    except DeviceNameError as error:
        text = f"the device in the functional test file was not recognised: {error}"
        return ChosenDevice(None, (Flag(code=error.code, text=text, surface=None),))


def identity_reasons(device: Device | None, functional: "FunctionalReport | None") -> tuple[Reason, ...]:
    """Return why the tests may not belong to `device`, which the photos were measured as; none where they agree.

    Devices of the catalogue are compared, never texts. A name that can mean the device among others agrees with it; one
    that the catalogue does not know confirms nothing, which is a reason too.
    """
    if device is None or functional is None or not functional.device:
        return ()
    named = functional.device
    candidates = devices_named(named) or devices_named(named, (device,))
    if not candidates:
        text = (
            f"the test file names the device {named!r:.80}, which is not in the catalogue, so nothing confirms that "
            f"the tests belong to the {device.name}"
        )
        return (Reason(rule="identity_unconfirmed", text=text),)
    if device in candidates:
        return ()
    other = candidates[0].name if len(candidates) == 1 else f"{named!r:.80}"
    text = f"the photos were measured as {device.name}, but the test file names {other}: they are of different phones"
    return (Reason(rule="identity_mismatch", text=text),)


def known_device(
    name: str | None, size: str | None, functional: "FunctionalReport | None", own: tuple[Device, ...]
) -> ChosenDevice:
    """Return the named device, else one of the given `size` in mm, else the one that the tests name, else none.

    A size is for a device without a name. Raises UsageError for a size beside a name, or beside tests of a known
    device, as one of the two would go unused; and what `choose_device` and `device_of_size` raise.
    """
    if not size:
        return choose_device(name, functional, own)
    if name:
        raise UsageError(f"give either the device {name!r:.80} or its size {size!r:.60}, not both")
    named = None if functional is None or not functional.device else _device_or_none(functional.device, own)
    if named is not None:
        raise UsageError(
            f"the functional tests name {named.name}, whose size is known: leave out the size {size!r:.60}"
        )
    return ChosenDevice(device_of_size(size))


def _device_or_none(name: str, own: tuple[Device, ...]) -> Device | None:
    try:
        return find_device(name, own)
    except DeviceNameError:
        return None
