"""Training tiles of the segmenter: crops of rectified surfaces, as the pipeline will see them, with their labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT, mm_from_raster
from phonegrade.datasets.augment import Photographic
from phonegrade.datasets.manifest import PhotoRecord, Split, read_manifest
from phonegrade.datasets.placement import PAD_GREY, Tile, TileFormat, draw_placement, half_scale, similarity

LABELLED_SHARE = 0.65
"""Tiles centred on a labelled pixel where the surface has any; rare kinds are drawn as often as common ones."""


@dataclass(frozen=True)
class _Photo:
    """A decoded photo with its truth."""

    rgb: NDArray[np.uint8]
    label: NDArray[np.uint16]
    record: PhotoRecord


class SegmenterTiles:
    """Map-style set of tiles; one photo is one entry, its crop is drawn anew each epoch."""

    def __init__(self, root: Path, split: Split, form: TileFormat, seed: int, augment: bool) -> None:
        self.root, self.form, self.seed, self.augment = root, form, seed, augment
        self._photographic = Photographic()
        shown = (record for record in read_manifest(root, split) if record.label is not None)
        self.records = [record for record in shown if record.view in form.views]

    def __len__(self) -> int:
        return len(self.records)

    def sample(self, index: int, epoch: int) -> Tile:
        """Return one tile of photo number `index`; the same index and epoch give the same bytes."""
        rng = np.random.default_rng((self.seed, index, epoch if self.augment else 0))
        tile, bits = self._cut(self._photo(index), rng)
        if self.augment:
            tile = self._photographic(tile, int(rng.integers(2**31)))
        return tile, bits

    def tiles(self, index: int, count: int) -> Iterator[Tile]:
        """Yield `count` tiles of photo number `index`, decoded once; without augmentation, to be cached."""
        photo = self._photo(index)
        for number in range(count):
            yield self._cut(photo, np.random.default_rng((self.seed, index, number)))

    def _photo(self, index: int) -> _Photo:
        record = self.records[index]
        rgb = simplejpeg.decode_jpeg((self.root / record.photo).read_bytes())
        label = np.asarray(cv2.imread(str(self.root / str(record.label)), cv2.IMREAD_UNCHANGED), np.uint16)
        return _Photo(rgb, label, record)

    def _cut(self, photo: _Photo, rng: np.random.Generator) -> Tile:
        label = photo.label
        canvas_from_tile = self._placement(label, photo.record, rng)
        tile = self._picture(photo.rgb, photo.record, canvas_from_tile, label.shape, rng)
        mask = cv2.warpPerspective(
            label, canvas_from_tile, (self.form.crop_px,) * 2, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        )
        return tile, half_scale(np.asarray(mask, np.uint16))

    def _placement(
        self, label: NDArray[np.uint16], record: PhotoRecord, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Homography (3, 3) from tile pixels to canvas pixels."""
        h, w = label.shape
        centre = rng.uniform(0, 1, 2) * (w, h)
        classes = label & (IGNORE_BIT - 1)
        present = [bit for bit in CLASS_BIT.values() if (classes & bit).any()]
        if present and rng.random() < LABELLED_SHARE:
            ys, xs = np.nonzero(classes & present[int(rng.integers(len(present)))])
            at = int(rng.integers(len(ys)))
            centre = np.array([xs[at], ys[at]]) + rng.normal(0, self.form.step * self.form.crop_px / 6, 2)
        if not self.augment:
            return similarity(centre, self.form.crop_px, 0.0, self.form.step, flip=False)
        return draw_placement(centre, self.form, record.view, rng)

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
        size = (self.form.crop_px,) * 2
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
