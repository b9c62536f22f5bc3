"""What a lying phone mirrors: lamps, windows and the photographer, as a small high-dynamic-range picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.rendering import Light

ENVIRONMENT_PX = 256
_MIP_SIGMAS = (0.8, 4.0, 14.0, 45.0)
_LEVEL = {
    Light.ROOM: 0.3,
    Light.PANELS: 0.35,
    Light.TENT: 0.5,
    Light.BARS: 0.25,
    Light.WINDOW: 0.25,
    Light.DIM: 0.06,
}
"""Light of the ceiling between the lamps."""


@dataclass(frozen=True)
class Environment:
    """Mirrored surroundings: `mips` (256, 256, 3) linear light, ever more blurred; `ambient` lights matt surfaces."""

    mips: tuple[NDArray[np.float32], ...]
    ambient: NDArray[np.float32]

    def sample(
        self, x: NDArray[np.float32], y: NDArray[np.float32], roughness: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Linear light (H, W, 3) mirrored towards the camera at environment pixels `x`, `y` (H, W)."""
        level = np.sqrt(np.clip(roughness, 0, 1)) * np.float32(len(self.mips) - 1)
        out = np.zeros((*x.shape, 3), np.float32)
        for i, mip in enumerate(self.mips):
            weight = np.maximum(1 - np.abs(level - np.float32(i)), 0)
            if weight.max() > 0:
                seen = cv2.remap(mip, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
                out += seen * cv2.merge((weight, weight, weight))  # three times as fast as to broadcast
        return out


def draw_environment(lights: Mapping[Light, float], rng: np.random.Generator) -> Environment:
    """A room, a counter under panels, a light tent, a kiosk's light bars, a window, or a dim room."""
    n = ENVIRONMENT_PX
    weights = np.array(list(lights.values()))
    kind = list(lights)[int(rng.choice(len(lights), p=weights / weights.sum()))]
    level = _LEVEL[kind] * 10 ** rng.uniform(-0.7, 0.2)
    yy, xx = np.mgrid[:n, :n].astype(np.float32) / n - 0.5
    turn = rng.uniform(0, 2 * np.pi)
    tint = 1 + rng.normal(0, 0.06, 3)
    light = np.ones((n, n, 3), np.float32) * np.float32(level) * tint.astype(np.float32)
    light *= (1 + rng.uniform(0, 0.9) * (xx * np.cos(turn) + yy * np.sin(turn)))[..., None]
    if kind is Light.TENT:
        light *= rng.uniform(0.05, 1.0)  # a tent's dark hole above the phone is what its glass mirrors
        _boxes(light, rng, count=int(rng.integers(1, 4)), brightness=(0.6, 3), away=0.33)
    elif kind is Light.PANELS:
        _lattice(light, rng, brightness=rng.uniform(2, 7))
    elif kind is Light.BARS:
        for _ in range(int(rng.integers(1, 4))):
            _bar(light, rng)
    elif kind is Light.WINDOW:
        _window(light, rng)
    else:
        _boxes(light, rng, count=int(rng.integers(1, 5)), brightness=(2, 20), away=0.0)
        _walls(light, rng)
    if rng.random() < 0.6:
        _photographer(light, rng)
    mips = tuple(_blurred(light, sigma) for sigma in _MIP_SIGMAS)
    ambient = (0.35 * light.mean(axis=(0, 1)) + 0.25 * level + 0.1).astype(np.float32)
    return Environment(mips, ambient)


def _blurred(light: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """`light` blurred by `sigma` px; broad ones small and scaled up, within a grey level of exact."""
    shrink = 8 if sigma > 30 else 4 if sigma > 10 else 1
    if shrink == 1:
        return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)
    size = light.shape[0] // shrink
    small = cv2.resize(light, (size, size), interpolation=cv2.INTER_AREA)
    both_ways = (shrink**2 - 1) / 12 + shrink**2 / 6  # the variance that scaling down and up adds
    small = cv2.GaussianBlur(small, (0, 0), np.sqrt(sigma**2 - both_ways) / shrink, borderType=cv2.BORDER_REFLECT)
    framed = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_REFLECT)
    large = cv2.resize(framed, ((size + 2) * shrink,) * 2, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[shrink:-shrink, shrink:-shrink], np.float32)


def _boxes(
    light: NDArray[np.float32], rng: np.random.Generator, count: int, brightness: tuple[float, float], away: float
) -> None:
    n = light.shape[0]
    for _ in range(count):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(away, 0.5)
        centre = (float(n * (0.5 + reach * np.cos(angle))), float(n * (0.5 + reach * np.sin(angle))))
        size = (float(rng.uniform(4, 40)), float(rng.uniform(4, 60)))
        colour = (rng.uniform(*brightness) * (1 + rng.normal(0, 0.08, 3))).tolist()
        if rng.random() < 0.4:
            cv2.circle(light, (int(centre[0]), int(centre[1])), int(size[0] / 2) + 1, colour, -1)
        else:
            cv2.fillPoly(light, [cv2.boxPoints((centre, size, float(rng.uniform(0, 180)))).astype(np.int32)], colour)


def _lattice(light: NDArray[np.float32], rng: np.random.Generator, brightness: float) -> None:
    n = light.shape[0]
    pitch, size = int(rng.integers(40, 110)), float(rng.uniform(0.3, 0.7))
    turn = cv2.getRotationMatrix2D((n / 2, n / 2), float(rng.uniform(0, 90)), 1.0)
    panels = np.zeros((n, n), np.float32)
    for y in range(-pitch, n + pitch, pitch):
        for x in range(-pitch, n + pitch, pitch):
            cv2.rectangle(panels, (x, y), (x + int(pitch * size), y + int(pitch * size * 0.5)), 1.0, -1)
    light += brightness * cv2.warpAffine(panels, turn, (n, n))[..., None]


def _bar(light: NDArray[np.float32], rng: np.random.Generator) -> None:
    n = light.shape[0]
    centre = (float(rng.uniform(0, n)), float(rng.uniform(0, n)))
    box = cv2.boxPoints(
        (
            centre,
            (float(rng.uniform(6, 18)), float(rng.uniform(120, 400))),
            float(rng.choice([0, 90]) + rng.normal(0, 4)),
        )
    )
    cv2.fillPoly(light, [box.astype(np.int32)], [float(rng.uniform(3, 12))] * 3)


def _window(light: NDArray[np.float32], rng: np.random.Generator) -> None:
    n = light.shape[0]
    pane = np.zeros((n, n), np.float32)
    w, h = int(rng.integers(60, 180)), int(rng.integers(60, 180))
    x, y = int(rng.integers(-30, n - 60)), int(rng.integers(-30, n - 60))
    cv2.rectangle(pane, (x, y), (x + w, y + h), 1.0, -1)
    for k in range(1, int(rng.integers(1, 6))):
        cv2.line(pane, (x + w * k // 6, y), (x + w * k // 6, y + h), 0.0, int(rng.integers(2, 7)))
    for k in range(1, int(rng.integers(1, 5))):
        cv2.line(pane, (x, y + h * k // 5), (x + w, y + h * k // 5), 0.0, int(rng.integers(2, 7)))
    turn = cv2.getRotationMatrix2D((n / 2, n / 2), float(rng.uniform(0, 360)), 1.0)
    colour = np.array([0.9, 1.0, 1.15], np.float32) * np.float32(rng.uniform(1.5, 8))
    light += cv2.warpAffine(pane, turn, (n, n))[..., None] * colour


def _walls(light: NDArray[np.float32], rng: np.random.Generator) -> None:
    n = light.shape[0]
    for _ in range(int(rng.integers(0, 3))):
        turn, offset = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.5) * n
        yy, xx = np.mgrid[:n, :n] - n / 2
        light[(xx * np.cos(turn) + yy * np.sin(turn)) > offset] *= float(rng.uniform(0.3, 1.5))


def _photographer(light: NDArray[np.float32], rng: np.random.Generator) -> None:
    """A dark head, shoulders and the phone that takes the picture."""
    n = light.shape[0]
    shade = np.ones((n, n), np.float32)
    x, y = int(n * rng.uniform(0.25, 0.75)), int(n * rng.uniform(0.25, 0.75))
    size = int(rng.integers(14, 34))
    dark = float(rng.uniform(0.05, 0.5))
    cv2.ellipse(shade, (x, y), (size, int(size * 1.25)), 0, 0, 360, dark, -1)
    cv2.ellipse(shade, (x, y + int(size * 3.2)), (int(size * 2.2), int(size * 2)), 0, 0, 360, dark, -1)
    if rng.random() < 0.6:
        cv2.rectangle(shade, (x - size // 2, y + size), (x + size // 2, y + size * 3), dark * 0.4, -1)
    turn = cv2.getRotationMatrix2D((n / 2, n / 2), float(rng.uniform(0, 360)), 1.0)
    light *= cv2.warpAffine(shade, turn, (n, n), borderValue=1.0)[..., None]


MIRRORED_HALF_ANGLE = np.deg2rad(50)
"""From the zenith to the rim of the environment's picture."""


def environment_map(environment: Environment, height_px: int) -> NDArray[np.float32]:
    """The environment on a sphere (height_px, 2 * height_px, 3): rows from the zenith down to the nadir.

    The picture is a ceiling seen from the device (gnomonic); beyond it the walls fade to the ambient light.
    """
    down = (np.arange(height_px) + 0.5) / height_px * np.pi
    round_ = (np.arange(2 * height_px) + 0.5) / height_px * np.pi
    reach = np.tan(np.minimum(down, 1.45)) / np.tan(MIRRORED_HALF_ANGLE) * ENVIRONMENT_PX / 2
    x = (ENVIRONMENT_PX / 2 + reach[:, None] * np.cos(round_)).astype(np.float32)
    y = (ENVIRONMENT_PX / 2 + reach[:, None] * np.sin(round_)).astype(np.float32)
    ceiling = cv2.remap(environment.mips[0], x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    share = np.clip((np.deg2rad(75) - down) / np.deg2rad(15), 0, 1)[:, None, None]
    return np.asarray(ceiling * share + environment.ambient * (1 - share), np.float32)
