"""Films for the browser's camera: JPEG after JPEG, which Chromium plays at 30 a second and from the beginning again."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.web.pictures import jpeg_of, picture

FRAMES = 6
"""At least, of each scene: a hand's tremble, so that no two photos are the same file."""
_HELD = 4
"""How often each is repeated: a trembling hand is still for a tenth of a second."""


def _as_played(rgb: RGB) -> RGB:
    """Brighten a frame: Chromium plays full-range JPEGs as though black were 16, and the sample's front is dim."""
    return np.clip(np.asarray(rgb, np.float32) * 0.95 + 18.0, 0, 255).astype(np.uint8)


def write_film(file: Path, scenes: Sequence[tuple[Surface, str]], seconds: float = 0.0) -> Path:
    """Write a film of these scenes, each a surface with a fault; of several, each is shown for so many `seconds`."""
    rng = np.random.default_rng(1)
    with file.open("wb") as film:
        for surface, fault in scenes:
            moves = [tuple(rng.uniform(-2, 2, 2)) for _ in range(max(FRAMES, round(seconds * 30 / _HELD)))]
            shown = [picture(surface, fault, (x, y)) for x, y in moves]
            frames = [jpeg_of(one if fault == "dark" else _as_played(one)) for one in shown]
            film.write(b"".join(frame * _HELD for frame in frames))
    return file
