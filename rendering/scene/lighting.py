"""What a lying phone mirrors: lamps, windows and the photographer, as a small high-dynamic-range picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import Light
from phonegrade.rendering.scene.ceiling import draw_ceiling
from phonegrade.rendering.scene.photographer import draw_photographer
from phonegrade.rendering.scene.wires import Wire, add_wires, draw_wires
from phonegrade.rendering.texture import between, chance

ENVIRONMENT_PX = 256
MIRRORED_HALF_ANGLE = np.deg2rad(50)
"""From the zenith to the middle of the picture's sides."""
_MIP_SIGMAS = (0.8, 4.0, 14.0, 45.0)
_WIRE_LEVELS, _WIRE_SIGMAS = (0.0, 0.6, 1.0, 2.0, 3.0), (0.0, 0.1, *_MIP_SIGMAS[1:])
"""How far a level between two mips blurs what is finer than the picture: polished glass mirrors it sharply."""
_PHOTOGRAPHED_SHARE = 0.6
"""Scenes in which whoever takes the picture is mirrored."""
_WHITE = {
    Light.ROOM: (0.12, 0.6),
    Light.PANELS: (0.25, 1.0),
    Light.TENT: (0.3, 1.2),
    Light.BARS: (0.25, 1.0),
    Light.WINDOW: (0.25, 1.5),
    Light.DIM: (0.02, 0.1),
    Light.RAILS: (0.08, 0.6),
}
"""Range of the light of a white card; 1 is that of a white screen."""


@dataclass(frozen=True)
class Environment:
    """Mirrored surroundings: `mips` (256, 256, 3) linear light, ever more blurred.

    The picture is the plane of the ceiling, seen from the device; `walls` stand beyond it, down to the horizon.
    `ambient` is the light of a white card that lies where the device lies. Lights are linear RGB (3,).
    """

    mips: tuple[NDArray[np.float32], ...]
    ambient: NDArray[np.float32]
    walls: NDArray[np.float32]
    lamp: tuple[float, float]
    """Where most light comes from, in environment pixels from the zenith."""
    lamp_share: float
    """Of the light of a white card, what comes from there: 0 throws no shadow, 1 a black one."""
    wires: tuple[Wire, ...] = ()
    """What is too fine for the picture; a ray tracer, which takes the picture alone, does without."""

    def sample(
        self, x: NDArray[np.float32], y: NDArray[np.float32], roughness: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Linear light (H, W, 3) mirrored towards the camera at environment pixels `x`, `y` (H, W)."""
        level = np.sqrt(np.clip(roughness, 0, 1)) * np.float32(len(self.mips) - 1)
        out = np.zeros((*x.shape, 3), np.float32)
        for i, mip in enumerate(self.mips):
            weight = np.maximum(1 - np.abs(level - np.float32(i)), 0)
            if weight.max() > 0:
                mirrored = cv2.remap(mip, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
                out += mirrored * cv2.merge((weight, weight, weight))  # three times as fast as to broadcast
        if self.wires:
            add_wires(out, self.wires, x, y, np.interp(level, _WIRE_LEVELS, _WIRE_SIGMAS).astype(np.float32))
        return out

    @property
    def white(self) -> float:
        """Mean light of a white card."""
        return float(self.ambient.mean())

    @property
    def lamp_slope(self) -> NDArray[np.float64]:
        """(2,) how far a shadow falls, the other way, for each mm of height; in the picture's directions."""
        return np.asarray(np.array(self.lamp) * (np.tan(MIRRORED_HALF_ANGLE) / (ENVIRONMENT_PX / 2)), np.float64)


def draw_environment(lights: Mapping[Light, float], rng: np.random.Generator) -> Environment:
    """A room, a counter under panels, a light tent, a kiosk's light bars, a window, a dim room, or one with rails."""
    weights = np.array(list(lights.values()))
    kind = list(lights)[int(rng.choice(len(lights), p=weights / weights.sum()))]
    low, high = np.log(_WHITE[kind])
    white = float(np.exp(rng.uniform(low, high)))
    light, walls = draw_ceiling(kind, ENVIRONMENT_PX, rng)
    share = _PHOTOGRAPHED_SHARE / 4 if kind in (Light.TENT, Light.BARS) else _PHOTOGRAPHED_SHARE
    if chance(rng, share):
        draw_photographer(light, walls, rng, flash=kind in (Light.DIM, Light.ROOM) and chance(rng, 0.12))
    ambient = _white_card(light, walls)
    # A camera balances most of the lamps' colour away; what is left is by how much lamps differ.
    balance = (ambient.mean() / ambient) ** between(rng, 0.75, 1.0) * (white / ambient.mean())
    light *= balance.astype(np.float32)
    walls, ambient = walls * balance, ambient * balance
    mips = tuple(_blurred(light, sigma) for sigma in _MIP_SIGMAS)
    lamp, lamp_share = _brightest(mips[2], white)
    wires = draw_wires(ENVIRONMENT_PX, rng) if kind is Light.RAILS else ()
    return Environment(mips, ambient.astype(np.float32), walls.astype(np.float32), lamp, lamp_share, wires)


def environment_map(environment: Environment, height_px: int) -> NDArray[np.float32]:
    """The environment on a sphere (height_px, 2 * height_px, 3): rows from the zenith down to the nadir.

    Near the zenith it is the picture, a ceiling seen from the device (gnomonic: pixels from the middle go with the
    tangent); past the picture's rim it fades into the walls, and under the horizon into a ground that is lit like a
    grey card. Its cosine-weighted mean above the horizon is the ambient light within some per cent.
    """
    down = (np.arange(height_px) + 0.5) / height_px * np.pi
    round_ = (np.arange(2 * height_px) + 0.5) / height_px * np.pi
    half = ENVIRONMENT_PX / 2
    reach = np.tan(np.minimum(down, 1.5))[:, None] / np.tan(MIRRORED_HALF_ANGLE) * half
    x, y = reach * np.cos(round_), reach * np.sin(round_)
    share = np.clip(1 - (np.maximum(np.abs(x), np.abs(y)) - half) / 24, 0, 1)[..., None]
    at_x, at_y = ((half - 0.5 + part).astype(np.float32) for part in (x, y))
    ceiling = cv2.remap(environment.mips[0], at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    below = np.clip((down - np.deg2rad(86)) / np.deg2rad(8), 0, 1)[:, None, None]
    beyond = environment.walls * (1 - below) + 0.3 * environment.ambient * below
    return np.asarray(ceiling * share + beyond * (1 - share), np.float32)


def _cosine_weights() -> NDArray[np.float32]:
    """Share (256, 256) of a white card's light that each pixel of the picture gives, per unit of radiance."""
    at = (np.arange(ENVIRONMENT_PX) + 0.5 - ENVIRONMENT_PX / 2) / (ENVIRONMENT_PX / 2) * np.tan(MIRRORED_HALF_ANGLE)
    cosine4 = 1 / (1 + at**2 + at[:, None] ** 2) ** 2
    return np.asarray(cosine4 * (at[1] - at[0]) ** 2 / np.pi, np.float32)


_WEIGHTS = _cosine_weights()


def _white_card(light: NDArray[np.float32], walls: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light (3,) of a white card under the picture and the walls."""
    above = _WEIGHTS.reshape(-1) @ light.reshape(-1, 3)
    return np.asarray(above + walls * (1 - float(_WEIGHTS.sum())), np.float64)


def _brightest(broad: NDArray[np.float32], white: float) -> tuple[tuple[float, float], float]:
    """Place, in pixels from the zenith, and share of the light that stands out of the blurred picture."""
    n = 32
    step = ENVIRONMENT_PX / n
    felt, weight = (cv2.resize(part, (n, n), interpolation=cv2.INTER_AREA) for part in (broad, _WEIGHTS))
    grey = felt.mean(axis=2)
    excess = np.clip(grey - np.median(grey), 0, None) * weight
    row, column = divmod(int(excess.argmax()), n)
    at = np.arange(n)
    near = np.hypot(at[:, None] - row, at - column) * step < 60
    share = float((excess * near).sum()) * step**2 / white
    return ((column + 0.5) * step - ENVIRONMENT_PX / 2, (row + 0.5) * step - ENVIRONMENT_PX / 2), min(share, 0.95)


def _blurred(light: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """`light` blurred by `sigma` px; broad ones small and scaled up, within a grey level of exact."""
    reduction = 8 if sigma > 30 else 4 if sigma > 10 else 1
    if reduction == 1:
        return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)
    size = light.shape[0] // reduction
    small = cv2.resize(light, (size, size), interpolation=cv2.INTER_AREA)
    both_ways = (reduction**2 - 1) / 12 + reduction**2 / 6  # the variance that scaling down and up adds
    small = cv2.GaussianBlur(small, (0, 0), np.sqrt(sigma**2 - both_ways) / reduction, borderType=cv2.BORDER_REFLECT)
    framed = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_REFLECT)
    large = cv2.resize(framed, ((size + 2) * reduction,) * 2, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[reduction:-reduction, reduction:-reduction], np.float32)
