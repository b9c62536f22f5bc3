"""What happens to light before it is a number: the lens, the hand that shakes, the light that strays."""

from dataclasses import dataclass

import cv2
import numpy as np

from phonegrade.configs.render_settings import CameraSettings
from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.pictures import FRACTION_BITS, blurred, dyed, fixed_point, times

_GLOW_PX = 256
"""Long side of the picture that stray light is spread on: it is soft."""


@dataclass(frozen=True)
class Lens:
    """One exposure's lens. Blurs are standard deviations in pixels."""

    tint: tuple[float, float, float]
    """Gains of red, green and blue: how far the white balance is off."""
    veil: float
    """Share of all light that is spread evenly, by dust and fingerprints on the lens."""
    glow: float
    """Share of what is brighter than white that spreads round it."""
    blur_px: float
    defocus_px: float
    """Blur at the far end of a surface that leaves the plane of focus."""
    defocus_turn: float
    shake_px: float
    """Length of the streak that a moving hand draws."""
    shake_turn: float
    vignette: float
    fringe: float
    """How much larger blue is drawn than red, as a share of the picture."""

    @classmethod
    def draw(cls, settings: CameraSettings, rng: np.random.Generator) -> "Lens":
        """A phone's camera, clean or greasy, held still or not."""
        warm, green = rng.normal(0, 1.2 * settings.white_balance), rng.normal(0, 0.4 * settings.white_balance)
        blurred, tilted, shaken, falling, greasy, fringed = rng.random(6)
        blur, defocus = rng.uniform(0.3, settings.blur_px), rng.uniform(0.4, 1.1 * settings.blur_px)
        turns = rng.uniform(0, 2 * np.pi, 2)
        shake, vignette, veil, fringe = rng.uniform(1.5, 6), rng.uniform(0, 0.4), rng.uniform(0, 1), rng.normal(0, 5e-4)
        return cls(
            (float(np.exp(warm)), float(np.exp(green)), float(np.exp(-warm))),
            veil=float(veil * (0.07 if greasy < 0.25 else 0.02)),
            glow=0.14 if greasy < 0.25 else 0.03,
            blur_px=float(blur) if blurred < settings.blur_share else 0.0,
            defocus_px=float(defocus) if tilted < 0.6 * settings.blur_share else 0.0,
            defocus_turn=float(turns[0]),
            shake_px=float(shake) if shaken < 0.2 * settings.blur_share else 0.0,
            shake_turn=float(turns[1]),
            vignette=float(vignette) if falling < 0.6 else 0.0,
            fringe=float(fringe) if fringed < 0.25 else 0.0,
        )

    def project(self, light: FloatMap) -> FloatMap:
        """The light (H, W, 3), 1 being white, that falls on the sensor for `light` from the scene."""
        image = self._stray(light)
        if self.blur_px > 0:
            image = blurred(image, self.blur_px)
        if self.defocus_px > 0:
            image = self._defocused(image)
        if self.shake_px > 0:
            streak = _streak(self.shake_px, self.shake_turn)
            image = np.asarray(cv2.filter2D(image, -1, streak), np.float32)
        if abs(self.fringe) > 1e-5:
            image = self._fringed(image)
        return self._tinted(image)

    def _stray(self, light: FloatMap) -> FloatMap:
        """Veiling glare, and a glow round what is brighter than white."""
        h, w = light.shape[:2]
        reduction = max(max(h, w) / _GLOW_PX, 1.0)
        size = (max(round(w / reduction), 1), max(round(h / reduction), 1))
        small = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
        stray = np.empty_like(small)
        stray[:] = np.clip(small, 0, 3).mean(axis=(0, 1)) * np.float32(self.veil)
        over = np.clip(small - 1, 0, 8)
        if over.max() > 0:
            quarter = cv2.resize(over, (max(size[0] // 4, 1), max(size[1] // 4, 1)), interpolation=cv2.INTER_AREA)
            far = cv2.resize(blurred(quarter, 3.5), size, interpolation=cv2.INTER_LINEAR)
            stray = np.asarray(stray + (blurred(over, 2.5) + far) * np.float32(0.5 * self.glow), np.float32)
        return cv2.add(light, cv2.resize(stray, (w, h), interpolation=cv2.INTER_LINEAR)).astype(np.float32, copy=False)

    def _defocused(self, image: FloatMap) -> FloatMap:
        """Sharp along one line of the picture, more and more blurred to one side of it."""
        h, w = image.shape[:2]
        c, s = np.float32(np.cos(self.defocus_turn) / w), np.float32(np.sin(self.defocus_turn) / h)
        across = np.arange(w, dtype=np.float32) * c + (np.arange(h, dtype=np.float32) * s)[:, None]
        share = np.clip((across - across.mean()) * 2, 0, 1)
        soft = blurred(image, self.defocus_px)
        return np.asarray(cv2.blendLinear(soft, image, share, 1 - share), np.float32)

    def _fringed(self, image: FloatMap) -> FloatMap:
        h, w = image.shape[:2]
        planes = list(cv2.split(image))
        for channel, sign in ((0, -1.0), (2, 1.0)):
            scale = 1 + sign * self.fringe
            move = np.array([[scale, 0, w / 2 * (1 - scale)], [0, scale, h / 2 * (1 - scale)]])
            planes[channel] = cv2.warpAffine(planes[channel], move, (w, h), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.merge(planes), np.float32)

    def _tinted(self, image: FloatMap) -> FloatMap:
        """White balance and vignette."""
        h, w = image.shape[:2]
        if self.vignette > 0:
            x, y = np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32)
            fall = 1 - np.float32(self.vignette / 2) * (x * x + (y * y)[:, None])
            image = times(image, fall)
        return dyed(image, self.tint)


def _streak(length_px: float, turn: float) -> FloatMap:
    """A normalised kernel that smears along a slightly bent line."""
    half = int(np.ceil(length_px / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    way = np.array([np.cos(turn), np.sin(turn)]) * length_px / 2
    start, end = (fixed_point(half + sign * way) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_8, FRACTION_BITS)
    soft = blurred(kernel, 0.6)
    return np.asarray(soft / soft.sum(), np.float32)
