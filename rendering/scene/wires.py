"""Rails, tubes and cables that glass mirrors as lines finer than a pixel of the mirrored picture, so kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.scene.lamps import draw_colour
from phonegrade.rendering.texture import between, chance

_FAR_SIGMAS = 3.0


@dataclass(frozen=True)
class Wire:
    """A straight line in the mirrored picture: points x, y with `x cos(turn) + y sin(turn) = offset`."""

    turn_rad: float
    offset_px: float
    sigma_px: float
    """Half its width: light falls off as a Gaussian across."""
    light: NDArray[np.float32]
    """(3,) linear, added in its middle; below 0 for what hides the ceiling."""


def draw_wires(size_px: int, rng: np.random.Generator) -> tuple[Wire, ...]:
    """Draw so many that a tile of glass mirrors one or two; half of the scenes have them side by side, like blinds."""
    together, turn = chance(rng, 0.5), between(rng, 0, np.pi)
    wires = []
    for _ in range(int(rng.integers(4, 25))):
        own = turn + float(rng.normal(0, 0.02)) if together else between(rng, 0, np.pi)
        middle = size_px / 2 * (np.cos(own) + np.sin(own))
        brightness = -between(rng, 0.2, 0.6) if chance(rng, 0.25) else float(np.exp(between(rng, -1.5, 2.2)))
        offset = middle + between(rng, -0.4, 0.4) * size_px
        sigma = float(np.exp(between(rng, np.log(0.03), np.log(0.5))))
        wires.append(Wire(own, offset, sigma, draw_colour(rng) * np.float32(brightness)))
    return tuple(wires)


def add_wires(light: FloatMap, wires: Sequence[Wire], x: FloatMap, y: FloatMap, blur_px: FloatMap) -> None:
    """Add `wires` to the `light` (H, W, 3) that comes from pixels x, y (H, W), seen blurred by `blur_px` (H, W)."""
    for wire in wires:
        c, s = np.float32(np.cos(wire.turn_rad)), np.float32(np.sin(wire.turn_rad))
        across = x * c + y * s - np.float32(wire.offset_px)
        sigma = np.hypot(blur_px, np.float32(wire.sigma_px))
        at = np.nonzero(np.abs(across) < _FAR_SIGMAS * sigma)
        share = np.exp(-0.5 * (across[at] / sigma[at]) ** 2) * (np.float32(wire.sigma_px) / sigma[at])
        light[at] = np.maximum(light[at] + share[:, None] * wire.light, 0)
