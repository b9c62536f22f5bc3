"""The work on devices: what their photos show becomes one grade each, by the way that `phonegrade grade` takes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from phonegrade.assessment.assess import assess_inspected
from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.inspect_photos import InspectedPhoto, flag_alike
from phonegrade.batch.batches import NOT_GRADED, Batch
from phonegrade.batch.engines.chunks import CODE, KEY, Answered, Unread
from phonegrade.batch.parquet import frame_of, stored_schema
from phonegrade.batch.photo_work import error_of, photo_of
from phonegrade.batch.plan import NoAnswer, PlannedDevice
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.hardware import applied
from phonegrade.core.errors import InputError
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.gradability import counted_defects
from phonegrade.grading.vectorised.columns import SURFACES
from phonegrade.grading.vectorised.to_columns import to_columns

_FILES_AT_HAND = 32
_KEY_LENGTH = 40
_OWN: Mapping[str, Any] = {
    KEY: pl.String,
    CODE: pl.String,
    "error_message": pl.String,
    "device": pl.String,
    "sizes_assumed": pl.Boolean,
    "storage_gb": pl.Int64,
    "status": pl.String,
    "grade": pl.String,
    "cosmetic_grade": pl.String,
    "functional_grade": pl.String,
    "at_best": pl.String,
    "value_share": pl.Float64,
    "needs_review": pl.Boolean,
    "review": pl.List(pl.String),
    "retake": pl.List(pl.String),
    "reasons": pl.List(pl.String),
    "counted": pl.List(pl.String),
    "photos": pl.Int64,
}
ASSESSMENT = "assessment"
"""Column of the whole answer as JSON, in the files of chunks alone."""


class DeviceTask(NamedTuple):
    """One device whose photos were inspected, or cannot be."""

    key: str
    """Of everything that decides its row."""
    device: PlannedDevice
    files: tuple[str | None, ...]
    """Where the row of each photo lies; None for one without."""


@dataclass(frozen=True)
class DeviceWork:
    """Grades devices by one policy and writes their rows into a folder."""

    folder: Path
    policy: Policy

    @property
    def schema(self) -> Mapping[str, Any]:
        """Columns of the rows: our own, those that devices are regraded by, and the whole answer."""
        return {**_OWN, **stored_schema(), ASSESSMENT: pl.String}

    def fetch(self, task: DeviceTask) -> list[InspectedPhoto]:
        """Return what each photo shows, by surface and as given."""
        return [
            _failed(photo.surface, photo.name, photo.failure)
            if file is None or photo.key is None
            else photo_of(_rows(file)[photo.key], photo.name)
            for photo, file in zip(task.device.photos, task.files, strict=True)
        ]

    def answer(self, task: DeviceTask, data: list[InspectedPhoto]) -> Answered:
        """Return the row of one device."""
        device = task.device
        try:
            if device.failure is not None:
                raise error_of(*device.failure)
            assessment = device.chosen.add_flags_to(
                assess_inspected(data, flag_alike(data), device.functional, device.chosen.device, self.policy)
            )
        except InputError as error:
            return _error_row(task, error)
        return _row(task, assessment, self.policy)

    def answer_alone(self, task: DeviceTask, data: list[InspectedPhoto]) -> Answered:
        """Return the row of one device; nothing in it is of a kind that could hang or crash."""
        return self.answer(task, data)


def device_tasks(
    devices: Sequence[PlannedDevice], files: Mapping[str, str], unread: Mapping[str, Unread], basis: str
) -> list[DeviceTask]:
    """Return the task of each device; `files` are those of inspected photos by key, `unread` says why others are not.

    `basis` stands for policy and code.
    """
    return [_task(device, files, unread, basis) for device in devices]


def _task(device: PlannedDevice, files: Mapping[str, str], unread: Mapping[str, Unread], basis: str) -> DeviceTask:
    photos = tuple(
        photo
        if photo.key is None or photo.key in files
        else photo._replace(key=None, failure=NoAnswer(unread[photo.key].code, unread[photo.key].message))
        for photo in device.photos
    )
    whole = PlannedDevice(
        device.id, device.chosen, device.functional, device.price, device.storage_gb, photos, device.failure
    )
    decisive = [
        basis,
        device.id,
        device.chosen.device and device.chosen.device.model_dump(mode="json"),
        [flag.model_dump(mode="json") for flag in device.chosen.flags],
        device.functional and device.functional.model_dump(mode="json"),
        device.price,
        device.storage_gb,
        [[photo.surface, photo.name, photo.key, photo.failure] for photo in photos],
        device.failure,
    ]
    key = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:_KEY_LENGTH]
    return DeviceTask(key, whole, tuple(None if photo.key is None else files[photo.key] for photo in photos))


def _failed(surface: Surface, name: str, failure: NoAnswer | None) -> InspectedPhoto:
    code, message = failure or NoAnswer("bad_photo", "the photo could not be used")
    return InspectedPhoto(surface, name, hashlib.sha256(b"").hexdigest(), 0, error_of(code, message), None)


@lru_cache(maxsize=_FILES_AT_HAND)
def _rows(file: str) -> dict[str, dict[str, Any]]:
    return {row[KEY]: row for row in pl.read_parquet(file).iter_rows(named=True)}


def _batch(device: str, price: float | None, assessment: Assessment | None) -> Batch:
    """Return one device as it is regraded; the tests as they were graded, with what its model has and lacks.

    A surface of which no photo could be used is there and not measured, so that it is to be photographed again.
    """
    given = ({}, None) if assessment is None else (assessment.inspections, assessment.functional)
    columns = to_columns([given])
    for number, surface in enumerate(SURFACES):
        columns.surfaces.present[0, number] |= assessment is not None and surface in assessment.views
    decision = None if assessment is None else assessment.decision
    stored = NOT_GRADED if decision is None else decision.grade or decision.status
    share = np.nan if decision is None or decision.value_share is None else decision.value_share
    return Batch(
        ids=np.array([device]),
        price=np.array([np.nan if price is None else price]),
        stored_grade=np.array([stored]),
        stored_value_share=np.array([share]),
        columns=columns,
    )


def _error_row(task: DeviceTask, error: InputError) -> Answered:
    device = task.device
    own: dict[str, object] = {
        **dict.fromkeys(_OWN),
        KEY: task.key,
        CODE: error.code,
        "error_message": str(error),
        "device": device.chosen.device and device.chosen.device.name,
        "storage_gb": device.storage_gb,
        "status": "error",
        "needs_review": True,
        **{name: [] for name in ("review", "retake", "reasons", "counted")},
        "photos": len(device.photos),
    }
    regraded = frame_of(_batch(device.id, device.price, None)).row(0, named=True)
    return {**own, **regraded, ASSESSMENT: None}


def _row(task: DeviceTask, assessment: Assessment, policy: Policy) -> Answered:
    device, decision = task.device, assessment.decision
    ungraded = [one for one in decision.cosmetic.surfaces if one.grade is None]
    own = {
        KEY: task.key,
        CODE: None,
        "error_message": None,
        "device": None if assessment.device.assumed else assessment.device.name,
        "sizes_assumed": assessment.device.assumed,
        "storage_gb": device.storage_gb,
        "status": decision.status.value,
        "grade": decision.grade,
        "cosmetic_grade": decision.cosmetic_grade,
        "functional_grade": decision.functional.code,
        "at_best": decision.cosmetic_at_best,
        "value_share": decision.value_share,
        "needs_review": decision.needs_review,
        "review": [reason.full_text for reason in decision.review],
        "retake": [f"{one.surface}:{reason.rule}" for one in ungraded for reason in one.reasons],
        "reasons": [reason.full_text for reason in decision.reasons],
        "counted": _counted(assessment, policy),
        "photos": len(device.photos),
    }
    tests = assessment.functional
    graded = assessment.model_copy(update={"functional": tests and applied(tests, device.chosen.device)})
    regraded = frame_of(_batch(device.id, device.price, graded)).row(0, named=True)
    return {**own, **regraded, ASSESSMENT: assessment.model_dump_json()}


def _counted(assessment: Assessment, policy: Policy) -> list[str]:
    """Return `surface:kind` of every defect that counts by the policy."""
    return [
        f"{surface}:{defect.kind}"
        for surface, inspection in assessment.inspections.items()
        for defect in counted_defects(surface, inspection, policy)
    ]
