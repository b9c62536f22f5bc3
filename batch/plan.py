"""What there is to do for a stock: every photo once, then every device."""

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

from phonegrade.assessment.choose_device import ChosenDevice, choose_device
from phonegrade.assessment.request import MAX_PHOTOS, refuse_too_many
from phonegrade.batch.input.places import read_file
from phonegrade.batch.input.stock import Problem, Stock, StockDevice
from phonegrade.batch.photo_work import PhotoTask
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import FunctionalError, InputError, UsageError
from phonegrade.core.functional.report import FunctionalReport, load_functional
from phonegrade.core.vocabulary import Surface

_MAX_TESTS_BYTES = 4 << 20
_KEY_LENGTH = 40


class NoAnswer(NamedTuple):
    """Why something has no answer."""

    code: str
    message: str

    @classmethod
    def of(cls, error: InputError) -> "NoAnswer":
        """Return the failure that an error stands for."""
        return cls(error.code, str(error))


class PlannedPhoto(NamedTuple):
    """One photo of a device: the task that inspects it, or why none does."""

    surface: Surface
    name: str
    location: str
    key: str | None
    failure: NoAnswer | None = None


@dataclass(frozen=True)
class PlannedDevice:
    """One device, as far as it is known before its photos are inspected."""

    id: str
    chosen: ChosenDevice
    functional: FunctionalReport | None
    price: float | None
    storage_gb: int | None
    photos: tuple[PlannedPhoto, ...]
    failure: NoAnswer | None
    """Why it cannot be graded, whatever its photos show."""


@dataclass
class Plan:
    """All that there is to do."""

    photos: list[PhotoTask] = field(default_factory=list)
    """Each once, in the order of the input."""
    devices: list[PlannedDevice] = field(default_factory=list)
    """In the order of the input."""
    problems: list[Problem] = field(default_factory=list)
    asked: int = 0
    """Photos, counting one that several devices have, or a device twice, each time."""


def plan_of(
    stock: Stock,
    contents: Mapping[str, str | InputError],
    fingerprint: str,
    own_devices: tuple[Device, ...],
    threads: int,
) -> Plan:
    """Return what there is to do; `contents` holds the SHA-256 of each photo by its location, or why it has none."""
    plan = Plan(problems=list(stock.problems))
    known: dict[str, PhotoTask] = {}
    with ThreadPoolExecutor(threads, thread_name_prefix="tests") as pool:
        described = pool.map(lambda device: _described(device, own_devices), stock.devices.values())
        for device, (chosen, functional, failure) in zip(stock.devices.values(), described, strict=True):
            photos = tuple(_photos(device, chosen.device, contents, fingerprint, known))
            usable = () if failure else photos
            plan.devices.append(
                PlannedDevice(device.id, chosen, functional, device.price, device.storage_gb, usable, failure)
            )
            plan.asked += len(device.photos)
            if failure is not None:
                plan.problems.append(Problem(*failure, device=device.id))
            plan.problems += [
                Problem(*photo.failure, device=device.id, surface=photo.surface) for photo in usable if photo.failure
            ]
    wanted = {photo.key for device in plan.devices for photo in device.photos}
    plan.photos = [task for task in known.values() if task.key in wanted]
    return plan


def _described(
    device: StockDevice, own: tuple[Device, ...]
) -> tuple[ChosenDevice, FunctionalReport | None, NoAnswer | None]:
    """Return which phone a device is and its tests, or why it cannot be graded."""
    try:
        if device.error is not None:
            raise device.error
        if not device.photos:
            raise UsageError("no photo of it was given")
        refuse_too_many(_counts(device), MAX_PHOTOS)
        functional = _functional(device)
        return choose_device(device.device, functional, own), functional, None
    except InputError as error:
        return ChosenDevice(None), None, NoAnswer.of(error)


def _counts(device: StockDevice) -> dict[Surface, int]:
    surfaces = [photo.surface for photo in device.photos]
    return {surface: surfaces.count(surface) for surface in Surface}


def _functional(device: StockDevice) -> FunctionalReport | None:
    """Return the tests without the phone's number, which no answer needs. Raises InputError."""
    given = device.functional
    if given is None:
        return None
    inline = given.lstrip().startswith("{")
    data = given.encode() if inline else read_file(given, _MAX_TESTS_BYTES)
    try:
        return load_functional(data, "functional").model_copy(update={"imei": None})
    except FunctionalError as error:
        text = str(error)
        raise FunctionalError("functional: imei is not an IMEI" if "IMEI" in text else text) from error


def _photos(
    device: StockDevice,
    phone: Device | None,
    contents: Mapping[str, str | InputError],
    fingerprint: str,
    known: dict[str, PhotoTask],
) -> list[PlannedPhoto]:
    """Return the photos of a device by surface and as given; new ones are added to the `known` tasks."""
    planned = []
    for photo in sorted(device.photos, key=lambda one: list(Surface).index(one.surface)):
        content = contents[photo.location]
        if isinstance(content, InputError):
            planned.append(PlannedPhoto(photo.surface, photo.name, photo.location, None, NoAnswer.of(content)))
            continue
        key = _key(fingerprint, content, photo.surface, phone)
        known.setdefault(key, PhotoTask(key, photo.location, content, photo.surface, phone))
        planned.append(PlannedPhoto(photo.surface, photo.name, photo.location, key))
    return planned


def _key(fingerprint: str, sha256: str, surface: Surface, phone: Device | None) -> str:
    body = None if phone is None else phone.model_dump(mode="json")
    text = json.dumps([fingerprint, sha256, surface, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]
