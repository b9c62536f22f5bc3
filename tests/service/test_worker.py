"""What a worker process does, without the process."""

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from phonegrade.assessment.choose_device import ChosenDevice
from phonegrade.assessment.inspect_photos import InspectedPhoto
from phonegrade.configs.policy import shipped_policy
from phonegrade.core.errors import ModelFileError, NoDeviceError, PhotoCrashedDecoderError, SetupError
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import Inspector
from phonegrade.service.tasks import (
    HTML,
    Body,
    FailedPhoto,
    GradeDevice,
    InspectedSurface,
    InspectPhoto,
    InspectSurface,
    WorkerSetup,
)
from phonegrade.service.worker import Worker, load_worker
from phonegrade.tests.drawn_device import device_photos, empty_table

FRONT = device_photos()[Surface.FRONT]
POLICY = shipped_policy("ctia-like")


class _Broken(Inspector):
    def inspect_decoded(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as given
        raise IndexError("a tile is gone")


@pytest.fixture
def worker(inspector: Inspector) -> Worker:
    return Worker(inspector, None)


def surface(worker: Worker, data: bytes, name: str = "a.jpg") -> InspectedSurface:
    answer = worker(InspectSurface(name, Surface.FRONT, None, POLICY), data)
    assert isinstance(answer, InspectedSurface)
    return answer


def grade(worker: Worker, *inspected: bytes | FailedPhoto, data: bytes = b"", **options: Any) -> Body:  # noqa: ANN401
    settings: dict[str, Any] = {"brief": False, "report": False, "page": False, "photo_bytes": (), **options}
    task = GradeDevice(inspected, None, ChosenDevice(None), POLICY, None, answered_at=datetime.now(UTC), **settings)
    answer = worker(task, data)
    assert isinstance(answer, Body)
    return answer


def test_what_no_decoder_should_raise_is_the_photo_s_fault_and_not_the_service_s(inspector: Inspector) -> None:
    parts = inspector.locator, inspector.boundary_refiner, inspector.segmenter, inspector.limits
    worker = Worker(_Broken(*parts), None)
    for task in (
        InspectPhoto("a.jpg", None, None, None, None, overlay=False),
        InspectSurface("a.jpg", Surface.FRONT, None, POLICY),
    ):
        with pytest.raises(PhotoCrashedDecoderError, match="save it again"):
            worker(task, FRONT)


def test_a_photo_s_error_names_it_and_leaves_its_bytes_behind(worker: Worker) -> None:
    answer = surface(worker, empty_table(), "desk.jpg")
    photo = pickle.loads(answer.packed)  # noqa: S301 - just packed
    assert isinstance(photo, InspectedPhoto)
    assert isinstance(photo.answer, NoDeviceError)
    assert photo.answer.photo is not None
    assert photo.answer.photo.name == "desk.jpg"
    assert json.loads(answer.event)["error"]["code"] == "no_device"
    assert len(answer.packed) < 400_000


def test_a_photo_that_crashed_is_reported_and_loses_no_other(worker: Worker) -> None:
    crashed = FailedPhoto(Surface.FRONT, "b.heic", "0" * 64, 7, PhotoCrashedDecoderError("it crashes"))
    answer = json.loads(grade(worker, surface(worker, FRONT).packed, crashed).content)
    records = answer["views"]["front"]["photos"]
    assert [(one["file"], one["used"]) for one in records] == [("a.jpg", True), ("b.heic", False)]
    assert records[1]["why_not"][0]["rule"] == "photo_crashed_decoder"


def test_the_report_is_drawn_from_the_bytes_that_come_along(worker: Worker) -> None:
    packed = surface(worker, FRONT).packed
    page = grade(worker, packed, data=FRONT, page=True, photo_bytes=(len(FRONT),))
    assert page.media_type == HTML
    assert b"data:image/jpeg;base64" in page.content
    assert page.outcome == "incomplete"


def test_a_worker_that_would_not_work_says_why(stub_models: Path, tmp_path: Path) -> None:
    (tmp_path / "desk.jpg").write_bytes(empty_table())
    for setup, error, text in (
        (WorkerSetup(stub_models, 1, (), tmp_path / "gone.jpg"), SetupError, "cannot be read"),
        (WorkerSetup(stub_models, 1, (), tmp_path / "desk.jpg"), SetupError, "no phone was found"),
        (WorkerSetup(stub_models, 1, ("a key",), None), ModelFileError, "signature"),
    ):
        with pytest.raises(error, match=text):
            load_worker(setup)
