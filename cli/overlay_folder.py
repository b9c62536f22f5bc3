"""Where `phonegrade inspect --overlay` writes."""

from pathlib import Path

import simplejpeg

from phonegrade.configs.errors import UsageError
from phonegrade.configs.inspection import Inspection
from phonegrade.inference.decode import decode
from phonegrade.inference.overlay import draw_overlay

_JPEG_QUALITY = 88


class OverlayFolder:
    """A folder of photos with their defects drawn, one JPEG for each photo of this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder}: cannot be made ({error.strerror})") from error

    def write(self, photo: str, data: bytes, inspection: Inspection) -> Path:
        """Writes `photo`, whose file held `data`, under its own name; photos of one name are numbered."""
        stem, number = Path(photo).stem, 1
        name = stem
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name.casefold())
        file = self.folder / f"{name}.jpg"
        shown = decode(data)
        drawn = draw_overlay(shown.rgb, inspection, scale=shown.scale)
        file.write_bytes(simplejpeg.encode_jpeg(drawn, _JPEG_QUALITY, "RGB"))
        return file
