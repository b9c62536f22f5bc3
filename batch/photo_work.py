"""The work on photos: each is inspected once, and kept as one row of a Parquet file by its key."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from phonegrade.assessment.duplicates import Likeness
from phonegrade.assessment.inspect_photos import InspectedPhoto, inspect_photo
from phonegrade.batch.engines.alone import Inspect, inspect_alone
from phonegrade.batch.engines.chunks import CODE, KEY, Answered
from phonegrade.batch.engines.process_pool import TASK_S
from phonegrade.batch.input.places import read_file
from phonegrade.batch.worker_tasks import inspector_of
from phonegrade.core.batch_errors import PhotoUnreadableError
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import InputError, PhonegradeError, PhotoCrashedDecoderError, SetupError
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime, Surface
from phonegrade.inference.photo.decode import Limits

log = logging.getLogger(__name__)
MAX_BYTES = Limits().max_bytes
_NEUTRAL_NAME = "photo"
"""A row belongs to every device that has the photo, whatever each calls it."""
SCHEMA: Mapping[str, Any] = {
    KEY: pl.String,
    "photo_sha256": pl.String,
    "surface": pl.String,
    "size_bytes": pl.Int64,
    CODE: pl.String,
    "error_message": pl.String,
    "inspection": pl.String,
    "likeness": pl.Binary,
}


class PhotoTask(NamedTuple):
    """One photo as one surface of a phone of one size, to be inspected by one set of models."""

    key: str
    """Of everything that decides the answer: the photo's content, surface, device and the fingerprint."""
    location: str
    sha256: str
    surface: Surface
    device: Device | None


@dataclass(frozen=True)
class LoadModels:
    """Loads what inspects a photo, in a worker; passes through pickle."""

    models: Path | None
    """Folder of the .onnx files; None: the shipped ones."""
    listed_from: float
    """Less sure defects are not kept."""
    runtime: Runtime = ONNX_RUNTIME
    named: str | None = None
    """What that is to come to, as the fingerprint names it (`Inspector.runtime`)."""

    def __call__(self) -> Inspect:
        inspector = inspector_of(self.models, 1, self.runtime)
        if inspector.runtime != self.named:
            raise SetupError(
                f"this machine runs the models by {inspector.runtime or ONNX_RUNTIME}, the run is of "
                f"{self.named or ONNX_RUNTIME}: name --runtime onnxruntime, or give every machine the same"
            )
        return lambda photo, device: inspect_photo(photo, device, inspector, self.listed_from)


@dataclass(frozen=True)
class PhotoWork:
    """Inspects photos and writes their rows into a folder."""

    folder: Path
    load: Callable[[], Inspect]
    """Hashable and equal where it loads the same; raises SetupError."""
    alone_s: float = TASK_S
    """What a photo that ended workers may take in its own process."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """Columns of the rows."""
        return SCHEMA

    def fetch(self, task: PhotoTask) -> PhotoFile:
        """Return the photo. Raises PhotoMissingError, and PhotoUnreadableError, also for another than was planned."""
        photo = self.read(task)
        if photo.sha256 != task.sha256:
            raise PhotoUnreadableError(f"{task.location}: has another content than was given or hashed; run again")
        return photo

    def read(self, task: PhotoTask) -> PhotoFile:
        """Return what lies where the photo should be. Raises PhotoMissingError and PhotoUnreadableError."""
        return PhotoFile(_NEUTRAL_NAME, read_file(task.location, MAX_BYTES), task.surface)

    def answer(self, task: PhotoTask, data: PhotoFile) -> Answered:
        """Return the row of one photo."""
        inspect = _loaded(self.load)
        try:
            return _row(task, inspect(data, task.device))
        except PhonegradeError:
            raise
        except MemoryError:
            return self.answer_alone(task, data)
        except Exception:  # mistakes here come from files that nobody foresaw
            log.exception("unforeseen error while a photo was inspected")
            error = PhotoCrashedDecoderError("the photo cannot be decoded; save it again as a plain JPEG", data)
            return _row(task, InspectedPhoto(task.surface, data.name, data.sha256, data.size_bytes, error, None))

    def answer_alone(self, task: PhotoTask, data: PhotoFile) -> Answered:
        """Return the row of one photo, inspected in a limited process."""
        return _row(task, inspect_alone(self.load, data, task.device, self.alone_s))


@cache
def _loaded(load: Callable[[], Inspect]) -> Inspect:
    return load()


def _row(task: PhotoTask, photo: InspectedPhoto) -> Answered:
    answer, alike = photo.answer, photo.likeness
    error = answer if isinstance(answer, InputError) else None
    return {
        KEY: task.key,
        "photo_sha256": photo.sha256,
        "surface": photo.surface.value,
        "size_bytes": photo.size_bytes,
        CODE: None if error is None else error.code,
        "error_message": None if error is None else str(error),
        "inspection": answer.model_dump_json() if isinstance(answer, Inspection) else None,
        "likeness": None if alike is None else alike.packed(),
    }


def photo_of(row: Mapping[str, Any], name: str) -> InspectedPhoto:
    """Return the photo of a row, as a device calls it."""
    answer: Inspection | InputError
    if row["inspection"] is None:
        answer = error_of(row[CODE], row["error_message"])
    else:
        answer = Inspection.model_validate_json(row["inspection"]).model_copy(update={"photo": name})
    alike = None if row["likeness"] is None else Likeness.unpacked(row["likeness"])
    return InspectedPhoto(Surface(row["surface"]), name, row["photo_sha256"], row["size_bytes"], answer, alike)


def error_of(code: str, message: str) -> InputError:
    """Return the error that a row holds, as the kind that it was."""
    kinds: list[type[InputError]] = [InputError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return next((kind for kind in kinds if kind.code == code), InputError)(message)
