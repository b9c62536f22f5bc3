"""From light on the sensor to a coded picture: tone, noise, and what a phone's software does against it."""

from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.configs.render_settings import CameraSettings
from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.camera import to_srgb

_CODES = 4096
_BRIGHTEST = 4.0
"""Light above it is as white as this."""
_GREY_LEVEL = 1 / 255
_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Development:
    """One photo's processing."""

    shoulder: float
    """Light from which on highlights are rolled off; 1 clips."""
    contrast: float
    """Strength of the S-curve on coded values."""
    lift: float
    """Local tone mapping: power by which dark parts are brought up."""
    noise: float
    """Standard deviation at mid-grey, share of white."""
    colour_noise: float
    """The same in colour, blotchy, as a share of `noise`."""
    coring: float
    """Detail weaker than this many grey levels is smeared away with the noise."""
    sharpening: float
    radius_px: float
    saturation: float
    web_scale: float
    """A photo kept small and blown up again: how small it was; 1 never was."""
    web_quality: int
    """JPEG quality (0..100) of the small one."""

    @classmethod
    def draw(cls, settings: CameraSettings, rng: np.random.Generator) -> "Development":
        """Draw what some phone does, plain or eager."""
        noise = float(10 ** rng.uniform(*np.log10(settings.noise)))
        eager, small = rng.random(2)
        shoulder, contrast, lift = rng.uniform(0.6, 1.0), rng.uniform(0.1, 0.7), rng.uniform(0, 0.25)
        colour, coring = rng.uniform(0.05, 0.4), rng.uniform(0.2, 2.5)
        sharpening, radius = rng.uniform(0.2, 1.3), rng.uniform(0.8, 1.6)
        saturation, scale, quality = rng.normal(1.0, 0.09), rng.uniform(0.3, 0.8), rng.integers(30, 76)
        return cls(
            float(shoulder),
            float(contrast),
            float(lift) if eager < 0.6 else 0.0,
            noise,
            float(colour),
            float(coring),
            float(sharpening) if eager < 0.7 else 0.0,
            float(radius),
            float(saturation),
            float(scale) if small < settings.resize_share else 1.0,
            int(quality),
        )

    def picture(self, light: FloatMap, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the sRGB photo (H, W, 3) of `light` (H, W, 3), 1 being white."""
        if self.lift > 0:
            light = _lifted(light, self.lift)
        coded = self._coded(light)
        bright = np.asarray(cv2.transform(coded, np.array([_LUMA], np.float32)), np.float32)
        change = self._noise(bright, rng)
        bright = bright + change
        change += self._detail(bright)
        coded += cv2.merge((change, change, change))
        self._colour(coded, bright, rng)
        photo = np.asarray(np.clip(coded * 255 + 0.5, 0, 255), np.uint8)
        return photo if self.web_scale == 1 else _blown_up(photo, self.web_scale, self.web_quality)

    def _coded(self, light: FloatMap) -> FloatMap:
        """Tone curve and sRGB transfer in one table, over the root of the light."""
        root = np.linspace(0, np.sqrt(_BRIGHTEST), _CODES)
        x = root**2
        knee = self.shoulder
        rolled = np.where(x < knee, x, 1 - (1 - knee) * np.exp(-np.maximum(x - knee, 0) / max(1 - knee, 1e-3)))
        y = to_srgb(np.clip(rolled, 0, 1).astype(np.float32))
        curve = y + self.contrast * y * (1 - y) * (2 * y - 1) * 1.5
        step = np.float32((_CODES - 1) / np.sqrt(_BRIGHTEST))
        index = cv2.sqrt(np.clip(light, 0, _BRIGHTEST)) * step + np.float32(0.5)
        return np.take(curve.astype(np.float32), index.astype(np.uint16))

    def _noise(self, bright: FloatMap, rng: np.random.Generator) -> FloatMap:
        """Grain (H, W), strongest in the shadows short of black, a little soft."""
        grain = rng.standard_normal(bright.shape, dtype=np.float32)
        grain = cv2.GaussianBlur(grain, (3, 3), 0.5) * np.float32(1.5)
        strength = np.float32(0.65 * self.noise) * (np.float32(0.1) + bright * (1 - bright) ** 2)
        return np.asarray(grain * np.maximum(strength, 0), np.float32)

    def _detail(self, bright: FloatMap) -> FloatMap:
        """What denoising takes from weak detail (H, W) and sharpening adds to strong."""
        detail = bright - cv2.GaussianBlur(bright, (0, 0), self.radius_px)
        square = detail * detail
        weak = np.float32((self.coring * _GREY_LEVEL) ** 2 + 1e-12)
        kept = square / (square + weak) * np.float32(1 + self.sharpening) - 1
        return np.asarray(np.clip(detail * kept, -0.18, 0.18), np.float32)

    def _colour(self, coded: FloatMap, bright: FloatMap, rng: np.random.Generator) -> None:
        """Saturation and blotches of colour, in place."""
        h, w = bright.shape
        blotches = rng.standard_normal((h // 4 + 2, w // 4 + 2, 2), dtype=np.float32)
        blotches *= np.float32(self.noise * self.colour_noise)
        spread = cv2.resize(blotches, (w, h), interpolation=cv2.INTER_LINEAR)
        more = np.float32(self.saturation - 1)
        for channel, blotch in ((0, spread[..., 0]), (2, spread[..., 1]), (1, None)):
            plane = coded[..., channel]
            shift = (plane - bright) * more
            if blotch is not None:
                shift += blotch
            plane += shift


def _lifted(light: FloatMap, power: float) -> FloatMap:
    """Dark parts of the picture brought up, bright ones down, over broad areas."""
    h, w = light.shape[:2]
    small = cv2.resize(light, (24, 24), interpolation=cv2.INTER_AREA).max(axis=2)
    broad = np.log(np.clip(cv2.GaussianBlur(small, (0, 0), 3.0), 0.02, 2.0))
    gain = np.exp(np.float32(power) * np.clip(np.log(0.35) - broad, -1.0, 1.2)).astype(np.float32)
    field = cv2.resize(gain, (w, h), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(light, cv2.merge((field, field, field))), np.float32)


def _blown_up(photo: NDArray[np.uint8], scale: float, quality: int) -> NDArray[np.uint8]:
    """Scale down and up again, as an old page of the web would have it."""
    h, w = photo.shape[:2]
    small = cv2.resize(photo, (max(round(w * scale), 1), max(round(h * scale), 1)), interpolation=cv2.INTER_AREA)
    kept = simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(small, quality=quality, colorsubsampling="420"))
    return np.asarray(cv2.resize(kept, (w, h), interpolation=cv2.INTER_CUBIC), np.uint8)
