"""Photos of one device as they arrive: begun once the device is known, and again where a later part changes it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from phonegrade.configs.policy_set import PolicySet
from phonegrade.core.errors import BusyError, DeviceNameError, PhotoCrashedDecoderError, UsageError
from phonegrade.core.functional.report import load_functional
from phonegrade.service.device_request import AnswerForm, DeviceRequest
from phonegrade.service.metrics import Metrics
from phonegrade.service.parts import Parts
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.streamed_form import FilePart, Form
from phonegrade.service.tasks import JSON, Body, FailedPhoto, GradeDevice, InspectedSurface, InspectSurface, ReadTests


class RecordingPool:
    """Answers at once and notes what it was asked."""

    def __init__(self, room: int = 24) -> None:
        self.asked: list[Any] = []
        self.room = room

    def refuse_when_full(self, photos: int = 1) -> None:
        if photos > self.room:
            raise BusyError.for_wait(3)

    async def run(self, task: Any, data: bytes = b"", **options: bool) -> object:  # noqa: ANN401
        self.asked.append(task)
        match task:
            case ReadTests():
                return load_functional(data, task.name)
            case InspectSurface(name="crash.jpg"):
                raise PhotoCrashedDecoderError("it crashes")
            case InspectSurface():
                return InspectedSurface(task.name.encode(), b"{}")
        return Body(JSON, b"{}")

    @property
    def inspected(self) -> list[tuple[str, str | None]]:
        """Every photo that was begun, and the device that it was measured as."""
        photos = [task for task in self.asked if isinstance(task, InspectSurface)]
        return [(task.name, task.device and task.device.name) for task in photos]


def grade(
    pool: RecordingPool,
    *parts: tuple[str, str | bytes],
    early: bool = True,
    tell: Callable[[bytes], None] | None = None,
) -> list[int]:
    """Send texts and files in that order; returns how many photos had begun after each."""
    counts = []

    async def main() -> None:
        metrics = Metrics()
        service = Parts(ServiceSettings(), PolicySet(), pool, metrics, [])  # type: ignore[arg-type]
        request, form = DeviceRequest(service, early=early, tell=tell), Form()
        try:
            for name, value in parts:
                if isinstance(value, str):
                    form.texts[name] = value
                else:
                    part = FilePart(name, "crash.jpg" if value == b"crash" else f"{name}.jpg", value)
                    form.files.append(part)
                    await request.arrived(part, form)
                await asyncio.sleep(0)
                counts.append(len(pool.inspected))
            await request.graded(form, AnswerForm(report=True))
        finally:
            request.close()

    asyncio.run(main())
    return counts


def test_photos_are_begun_as_they_come_once_the_device_is_known() -> None:
    pool = RecordingPool()
    assert grade(pool, ("front", b"f"), ("device", "iphone 13"), ("back", b"b"), ("left", b"l")) == [0, 0, 1, 2]
    assert pool.inspected == [(f"{name}.jpg", "Apple iPhone 13") for name in ("back", "left", "front")]


@pytest.mark.parametrize("part", [("device", ""), ("functional", b'{"tests": {}}')])
def test_a_device_that_is_said_to_be_unknown_is_enough(part: tuple[str, str | bytes]) -> None:
    assert grade(RecordingPool(), part, ("front", b"f")) == [0, 1]


def test_the_device_of_the_tests_counts() -> None:
    pool = RecordingPool()
    grade(pool, ("functional", b'{"device": "iphone 12", "tests": {}}'), ("front", b"f"))
    assert pool.inspected == [("front.jpg", "Apple iPhone 12")]


def test_photos_that_a_later_part_measures_otherwise_are_inspected_again() -> None:
    pool = RecordingPool()
    grade(pool, ("functional", b'{"tests": {}}'), ("front", b"f"), ("device", "iphone 13"), ("back", b"b"))
    assert pool.inspected == [("front.jpg", None), ("back.jpg", "Apple iPhone 13"), ("front.jpg", "Apple iPhone 13")]


def test_nothing_is_begun_early_where_an_answer_may_be_there_already() -> None:
    assert grade(RecordingPool(), ("device", "iphone 13"), ("front", b"f"), early=False) == [0, 0]


def test_the_grade_rests_on_every_photo_in_the_order_of_surfaces_and_its_report_on_their_bytes() -> None:
    pool = RecordingPool()
    grade(pool, ("device", "iphone 13"), ("left", b"ll"), ("front", b"f"), ("left", b"crash"))
    work = pool.asked[-1]
    assert isinstance(work, GradeDevice)
    *opened, failed = work.inspected
    assert opened == [b"front.jpg", b"left.jpg"]
    assert isinstance(failed, FailedPhoto)
    assert (failed.file, failed.size_bytes, failed.error.code) == ("crash.jpg", 5, "photo_crashed_decoder")
    assert work.photo_bytes == (1, 2, 5)


def test_what_cannot_be_used_is_refused_when_it_comes() -> None:
    with pytest.raises(DeviceNameError):
        grade(RecordingPool(), ("device", "no such phone"), ("front", b"f"), ("back", b"b"))
    with pytest.raises(UsageError, match="no photo"):
        grade(RecordingPool(), ("device", "iphone 13"))


def test_a_device_that_finds_no_room_is_refused_before_its_first_photo_and_one_that_did_is_finished() -> None:
    with pytest.raises(BusyError, match="3 s"):
        grade(RecordingPool(room=0), ("device", "iphone 13"), ("front", b"f"))
    with pytest.raises(BusyError):
        grade(RecordingPool(room=1), ("front", b"f"), ("back", b"b"))
    grade(RecordingPool(room=1), ("device", "iphone 13"), ("front", b"f"), ("back", b"b"))
