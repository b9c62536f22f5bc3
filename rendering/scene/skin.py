"""Colours of skin, from very light to very dark."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.texture import Colour, between, chance

_LADDER = np.array(
    [
        [0.93, 0.78, 0.70],
        [0.86, 0.68, 0.58],
        [0.77, 0.57, 0.45],
        [0.62, 0.43, 0.32],
        [0.45, 0.30, 0.22],
        [0.30, 0.20, 0.15],
    ]
)
"""sRGB colours along the line that measured skin follows, light to dark."""


def draw_tone(rng: np.random.Generator) -> Colour:
    """The sRGB colour (0..1) of some skin under white light; pale, brown and dark ones alike often."""
    place = between(rng, 0, len(_LADDER) - 1)
    index = min(int(place), len(_LADDER) - 2)
    colour = _LADDER[index] + (_LADDER[index + 1] - _LADDER[index]) * (place - index)
    red, green, blue = np.clip(colour * (1 + rng.normal(0, [0.02, 0.025, 0.035])), 0, 1).tolist()
    return red, green, blue


@dataclass(frozen=True)
class Skin:
    """Linear colours (0..1) of one hand."""

    base: Colour
    palm: Colour
    """Of the inside of the hand: pale even where the back is dark."""
    flush: Colour
    """Of knuckles and finger tips."""
    nail: Colour
    polish: float
    """Gloss of the nails, 0..1; high on painted ones."""
    glove: bool
    """A knitted or rubber glove: no creases, no nails."""
    sleeve: Colour


def draw_skin(rng: np.random.Generator) -> Skin:
    """A bare hand, now and then with painted nails, seldom in a glove."""
    base = np.array(draw_tone(rng)) ** 2.2
    glove, painted = chance(rng, 0.03), chance(rng, 0.1)
    cloth, lacquer = rng.uniform(0.01, 0.6) * (1 + rng.normal(0, 0.3, 3)), rng.uniform(0.02, 0.8, 3)
    pale = np.array([0.62, 0.36, 0.27])
    palm = base + (pale - base) * (0.15 + 0.35 * float(np.clip(0.5 - base.mean(), 0, 0.5)))
    flush = base * [1.02, 0.72, 0.68]
    nail = lacquer if painted else base * 0.55 + np.array([0.62, 0.38, 0.33]) * 0.45
    if glove:
        base = palm = flush = np.clip(cloth, 0.01, 0.8)
    sleeve = np.clip(10 ** between(rng, -1.8, -0.2) * (1 + rng.normal(0, 0.25, 3)), 0.01, 0.85)
    return Skin(_rgb(base), _rgb(palm), _rgb(flush), _rgb(nail), 0.8 if painted else 0.35, glove, _rgb(sleeve))


def _rgb(colour: NDArray[np.float64]) -> Colour:
    red, green, blue = np.clip(colour, 0, 1).tolist()
    return red, green, blue
