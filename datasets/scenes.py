"""Training scenes of the locator: whole photos, letterboxed, with body, display and camera, and the view."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.configs.vocabulary import LOCATOR_REGIONS, LOCATOR_VIEWS, View
from phonegrade.datasets.augment import Photographic
from phonegrade.datasets.manifest import PhotoRecord, Split, read_manifest
from phonegrade.datasets.placement import PAD_GREY
from phonegrade.inference.locate import close_up, window
from phonegrade.inference.quad import side_lengths
from phonegrade.inference.rectify import CENTRE

PART_SHARE = 0.2
"""To augment, photos that are cut down to a part of themselves, with a device that it cuts off or with none."""
EMPTY_SHARE = 0.4
"""Of these, how many are to show no device."""
PART_SIDES = (0.3, 0.85)
LEAST_SHOWN = 0.15
"""A part with less of a device than this share of its area, and with some, is taken for neither."""
_TRIES = 8
OFF_SHARE = 0.03
"""Where a closer look is learnt, how far the corners it starts from are off: the median standard deviation, as a share
of the geometric mean of the body's sides, and how much that differs from photo to photo, in natural logarithms."""
OFF_SPREAD = 0.7


class LocatorScenes:
    """Map-style set of letterboxed photos, of one or more rendered sets.

    A `close_share` of those that show a device are not whole photos but what a closer look sees (`inference.locate`).
    """

    def __init__(
        self, roots: Sequence[Path], split: Split, size_px: int, seed: int, augment: bool, close_share: float = 0.0
    ) -> None:
        self.size_px, self.seed, self.augment, self.close_share = size_px, seed, augment, close_share
        self._photographic = Photographic()
        self._photos = [(root, record) for root in roots for record in read_manifest(root, split)]

    def __len__(self) -> int:
        return len(self._photos)

    def sample(self, index: int, epoch: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int]:
        """Scene (S, S, 3) RGB, region bits (S/2, S/2) and the index of its view."""
        root, record = self._photos[index]
        rng = np.random.default_rng((self.seed, index, epoch if self.augment else 0))
        if self.close_share and record.corners_px is not None and rng.random() < self.close_share:
            scene, bits = self._close(root, record, rng)
            return self._augmented(scene, rng), bits, LOCATOR_VIEWS.index(record.view)
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
        return self._augmented(scene, rng), bits, LOCATOR_VIEWS.index(view)

    def _augmented(self, scene: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        return self._photographic(scene, int(rng.integers(2**31))) if self.augment else scene

    def _close(
        self, root: Path, record: PhotoRecord, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Scene and region bits of a closer look from an outline whose corners are off, either way up and round."""
        finest = 2 * self.size_px
        photo = simplejpeg.decode_jpeg(
            (root / record.photo).read_bytes(), min_height=finest, min_width=finest, min_factor=1
        )
        regions = np.asarray(cv2.imread(str(root / record.regions), cv2.IMREAD_UNCHANGED), np.uint8)
        full, size = np.array(record.photo_wh), np.array(photo.shape[1::-1])
        corners = np.clip((np.array(record.corners_px).reshape(4, 2) + 0.5) * size / full, 0, size) - 0.5
        off = OFF_SHARE * float(np.exp(rng.normal(0, OFF_SPREAD))) * float(np.sqrt(np.prod(side_lengths(corners))))
        to_square = window(corners + rng.normal(0, off, (4, 2)), self.size_px)
        scene = close_up(photo, to_square, self.size_px, (PAD_GREY,) * 3)
        photo_from_regions = np.linalg.inv(CENTRE) @ np.diag([*(size / regions.shape[::-1]), 1.0]) @ CENTRE
        half = np.linalg.inv(CENTRE) @ np.diag([0.5, 0.5, 1.0]) @ CENTRE
        planes = np.stack([regions >> bit & 1 for bit in range(len(LOCATOR_REGIONS))], axis=2) * np.uint8(255)
        shown = close_up(planes, half @ to_square @ photo_from_regions, self.size_px // 2, (0, 0, 0))
        bits = ((shown > 127) << np.arange(len(LOCATOR_REGIONS))).sum(axis=2).astype(np.uint8)
        turns = tuple(axis for axis in (0, 1) if rng.random() < 0.5)
        return np.ascontiguousarray(np.flip(scene, turns)), np.ascontiguousarray(np.flip(bits, turns))

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
