"""Width of thin lines below a pixel, from the light that they add or take away."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.inference.quad import transform
from phonegrade.inference.skeleton import Line

Floats = NDArray[np.float64]
SAMPLES = 48
"""Places along a line at which it is looked across; each is a mean over `ALONG_PX`."""
ALONG_PX = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
FLANK_PX = 2.5
"""Background that is looked at on either side of the mark: close by, where it is most alike."""
DRIFT_PX = 1.0
"""How far the mark's own mask may lie beside the line."""
CORE_BLURS = 1.5
"""How many blurs beyond the mask the line's light is taken to reach."""
LEAST_SNR = 8.0
"""A line that rises less above its background's noise tells nothing of its width."""
MISFIT = 0.04
"""Share of a line's peak by which even a clear line departs from the model."""
BLUR_SPREAD = 0.25
"""Standard deviation of the blur's logarithm: the photo tells it no better."""
BLUR_FACTORS = np.exp(BLUR_SPREAD * np.linspace(-2.0, 2.0, 7))
WIDTHS, CONTRASTS = 32, 40
LEAST_WIDTH_PX = 0.15
"""At 8 px/mm the 20 micrometres of the finest scratch that is ever seen."""


@dataclass(frozen=True)
class Source:
    """The photo that a canvas was made from, which holds finer detail than the canvas."""

    rgb: NDArray[np.uint8]
    """(H, W, 3)."""
    from_canvas: Floats
    """Homography (3, 3) from canvas pixels to its pixels."""
    blur_px: float
    """Standard deviation of its point spread, in its own pixels."""

    def scale_at(self, point: Floats) -> float:
        """Photo pixels per canvas pixel around a canvas point (2,)."""
        corners = transform(self.from_canvas, point + np.array([[0, 0], [1, 0], [0, 1]], np.float64))
        (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[0]
        return float(np.sqrt(abs(ax * by - ay * bx)))


@dataclass(frozen=True)
class Width:
    """A line's mean width and its standard error, in canvas pixels."""

    px: float
    error_px: float


def line_width(source: Source, line: Line) -> Width:
    """Width of the mark around the centre line `line`, given in canvas pixels.

    A line of width w and contrast c adds c·w of light across it, whatever the blur s; only where w exceeds about s does
    its peak tell c, and below that the product alone is known. So this weighs every width, blur and contrast by how
    well they explain the mean profile across the line: the blur is the photo's within `BLUR_SPREAD`, every contrast up
    to white or black is as likely as any other, and so is every width up to the mask's. The answer is the median of
    that posterior, and half its central 68 % the error, which grows by itself where width and contrast cannot be told
    apart, or where the profile is not that of a line. Where nothing stands out from the background only the mask is
    known: every order of magnitude up to its width is then as likely as any other.
    """
    scale = source.scale_at(line.points.mean(axis=0))
    blur, step = source.blur_px / scale, min(0.5, 0.5 / scale)
    reach = line.half_px + DRIFT_PX + CORE_BLURS * blur
    half_count = int(np.ceil((reach + FLANK_PX) / step))
    offsets = np.asarray(np.arange(-half_count, half_count + 1) * step, np.float64)
    profiles = _profiles(source, line, offsets)
    widest = max(2.0 * line.half_px, 2 * LEAST_WIDTH_PX)
    if len(profiles) == 0:
        return _unseen(widest)
    raised, background = _raised(profiles, offsets, reach)
    core = np.abs(offsets) <= line.half_px + step
    colour = np.median(raised, axis=0)[core].sum(axis=0)
    colour /= max(float(np.linalg.norm(colour)), 1e-9)
    profile = _aligned(raised @ colour, offsets, line.half_px)
    noise = max(1.48 * float(np.median(np.abs(profile[np.abs(offsets) > reach]))), 1e-4)
    peak = float(profile[core].max())
    if peak < LEAST_SNR * noise:
        return _unseen(widest)
    room = np.where(colour > 0, 1.0 - background, background) / np.maximum(np.abs(colour), 1e-9)
    most, spread = max(peak, float(room.min())), float(np.hypot(noise, MISFIT * peak))
    widths, chance = _density(profile, offsets, widest + 1.0, blur, most, spread)
    low, middle, high = np.interp([0.16, 0.5, 0.84], np.cumsum(chance) / chance.sum(), widths)
    return Width(float(middle), float(high - low) / 2)


def _unseen(widest: float) -> Width:
    """Median and half the central 68 % of a width that is log-uniform up to `widest`."""
    low, middle, high = np.exp(np.interp([0.16, 0.5, 0.84], [0.0, 1.0], np.log([LEAST_WIDTH_PX, widest])))
    return Width(float(middle), float(high - low) / 2)


def _profiles(source: Source, line: Line, offsets: Floats) -> Floats:
    """Light (samples, offsets, 3) in 0..1 across the line, means over `ALONG_PX`; those that leave the photo go."""
    every = max(1, len(line.points) // SAMPLES)
    points, along = line.points[::every], line.directions[::every]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    at = points[:, None] + ALONG_PX[None, :, None] * along[:, None]
    grid = transform(source.from_canvas, at[:, :, None] + offsets[None, None, :, None] * normal[:, None, None])
    size = (source.rgb.shape[1] - 1, source.rgb.shape[0] - 1)
    grid = grid[((grid >= 0) & (grid <= size)).all(axis=(1, 2, 3))]
    if len(grid) == 0:
        return np.empty((0, len(offsets), 3))
    flat = grid.reshape(-1, len(offsets), 2).astype(np.float32)
    seen = np.asarray(cv2.remap(source.rgb, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR), np.uint8)
    return np.asarray(_linear()[seen].reshape(len(grid), len(ALONG_PX), len(offsets), 3).mean(axis=1))


@cache
def _linear() -> Floats:
    """Light of each sRGB value (IEC 61966-2-1): what a line covers of a pixel it adds in light, not in grey levels."""
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _raised(profiles: Floats, offsets: Floats, reach: float) -> tuple[Floats, Floats]:
    """The profiles less the straight background between their flanks, and that background's median colour (3,)."""
    left, right = offsets < -reach, offsets > reach
    low, high = np.median(profiles[:, left], axis=1), np.median(profiles[:, right], axis=1)
    share = (offsets - offsets[left].mean()) / (offsets[right].mean() - offsets[left].mean())
    straight = low[:, None] + (high - low)[:, None] * share[:, None]
    return profiles - straight, np.median((low + high) / 2, axis=0)


def _aligned(raised: Floats, offsets: Floats, half_px: float) -> Floats:
    """Median profile, each shifted to where the line itself is, by correlation with their first median."""
    first = np.median(raised, axis=0)
    most = int(DRIFT_PX / (offsets[1] - offsets[0]))
    core = np.flatnonzero(np.abs(offsets) <= half_px + 1.0)
    match = np.stack([raised[:, core + shift] @ first[core] for shift in range(-most, most + 1)], axis=1)
    columns = np.arange(len(offsets)) + (match.argmax(axis=1) - most)[:, None]
    shifted = np.take_along_axis(raised, np.clip(columns, 0, len(offsets) - 1), axis=1)
    return np.asarray(np.median(shifted, axis=0))


def _density(
    profile: Floats, offsets: Floats, widest: float, blur_px: float, most: float, noise: float
) -> tuple[Floats, Floats]:
    """Widths up to `widest` and the unnormalised chance of each, blur and contrast summed out."""
    weight = np.clip(profile, 1e-12, None)
    at = offsets - weight @ offsets / weight.sum()
    widths, blurs = np.linspace(LEAST_WIDTH_PX, widest, WIDTHS), blur_px * BLUR_FACTORS
    shapes = _blurred_box(at, widths[:, None, None], blurs[None, :, None])
    contrasts = np.linspace(1 / CONTRASTS, 1.0, CONTRASTS) * most
    # |p - c s|² less |p|²
    misfit = contrasts**2 * (shapes**2).sum(axis=2)[..., None] - 2 * contrasts * (shapes @ profile)[..., None]
    left_over = max(float((profile**2).sum() + misfit.min()), 0.0) / len(profile)
    independent = (offsets[1] - offsets[0]) / max(noise**2, left_over)
    chance = -0.5 * (np.log(BLUR_FACTORS) / BLUR_SPREAD)[None, :, None] ** 2 - 0.5 * misfit * independent
    return widths, np.exp(chance - chance.max()).sum(axis=(1, 2))


def _blurred_box(at: Floats, width: Floats, blur: Floats) -> Floats:
    """A box of height 1 and `width`, blurred by a Gaussian, at the offsets `at`."""
    return np.asarray(_normal((at + width / 2) / blur) - _normal((at - width / 2) / blur))


def _normal(z: Floats) -> Floats:
    """Cumulative normal distribution, to 1e-4 (Bowling et al., JIEM 2009)."""
    return np.asarray(0.5 + 0.5 * np.tanh(z * (0.7988 + 0.03528 * z * z)))
