"""What phones are made of, as finishes: linear colours 0..1, mirror reflectance and roughness as microfacet alpha."""

import numpy as np

from phonegrade.rendering.device.sheet import Finish
from phonegrade.rendering.texture import Colour, between, linear_colour, scaled

HOLE = Finish((0.0015, 0.0015, 0.0015), 0.0, 0.8)
"""Where light goes in and does not come out."""
SEAM = Finish((0.002, 0.002, 0.002), 0.005, 0.8)
MESH = Finish((0.02, 0.02, 0.021), 0.03, 0.5)
GOLD = Finish((0.5, 0.33, 0.1), 0.3, 0.2)
LENS_BLACK = Finish((0.0015, 0.0015, 0.002), 0.042, 0.02)
_GLOSS_OF_GLASS = 0.042


def metal(colour: Colour, roughness: float) -> Finish:
    """Bare or dyed metal that reflects `colour`: what is bright mirrors its colour, what is black hardly mirrors."""
    gloss = 0.04 + 0.62 * max(colour)
    bare = float(np.clip((gloss - 0.08) * 2.4, 0, 1))
    return Finish(scaled(colour, 1 - 0.55 * bare), gloss, roughness)


def steel(roughness: float) -> Finish:
    """The bare metal of screws, plugs and sockets."""
    return metal((0.56, 0.55, 0.53), roughness)


def plastic(colour: Colour, roughness: float) -> Finish:
    """Moulded plastic or lacquer."""
    return Finish(colour, 0.04, roughness)


def glass(colour: Colour, roughness: float = 0.025) -> Finish:
    """Glass with `colour` behind it."""
    return Finish(colour, _GLOSS_OF_GLASS, roughness)


def ink_on(colour: Colour) -> Finish:
    """Print that can be read on `colour`."""
    tone = 0.45 if sum(colour) < 0.7 else 0.05
    return Finish((tone, tone, tone), 0.04, 0.15)


_HUES: tuple[tuple[float, tuple[float, float], tuple[float, float], tuple[float, float]], ...] = (
    # weight, hue, saturation and sRGB value of the colours that phones are sold in
    (0.3, (0.55, 0.72), (0, 0.25), (0.07, 0.26)),
    (0.13, (0.08, 0.6), (0, 0.05), (0.78, 0.93)),
    (0.1, (0.5, 0.65), (0, 0.12), (0.4, 0.75)),
    (0.08, (0.08, 0.13), (0.15, 0.42), (0.6, 0.88)),
    (0.05, (0.98, 1.05), (0.15, 0.35), (0.68, 0.9)),
    (0.12, (0.56, 0.64), (0.35, 0.85), (0.2, 0.75)),
    (0.06, (0.48, 0.55), (0.15, 0.6), (0.3, 0.8)),
    (0.06, (0.3, 0.45), (0.12, 0.5), (0.2, 0.75)),
    (0.05, (0.68, 0.8), (0.12, 0.5), (0.3, 0.85)),
    (0.05, (0.95, 1.02), (0.5, 0.9), (0.35, 0.8)),
)


def body_colour(rng: np.random.Generator) -> Colour:
    """Phones come mostly black, white or grey, then blue, gold, rose, green, violet and red."""
    weights = np.array([row[0] for row in _HUES])
    _, hue, saturation, value = _HUES[int(rng.choice(len(_HUES), p=weights / weights.sum()))]
    return linear_colour(between(rng, *hue), between(rng, *saturation), between(rng, *value))


def black(rng: np.random.Generator, low: float, high: float) -> Colour:
    """A black of `low`..`high` linear, hardly tinted."""
    value, cool = between(rng, low, high), between(rng, -0.12, 0.18)
    return value * (1 - cool * 0.6), value, value * (1 + cool)
