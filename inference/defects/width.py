"""Width of thin lines below a pixel, from the light that they add or take away."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, Floats, Mask, Matrix
from phonegrade.core.geometry import transform
from phonegrade.inference.defects.skeleton import Line

SAMPLES = 48
"""Places along a line at which it is looked across; each is a mean over `ALONG_PX`."""
ALONG_PX = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
FLANK_PX = 2.5
"""Background that is looked at on either side of the mark: close by, where it is most alike."""
DRIFT_PX = 1.0
"""How far the mark's own mask may lie beside the line."""
CORE_BLURS = 1.5
"""How many blurs beyond the mask the line's light is taken to reach."""
LEAST_SNR = 5.0
"""A line that rises less above its background's noise tells nothing of its width."""
MEDIAN_OVER_MEAN = 1.25
"""Standard error of a median over that of a mean, of normal noise."""
LEAST_NOISE = 1e-4
"""Of light: eight bits hold no less."""
MISFIT = 0.08
"""Share of a line's peak by which even a clear line departs from the model."""
GLINT = 2.0
"""How far beyond white a line's own light may go, as a share of the way there: a groove throws a lamp back, and what
the blur leaves of it may still be grey."""
BLUR_SPREAD = 0.25
"""Standard deviation of the blur's logarithm: the photo tells it no better."""
OUT_OF_FOCUS = 0.6
"""The same towards more blur: a hand shakes, a lens is out of focus, a chat makes photos smaller and larger again."""
BLUR_STEPS = np.linspace(-2.0, 2.0, 9)
BLUR_FACTORS = np.exp(np.where(BLUR_STEPS < 0, BLUR_SPREAD, OUT_OF_FOCUS) * BLUR_STEPS)
BLUR_CHANCE = np.exp(-0.5 * BLUR_STEPS**2) * np.where(BLUR_STEPS < 0, BLUR_SPREAD, OUT_OF_FOCUS)
WIDTHS, CONTRASTS = 40, 40
LEAST_WIDTH_PX = 0.05
"""Thinner than the finest scratch that is ever seen."""
PARTS = 4
"""Stretches of a line that are measured each for itself."""
SHAPE_SHARE = 0.1
"""Standard error of a width, as a share of it, as a line is no band of one breadth."""
GROOVE_BLURS = 0.2
"""The same in blurs: of grooves side by side the faint ones are lost in the spread of the brightest."""


@dataclass(frozen=True)
class Source:
    """The photo that a canvas was made from, which holds finer detail than the canvas."""

    rgb: RGB
    """(H, W, 3)."""
    from_canvas: Matrix
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


def line_width(source: Source, line: Line) -> Width | None:
    """Width of the mark around the centre line `line`, given in canvas pixels; None where the photo does not show it.

    A line of width w and contrast c adds c·w of light across it, whatever the blur s; only where w exceeds about s does
    its peak tell c, and below that the product alone is known. So this weighs every width, blur and contrast by how
    well they explain the mean profile across the line: the blur is the photo's within `BLUR_SPREAD` or more, every
    contrast up to black, or by `GLINT` beyond white, is as likely as any other, and so is every width up to the mask's.
    The answer is the median of that posterior, and its error what makes one standard error cover about 68 % of it and
    two 95 %, which grows by itself where width and contrast cannot be told apart, or where the profile is not that of
    a line; how differently the parts of the line answer, and `SHAPE_SHARE`, are added to it.
    """
    scale = source.scale_at(line.points.mean(axis=0))
    blur, step = source.blur_px / scale, min(0.5, 0.5 / scale)
    reach = line.half_px + DRIFT_PX + CORE_BLURS * blur
    half_count = int(np.ceil((reach + FLANK_PX) / step))
    offsets = np.asarray(np.arange(-half_count, half_count + 1) * step, np.float64)
    profiles = _profiles(source, line, offsets)
    if len(profiles) == 0:
        return None
    raised, background = _raised(profiles, offsets, reach)
    core = np.abs(offsets) <= line.half_px + step
    colour = np.median(raised, axis=0)[core].sum(axis=0)
    colour /= max(float(np.linalg.norm(colour)), 1e-9)
    beside = np.abs(offsets) > reach
    if not _stands_out(raised @ colour, core, beside, max(1, len(line.points) // SAMPLES)):
        return None
    shifted = _aligned(raised @ colour, offsets, line.half_px)
    profile = np.median(shifted, axis=0)
    noise, peak = _noise(profile[beside]), float(profile[core].max())
    room = np.where(colour > 0, 1.0 - background, background) / np.maximum(np.abs(colour), 1e-9)
    most = max(peak, float(room.min())) * (GLINT if colour.sum() > 0 else 1.0)
    widest = max(2.0 * line.half_px, LEAST_WIDTH_PX) + 1.0
    model = _Model.of(_centred(offsets, profile), widest, blur, most, noise, min(1.0, scale))
    return _with_shape(model, profile, shifted, core)


def _with_shape(model: "_Model", profile: Floats, shifted: Floats, core: Mask) -> Width:
    """The width of the mean `profile` with an error that holds how differently its parts (N, offsets) answer."""
    whole = model.width(profile)
    parts = [model.width(np.median(part, axis=0)).px for part in np.array_split(shifted, PARTS) if len(part)]
    brightness = shifted[:, core].max(axis=1)
    lit = model.width(np.median(shifted[brightness >= np.median(brightness)], axis=0)).px
    along, grooves = float(np.std(parts)) / np.sqrt(len(parts)), GROOVE_BLURS * model.blur_px
    errors = [whole.error_px, along, lit - whole.px, SHAPE_SHARE * whole.px, grooves]
    return Width(whole.px, float(np.linalg.norm(errors)))


def _centred(offsets: Floats, profile: Floats) -> Floats:
    """The offsets from the middle of the line's light."""
    weight = np.clip(profile, 1e-12, None)
    return offsets - float(weight @ offsets / weight.sum())


def _stands_out(raised: Floats, core: Mask, beside: Mask, every_px: int) -> bool:
    """Whether there is a line at all: asked before the profiles are shifted, which makes a peak of mere noise.

    The profiles (N, offsets), `every_px` apart, share pixels where that is less than each is a mean over.
    """
    independent = max(1.0, len(raised) * min(1.0, every_px / len(ALONG_PX)))
    noise = MEDIAN_OVER_MEAN * _noise(raised[:, beside]) / np.sqrt(independent)
    return float(np.median(raised, axis=0)[core].max()) >= LEAST_SNR * max(float(noise), LEAST_NOISE)


def _noise(background: Floats) -> float:
    """Standard deviation of a profile where there is no line, by its median."""
    return max(1.48 * float(np.median(np.abs(background))), LEAST_NOISE)


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
    """The profiles, each shifted to where the line itself is, by correlation with their first median."""
    first = np.median(raised, axis=0)
    most = int(DRIFT_PX / (offsets[1] - offsets[0]))
    core = np.flatnonzero(np.abs(offsets) <= half_px + 1.0)
    match = np.stack([raised[:, core + shift] @ first[core] for shift in range(-most, most + 1)], axis=1)
    columns = np.arange(len(offsets)) + (match.argmax(axis=1) - most)[:, None]
    return np.asarray(np.take_along_axis(raised, np.clip(columns, 0, len(offsets) - 1), axis=1))


@dataclass(frozen=True)
class _Model:
    """What a line of some width may look like across."""

    widths: Floats
    """(W,) canvas pixels."""
    shapes: Floats
    """(W, B, offsets): a line of contrast 1 of each width under each blur."""
    contrasts: Floats
    """(C,)"""
    blur_px: float
    noise: float
    independent: float
    """Of how many independent samples an offset counts."""

    @classmethod
    def of(cls, at: Floats, widest: float, blur_px: float, most: float, noise: float, per_px: float) -> "_Model":
        """For profiles at the offsets `at`, of lines up to `widest` and contrasts up to `most`.

        `per_px` is how many independent samples a canvas pixel holds.
        """
        widths, blurs = np.geomspace(LEAST_WIDTH_PX, widest, WIDTHS), blur_px * BLUR_FACTORS
        shapes = _blurred_box(at, widths[:, None, None], blurs[None, :, None])
        contrasts = np.linspace(1 / CONTRASTS, 1.0, CONTRASTS) * most
        return cls(widths, shapes, contrasts, blur_px, noise, float(at[1] - at[0]) * per_px)

    def width(self, profile: Floats) -> Width:
        """Median of the width, and its error."""
        chance, widths = self._density(profile), self.widths
        total = np.concatenate([[0.0], np.cumsum((chance[1:] + chance[:-1]) / 2 * np.diff(widths))])
        low, middle, high, highest = np.interp([0.16, 0.5, 0.84, 0.975], total / total[-1], widths)
        # wider ones have the longer tail, and twice the error is to reach about as far as 95 % of them do
        return Width(float(middle), float((high - low + highest - middle) / 4))

    def _density(self, profile: Floats) -> Floats:
        """(W,) unnormalised density of the widths, blur and contrast summed out."""
        # |p - c s|² less |p|²
        squared = self.contrasts**2 * (self.shapes**2).sum(axis=2)[..., None]
        misfit = squared - 2 * self.contrasts * (self.shapes @ profile)[..., None]
        left_over = max(float((profile**2).sum() + misfit.min()), 0.0) / len(profile)
        noise = max(self.noise**2 + (MISFIT * float(profile.max())) ** 2, left_over)
        chance = np.log(BLUR_CHANCE)[None, :, None] - 0.5 * misfit * self.independent / noise
        return np.asarray(np.exp(chance - chance.max()).sum(axis=(1, 2)))


def _blurred_box(at: Floats, width: Floats, blur: Floats) -> Floats:
    """A box of height 1 and `width`, blurred by a Gaussian, at the offsets `at`."""
    return np.asarray(_normal((at + width / 2) / blur) - _normal((at - width / 2) / blur))


def _normal(z: Floats) -> Floats:
    """Cumulative normal distribution, to 1e-4 (Bowling et al., JIEM 2009)."""
    return np.asarray(0.5 + 0.5 * np.tanh(z * (0.7988 + 0.03528 * z * z)))
