"""Training scenes of the locator: whole photos, letterboxed, with body, display and camera, and the view."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.core.vocabulary import LOCATOR_VIEWS, View
from phonegrade.datasets.augment import Photographic
from phonegrade.datasets.manifest import Split, read_manifest
from phonegrade.datasets.placement import PAD_GREY

PART_SHARE = 0.2
"""To augment, photos that are cut down to a part of themselves, with a device that it cuts off or with none."""
EMPTY_SHARE = 0.4
"""Of these, how many are to show no device."""
PART_SIDES = (0.3, 0.85)
LEAST_SHOWN = 0.15
"""A part with less of a device than this share of its area, and with some, counts as neither."""
_TRIES = 8


class LocatorScenes:
    """Map-style set of letterboxed photos, of one or more rendered sets."""

    def __init__(self, roots: Sequence[Path], split: Split, size_px: int, seed: int, augment: bool) -> None:
        self.size_px, self.seed, self.augment = size_px, seed, augment
        self._photographic = Photographic()
        self._photos = [(root, record) for root in roots for record in read_manifest(root, split)]

    def __len__(self) -> int:
        return len(self._photos)

    def sample(self, index: int, epoch: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int]:
        """Return the scene (S, S, 3) RGB, region bits (S/2, S/2) and the index of its view."""
        root, record = self._photos[index]
        rng = np.random.default_rng((self.seed, index, epoch if self.augment else 0))
        photo = simplejpeg.decode_jpeg(
            (root / record.photo).read_bytes(), min_height=self.size_px, min_width=self.size_px, min_factor=1
        )
        regions = np.asarray(cv2.imread(str(root / record.regions), cv2.IMREAD_UNCHANGED), np.uint8)
        if self.augment and rng.random() < PART_SHARE:
            photo, regions = _part(photo, regions, rng)
        view = record.view if regions.any() else View.NONE
        h, w = photo.shape[:2]
        scene_from_photo = self._placement(h, w, rng)
        photo = _shrunk(photo, scene_from_photo)
        shrunk = np.diag([w / photo.shape[1], h / photo.shape[0], 1.0])
        size = (self.size_px, self.size_px)
        warped = cv2.warpAffine(
            photo, (scene_from_photo @ shrunk)[:2], size, flags=cv2.INTER_LINEAR, borderValue=(PAD_GREY,) * 3
        )
        from_regions = (
            np.diag([0.5, 0.5, 1.0]) @ scene_from_photo @ np.diag([w / regions.shape[1], h / regions.shape[0], 1.0])
        )
        shown = cv2.warpAffine(regions, from_regions[:2], (self.size_px // 2,) * 2, flags=cv2.INTER_NEAREST)
        scene, bits = np.asarray(warped, np.uint8), np.asarray(shown, np.uint8)
        if self.augment:
            scene = self._photographic(scene, int(rng.integers(2**31)))
        return scene, bits, LOCATOR_VIEWS.index(view)

    def _placement(self, h: int, w: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Affine (3, 3) from photo to scene pixels: the letterbox; to augment, a turn, flip and zoom too."""
        scale = self.size_px / max(h, w)
        turn, mirror = 0.0, 1.0
        if self.augment:
            scale *= float(np.exp(rng.normal(0, 0.08)))
            turn = int(rng.integers(4)) * np.pi / 2 + rng.normal(0, 0.05)
            mirror = float(rng.choice([-1.0, 1.0]))
        c, s, half = np.cos(turn) * scale, np.sin(turn) * scale, self.size_px / 2
        shift = rng.normal(0, 4, 2) if self.augment else np.zeros(2)
        to_scene = np.array([[c, -s, half + shift[0]], [s, c, half + shift[1]], [0, 0, 1.0]])
        return np.asarray(to_scene @ np.array([[mirror, 0, -mirror * w / 2], [0, 1, -h / 2], [0, 0, 1.0]]), np.float64)


def _part(
    photo: NDArray[np.uint8], regions: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A part of the photo and of its regions, without a device or with enough of one; all of it where none is found."""
    empty = rng.random() < EMPTY_SHARE
    for _ in range(_TRIES):
        sides = rng.uniform(*PART_SIDES, 2)
        start = rng.uniform(0, 1 - sides)
        part = _window(regions, start, sides)
        shown = float((part > 0).mean())
        if (shown == 0) if empty else (shown >= LEAST_SHOWN):
            return _window(photo, start, sides), part
    return photo, regions


def _window(picture: NDArray[np.uint8], start: NDArray[np.float64], sides: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The rectangle of `picture` that begins at `start` (x, y) and is `sides` large, both as shares of its size."""
    size = np.array(picture.shape[1::-1])
    left, top = (start * size).astype(int)
    right, bottom = np.ceil((start + sides) * size).astype(int)
    return np.ascontiguousarray(picture[top:bottom, left:right])


def _shrunk(photo: NDArray[np.uint8], scene_from_photo: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The photo area-averaged to about the scene's scale, so that the warp does not alias."""
    scale = float(np.sqrt(abs(np.linalg.det(scene_from_photo[:2, :2]))))
    if scale > 0.75:
        return photo
    size = (max(round(photo.shape[1] * scale), 1), max(round(photo.shape[0] * scale), 1))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
