"""Training tiles of the segmenter: crops of rectified surfaces, as the pipeline will see them, with their labels."""

from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.datasets.augment import apply, photographic
from phonegrade.datasets.lit import mm_from_raster
from phonegrade.datasets.manifest import PhotoRecord, Split, read_manifest
from phonegrade.datasets.placement import PAD_GREY, draw_placement, half_scale, similarity
from phonegrade.datasets.wear.marks import CLASS_BIT, IGNORE_BIT

MARKED_SHARE = 0.65
"""Tiles centred on a marked pixel where the surface has any; rare kinds are drawn as often as common ones."""


class SegmenterTiles:
    """Map-style set of tiles; one photo is one entry, its crop is drawn anew each epoch."""

    def __init__(self, root: Path, split: Split, crop_px: int, seed: int, augment: bool) -> None:
        self.root, self.crop_px, self.seed, self.augment = root, crop_px, seed, augment
        self.records = [record for record in read_manifest(root, split) if record.label is not None]

    def __len__(self) -> int:
        return len(self.records)

    def sample(self, index: int, epoch: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """Tile (crop, crop, 3) RGB and its bit mask (crop/2, crop/2); the same index and epoch give the same bytes."""
        record = self.records[index]
        rng = np.random.default_rng((self.seed, index, epoch if self.augment else 0))
        photo = simplejpeg.decode_jpeg((self.root / record.photo).read_bytes())
        label = np.asarray(cv2.imread(str(self.root / str(record.label)), cv2.IMREAD_UNCHANGED), np.uint16)
        canvas_from_tile = self._placement(label, record, rng)
        tile = self._picture(photo, record, canvas_from_tile, label.shape, rng)
        mask = cv2.warpPerspective(
            label, canvas_from_tile, (self.crop_px,) * 2, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        )
        if self.augment:
            tile = apply(photographic(int(rng.integers(2**31))), tile)
        return tile, half_scale(np.asarray(mask, np.uint16))

    def _placement(
        self, label: NDArray[np.uint16], record: PhotoRecord, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Homography (3, 3) from tile pixels to canvas pixels."""
        h, w = label.shape
        centre = rng.uniform(0, 1, 2) * (w, h)
        marked = label & (IGNORE_BIT - 1)
        present = [bit for bit in CLASS_BIT.values() if (marked & bit).any()]
        if present and rng.random() < MARKED_SHARE:
            ys, xs = np.nonzero(marked & present[int(rng.integers(len(present)))])
            at = int(rng.integers(len(ys)))
            centre = np.array([xs[at], ys[at]]) + rng.normal(0, self.crop_px / 6, 2)
        if not self.augment:
            return similarity(centre, self.crop_px, 0.0, 1.0, flip=False)
        return draw_placement(centre, self.crop_px, record.view, rng)

    def _picture(
        self,
        photo: NDArray[np.uint8],
        record: PhotoRecord,
        canvas_from_tile: NDArray[np.float64],
        canvas_hw: tuple[int, int],
        rng: np.random.Generator,
    ) -> NDArray[np.uint8]:
        photo_from_mm = np.array(record.photo_from_mm).reshape(3, 3)
        size_mm = (canvas_hw[1] / record.label_px_per_mm, canvas_hw[0] / record.label_px_per_mm)
        photo_from_canvas = photo_from_mm @ mm_from_raster(canvas_hw, size_mm)
        size = (self.crop_px, self.crop_px)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        grey = (PAD_GREY,) * 3
        photo_from_tile = photo_from_canvas @ canvas_from_tile
        tile = cv2.warpPerspective(
            photo, photo_from_tile, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=grey
        )
        if record.view == "edge" or rng.random() < 0.5:
            inside = cv2.warpPerspective(
                np.ones(canvas_hw, np.uint8), canvas_from_tile, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
            )
            tile[inside == 0] = PAD_GREY
        return np.ascontiguousarray(tile)
