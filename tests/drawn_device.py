"""One drawn iPhone 13 with known marks, photographed from all six sides."""

from functools import cache
from pathlib import Path

import numpy as np

from phonegrade.core.vocabulary import Surface, View
from phonegrade.tests.drawn import Mark, jpeg, photograph, quad_px
from phonegrade.tests.stub_models import BACKGROUND

MARKS: dict[Surface, tuple[Mark, ...]] = {
    Surface.FRONT: (Mark("scratch", ((20, 40), (38, 52)), 0.7),),
    Surface.BOTTOM: (Mark("scratch", ((20, 3), (23, 4)), 0.7),),
    Surface.RIGHT: (Mark("scuff", ((50, 3), (52, 3), (52, 5), (50, 5)), filled=True),),
}
SCRATCH_MM = float(np.hypot(18, 12))
"""Length of the front's scratch: from here on it is the truth that answers are held to."""


@cache
def device_photos() -> dict[Surface, bytes]:
    """JPEG of every surface, drawn with `MARKS`."""
    photos = {}
    for surface in Surface:
        hw = (420, 1800) if surface.view is View.EDGE else (1500, 1100)
        photos[surface] = jpeg(photograph(surface, MARKS.get(surface, ()), photo_hw=hw))
    return photos


@cache
def empty_table() -> bytes:
    """JPEG of the background alone."""
    return jpeg(np.full((900, 700, 3), BACKGROUND, np.uint8))


@cache
def second_shots() -> dict[Surface, bytes]:
    """JPEG of the same device's front and bottom from another camera: turned, further away."""
    photos = {}
    for surface, hw in ((Surface.FRONT, (1600, 1300)), (Surface.BOTTOM, (500, 1700))):
        quad = quad_px(surface, hw, fill=0.78, turn_deg=3.0)
        photos[surface] = jpeg(photograph(surface, MARKS[surface], photo_hw=hw, quad=quad))
    return photos


def write_device(folder: Path) -> None:
    """Writes front.jpg ... bottom.jpg into `folder`."""
    for surface, data in device_photos().items():
        (folder / f"{surface}.jpg").write_bytes(data)
