"""Pictures and what is wrong with them, for both languages; `python -m phonegrade.tests.web.gate_table` rewrites it.

The expected codes are those that the service's `check_quality` gives, as far as the page judges them too.
"""

import base64
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from phonegrade.core.devices.catalogue import ASSUMED_DEVICE
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.capture_rules import CODES
from phonegrade.inference.inspector import Inspector, scale_of
from phonegrade.inference.locating.surface import rectify_surface
from phonegrade.inference.quality import check_quality
from phonegrade.tests.web.pictures import jpeg_of, picture

FILE = Path(__file__).with_name("gate_table.json")
_FACES = ("good", "dark", "blur", "cut", "glare", "tilted", "none", "turned")
CASES: tuple[tuple[Surface, str, Surface], ...] = (
    *((Surface.FRONT, fault, Surface.FRONT) for fault in _FACES),
    (Surface.FRONT, "good", Surface.BACK),
    *((Surface.BACK, fault, Surface.BACK) for fault in (*_FACES, "far")),
    (Surface.BACK, "good", Surface.FRONT),
    *((Surface.RIGHT, fault, Surface.RIGHT) for fault in ("good", "turned", "none")),
    *((Surface.TOP, fault, Surface.TOP) for fault in ("good", "turned", "none")),
    *((Surface.BOTTOM, fault, Surface.BOTTOM) for fault in ("good", "turned", "none")),
    (Surface.BOTTOM, "good", Surface.FRONT),
)
"""What is shown, with which fault, and what it is sent as. A far front and most spoilt edges are left out: at the
guide's size they are seen otherwise than at the service's."""
JUDGE = """async ([surface, data]) => {
  const raw = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([raw], { type: 'image/jpeg' }));
  return (await window.guide.judge(bitmap, surface)).flags;
}"""
START = """async () => {
  const main = document.querySelector('script[type=module]').src;
  const { Guide } = await import(main.replace('main.js', 'guide.js'));
  window.guide = await new Guide().start();
  return window.guide.mode;
}"""


class Row(NamedTuple):
    """One picture."""

    shown: Surface
    fault: str
    sent_as: Surface
    flags: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return what the picture is called in a test."""
        return f"{self.shown}-{self.fault}-as-{self.sent_as}"

    @property
    def jpeg(self) -> bytes:
        """Return the picture as a file."""
        return jpeg_of(picture(self.shown, self.fault))

    @property
    def argument(self) -> list[str]:
        """Return what `JUDGE` takes."""
        return [self.sent_as.value, base64.b64encode(self.jpeg).decode("ascii")]


def rows() -> list[Row]:
    """Return the table as it is kept."""
    listed = json.loads(FILE.read_text(encoding="utf-8"))
    return [Row(Surface(a), fault, Surface(b), tuple(flags)) for a, fault, b, flags in listed]


@cache
def _inspector() -> Inspector:
    return Inspector.load()


def service_flags(data: bytes, surface: Surface) -> tuple[str, ...]:
    """Return what the service flags in a photo, as far as the page judges it too, in the service's order."""
    inspector = _inspector()
    photo, located = inspector._locate(PhotoFile("photo.jpg", data, surface), surface.view, ASSUMED_DEVICE)
    rectified = rectify_surface(photo, located, inspector.segmenter_of(located.view).card)
    flags = check_quality(rectified, scale_of(rectified, None), surface.view, surface, None)
    return tuple(one.code for one in flags if one.code in CODES)


def write() -> None:
    """Write the table."""
    made = [Row(a, fault, b, ()) for a, fault, b in CASES]
    lines = [json.dumps([one.shown, one.fault, one.sent_as, service_flags(one.jpeg, one.sent_as)]) for one in made]
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    write()
