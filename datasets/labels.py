"""What a photo shows of a surface's annotations: the change in grey levels, and the label under the visibility gate."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT

LABEL_PX_PER_MM = 8.0
FADED_SHARE = 0.6
"""A stretch of a line is ignored where its change falls below this share of the visibility gate."""
VISIBLE_RATIO = 2.3
NOISE_FLOOR_LEVELS = 2.0
"""An annotation is visible whose own change is VISIBLE_RATIO times the noise and NOISE_FLOOR_LEVELS more: of 65 that a
person saw plainly and 23 that he did not, this told 91 % right, the bare ratio to the noise fewer."""
OWN_MM = 0.3
"""Nearer to another annotation a pixel's change may be that one's."""
OWN_PX = 8
"""From so few pixels of its own the change of an annotation is read."""
FILMS = ("smudge", "oil")
"""Dirt that may cover a whole surface, with damage wholly within it."""
_FILM_MM = 2.0
"""Over such a stretch a film changes the picture evenly."""
_CHANGE_PERCENTILE = 80
_CHANGE_SIGMA_PX = 0.5
_SIGMA_OF_MEDIAN = 1.48
"""Standard deviation of a normal distribution over the median of its absolute values."""
_LEVELS = 4
"""Steps of a grey level in which the noise is measured."""
_NOISE_WINDOW_PX = 25


def change_between(photo: NDArray[np.uint8], clean: NDArray[np.uint8]) -> FloatMap:
    """Return by how much (H, W) a photo is brighter than its clean counterpart, in grey levels; both (H, W, 3)."""
    change = cv2.subtract(_grey(photo), _grey(clean))
    return np.asarray(cv2.GaussianBlur(change, (0, 0), _CHANGE_SIGMA_PX), np.float32)


def noise_map(rgb: NDArray[np.uint8]) -> FloatMap:
    """Return the standard deviation (H, W) of the noise about each pixel, by the median of what a blur takes away.

    Texture counts with the noise; a few edges weigh nothing.
    """
    levels = np.clip(_detail(rgb) * _LEVELS, 0, 255).astype(np.uint8)
    return np.asarray(cv2.medianBlur(levels, _NOISE_WINDOW_PX), np.float32) * np.float32(_SIGMA_OF_MEDIAN / _LEVELS)


class Contrast(NamedTuple):
    """What one annotation does to a picture, in grey levels."""

    change: float
    """80th percentile over its own pixels; 0 where it has too few."""
    noise: float
    """Median of the noise and texture there."""

    def is_visible(self, least_levels: float) -> bool:
        """Return whether a person sees it: it changes the picture by `least_levels`, and enough for the noise."""
        return self.change >= max(least_levels, VISIBLE_RATIO * (self.noise + NOISE_FLOOR_LEVELS))


def visible_from(noise: FloatMap) -> FloatMap:
    """Return the change (H, W) from which on an annotation is visible in that noise."""
    return np.asarray(np.float32(VISIBLE_RATIO) * (noise + np.float32(NOISE_FLOOR_LEVELS)), np.float32)


def contrasts(
    kinds: Sequence[str], masks: Sequence[NDArray[np.bool_]], change: FloatMap, noise: FloatMap, px_per_mm: float
) -> list[Contrast]:
    """Return what each annotation changes by itself; all planes (H, W), `change` that of all annotations together.

    Its own pixels are those of its mask that lie farther than OWN_MM from every other annotation. Damage that has none
    because it lies in a film of dirt is measured against the film about it.
    """
    around = [_around(mask, OWN_MM * px_per_mm) for mask in masks]
    others, films = np.zeros(change.shape, np.int16), np.zeros(change.shape, np.int16)
    for kind, (window, grown) in zip(kinds, around, strict=True):
        (films if kind in FILMS else others)[window] += grown
    side = 2 * round(_FILM_MM * px_per_mm / 2) + 1
    beyond_film = change - cv2.blur(change, (side, side)) if films.any() else change
    answers = []
    for kind, mask, (window, grown) in zip(kinds, masks, around, strict=True):
        inside, is_film = mask[window], kind in FILMS
        other_marks = others[window] - (0 if is_film else grown) > 0
        other_films = films[window] - (grown if is_film else 0) > 0
        own, plane = inside & ~other_marks & ~other_films, change
        least = min(OWN_PX, int(inside.sum()))
        if own.sum() < least and not is_film:
            own, plane = inside & ~other_marks, beyond_film
        enough = 0 < least <= own.sum()
        level = float(np.percentile(np.abs(plane[window][own]), _CHANGE_PERCENTILE)) if enough else 0.0
        answers.append(Contrast(level, float(np.median(noise[window][inside])) if least else 0.0))
    return answers


def _around(mask: NDArray[np.bool_], by_px: float) -> tuple[tuple[slice, slice], NDArray[np.int16]]:
    """Return a window about the pixels of `mask` (H, W), and 1 at those within `by_px` of one of them."""
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    pad = math.ceil(by_px)
    window = slice(max(0, y - pad), y + height + pad), slice(max(0, x - pad), x + width + pad)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pad + 1, 2 * pad + 1))
    return window, np.asarray(cv2.dilate(mask[window].view(np.uint8), disc), np.int16)


def fades_out(near: FloatMap, visible_from: FloatMap | float) -> NDArray[np.bool_]:
    """Return where a line fades out, by the change `near` each pixel (H, W) and by what is visible there."""
    return np.asarray(cv2.blur(near, (9, 9)) < visible_from * np.float32(FADED_SHARE))


def label_of(
    kinds: Sequence[str], masks: Sequence[NDArray[np.bool_]], visible: Sequence[bool], faded: NDArray[np.bool_]
) -> NDArray[np.uint16]:
    """Return the classes of what is visible, on the grid of `masks` (H, W), LABEL_PX_PER_MM fine.

    Invisible annotations, and the stretches where a visible line has `faded`, are ignored.
    """
    label = np.zeros(faded.shape, np.uint16)
    ignored = np.zeros(faded.shape, bool)
    for kind, mask, is_visible in zip(kinds, masks, visible, strict=True):
        shown = mask if is_visible else np.zeros_like(mask)
        if kind in ("crack", "scratch"):
            shown = shown & ~faded
        label[shown] |= CLASS_BIT[kind]
        ignored |= mask & ~shown
    label[ignored & (label == 0)] |= IGNORE_BIT
    return label


def _grey(rgb: NDArray[np.uint8]) -> FloatMap:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def _detail(rgb: NDArray[np.uint8]) -> FloatMap:
    """What a blur takes away (H, W), unsigned."""
    grey = _grey(rgb)
    return np.asarray(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 2.0)), np.float32)
