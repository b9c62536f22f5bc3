"""Where `phonegrade inspect --overlay` writes."""

from collections.abc import Iterable
from pathlib import Path

from phonegrade.core.errors import UsageError


class OverlayFolder:
    """A folder of photos with their defects drawn, one JPEG for each of this run's `photos`; none is overwritten."""

    def __init__(self, folder: Path, photos: Iterable[str]) -> None:
        self.folder = folder
        self._photos = {_identity(Path(photo)) for photo in photos} - {None}
        self._taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder}: cannot be created ({error.strerror})") from error

    def write(self, photo: str, overlay: bytes) -> Path:
        """Write the JPEG `overlay` of a.jpg as a-overlay.jpg; photos of one name are numbered.

        Raises UsageError where it cannot be written.
        """
        file = self._free(Path(photo).stem)
        try:
            file.write_bytes(overlay)
        except OSError as error:
            raise UsageError(f"{file}: cannot be written ({error.strerror})") from error
        return file

    def _free(self, stem: str) -> Path:
        number, name = 1, f"{stem}-overlay.jpg"
        while name.casefold() in self._taken or _identity(self.folder / name) in self._photos:
            number += 1
            name = f"{stem}-overlay-{number}.jpg"
        self._taken.add(name.casefold())
        return self.folder / name


def _identity(file: Path) -> tuple[int, int] | None:
    """Equal for all names of one file, links and other spellings included; None where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
