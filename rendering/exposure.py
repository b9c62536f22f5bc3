"""Taking the picture: how long to expose, and the photo that comes of it."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import CameraSettings
from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.develop import Development
from phonegrade.rendering.lens import Lens


def meter(light: FloatMap, white: float, rng: np.random.Generator) -> float:
    """Return the gain that brings `light` (..., 3) to a good exposure, 1 being white.

    `white` is the light of a white card in the scene. A camera follows what it sees only in part, so that a dark phone
    on a dark mat stays dark.
    """
    grey = light.mean(axis=-1)
    middle, bright = float(grey.mean()), float(np.percentile(grey, rng.uniform(95, 99)))
    by_middle, by_bright = rng.uniform(0.16, 0.34) / max(middle, 1e-3), rng.uniform(0.75, 1.3) / max(bright, 1e-3)
    metered = by_middle ** (weight := rng.uniform(0.3, 0.6)) * by_bright ** (1 - weight)
    known = rng.uniform(0.55, 1.0) / max(white, 1e-3)
    share = rng.uniform(0.2, 0.6)
    return float(np.clip(metered**share * known ** (1 - share), known / 5, known * 5))


def expose(light: FloatMap, gain: float, settings: CameraSettings, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn linear light (H, W, 3) into an sRGB photo: through a lens, onto a sensor, through a phone's processing."""
    lens, development = Lens.draw(settings, rng), Development.draw(settings, rng)
    return development.picture(lens.project(np.asarray(light * np.float32(gain), np.float32)), rng)
