"""An inspection without models, ruled by a photo's first word; a module of its own, so that workers import it."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from phonegrade.assessment.duplicates import Likeness
from phonegrade.assessment.inspect_photos import InspectedPhoto
from phonegrade.batch.engines.alone import Inspect
from phonegrade.core import files
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import NotAnImageError
from phonegrade.core.inspection import Inspection, ModelRef, Scale
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import ScaleSource, Surface, View

MODEL = ModelRef(locator="1", locator_sha256="0" * 64, segmenter="1", segmenter_sha256="0" * 64)
SQUARE = ((0.0, 0.0), (70.0, 0.0), (70.0, 150.0), (0.0, 150.0))
BEFORE, HALFWAY, AFTER = "before", "halfway", "after"


@dataclass(frozen=True)
class FakeLoad:
    """Loads the fake; a process may die at a write, or at any photo while the file `dies` is there."""

    model: str = "one"
    """Stands in every answer, as models that differ would."""
    count: Path | None = None
    """A file that gets a line for each photo that is inspected."""
    dies: Path | None = None
    """Holds `INSTANT NUMBER`: the process that makes the so-manyth write dies then; the file is gone after that."""
    seconds: float = 0.0

    def __call__(self) -> Inspect:
        if self.dies is not None:
            die_at_a_write(self.dies)

        def inspect(photo: PhotoFile, device: Device | None) -> InspectedPhoto:
            if self.count is not None:
                with self.count.open("a") as lines:
                    lines.write(photo.sha256 + "\n")
            return self.answer(photo, device)

        return inspect

    def answer(self, photo: PhotoFile, device: Device | None) -> InspectedPhoto:
        time.sleep(self.seconds)
        match photo.data.split(b" ")[0]:
            case b"crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case b"hang":
                time.sleep(600)
            case b"unforeseen":
                raise ZeroDivisionError
            case b"refused":
                error = NotAnImageError("no photo", photo)
                return InspectedPhoto(photo.surface or Surface.FRONT, photo.name, photo.sha256, 1, error, None)
        surface = photo.surface or Surface.FRONT
        inspection = Inspection(
            photo=photo.name,
            photo_sha256=photo.sha256,
            view=surface.view,
            view_confidence=1.0,
            outline=SQUARE,
            scale=Scale(px_per_mm=10.0, source=ScaleSource.CATALOGUE, resolvable_mm=0.1),
            surface_size_mm=(70.0, 150.0 if surface.view is not View.EDGE else 8.0),
            quality=(),
            contamination=(),
            defects=(),
            model=MODEL.model_copy(update={"locator": self.model}),
        )
        digest = sha256(photo.data).digest()
        alike = Likeness(digest, digest[:8], digest * 32)
        return InspectedPhoto(surface, photo.name, photo.sha256, photo.size_bytes, inspection, alike)


def die_at_a_write(order: Path, write: Callable[[Path, bytes], None] = files.write_durably) -> None:
    """Make this process die at the write that `order` names."""
    writes = 0

    def write_or_die(path: Path, data: bytes) -> None:
        nonlocal writes
        writes += 1
        try:
            instant, number = order.read_text().split()
        except FileNotFoundError:
            instant, number = "", "0"
        if writes != int(number):
            write(path, data)
            return
        order.unlink()
        if instant == HALFWAY:
            path.with_name(f".{path.name}.{os.getpid()}.part").write_bytes(data[: len(data) // 2])
        if instant == AFTER:
            write(path, data)
        os.kill(os.getpid(), signal.SIGKILL)

    from phonegrade.batch import run_folder
    from phonegrade.batch.engines import chunks
    from phonegrade.batch.input import hashes

    for module in (chunks, hashes, run_folder):
        module.write_durably = write_or_die  # type: ignore[attr-defined]
