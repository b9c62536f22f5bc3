"""Runs the locator: which view a photo shows, and where body, display and camera lie."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, FloatMap, Floats, Matrix, Quad
from phonegrade.core.geometry import CENTRE, box, homography, transform
from phonegrade.core.vocabulary import View
from phonegrade.inference.card import LocatorCard
from phonegrade.inference.photo.downscale import downscaled
from phonegrade.inference.session import OnnxModel

LETTERBOX_GREY = 114
CLOSE_MARGIN = 0.1
"""What a crop shows round a coarse outline, as a share of its long side: it may be off by as much."""
SLICES, ACROSS_SLICE = 16, 4
"""Into how many slices an outline is cut along its long side, and the samples across each."""
SAMPLED = 2
"""A crop averages so many samples of the picture each way, lest it alias."""


@dataclass(frozen=True)
class Location:
    """The locator's answer. Maps cover the letterboxed square; `map_from_photo` leads into them."""

    view: View
    view_confidence: float
    views: dict[View, float]
    regions: dict[str, FloatMap]
    """Probability (S/stride, S/stride) of each region."""
    map_from_photo: Matrix
    """Affine (3, 3) from photo pixels to map pixels, pixel centres at whole numbers."""
    inside: tuple[slice, slice]
    """The rows and columns of the maps that show the photo and not the letterbox."""

    def body_along(self, quad: Quad) -> Floats:
        """Return the body's mean probability (SLICES,) in slices of `quad` (4, 2, photo pixels) along side one."""
        u, v = ((np.arange(SLICES) + 0.5) / SLICES, (np.arange(ACROSS_SLICE) + 0.5) / ACROSS_SLICE)
        unit = np.stack(np.meshgrid(u, v), axis=-1)
        at = transform(self.map_from_photo @ homography(box(1.0, 1.0), quad), unit).astype(np.float32)
        body = cv2.remap(self.regions["body"], at[..., 0], at[..., 1], cv2.INTER_LINEAR)
        return np.asarray(body.mean(axis=0), np.float64)

    def likeliest_view(self) -> View:
        """Return the likeliest view other than "none"."""
        return max((v for v in self.views if v is not View.NONE), key=self.views.__getitem__)


def locate(rgb: RGB, model: OnnxModel[LocatorCard]) -> Location:
    """Run the locator over an RGB photo (H, W, 3) uint8."""
    card = model.card
    square, offset, scale = letterbox(rgb, card.input_px)
    regions, view = model.session.run(["regions", "view"], {"image": square[None]})
    probabilities = {View(name): float(p) for name, p in zip(card.views, view[0], strict=True)}
    best = max(probabilities, key=probabilities.__getitem__)
    stride = card.output_stride
    linear = np.array([[scale[0], 0, offset[0]], [0, scale[1], offset[1]], [0, 0, 1.0]])
    to_map = _to_map(np.linalg.inv(CENTRE) @ linear @ CENTRE, stride)
    size_wh = (round(rgb.shape[1] * scale[0]), round(rgb.shape[0] * scale[1]))
    inside = (_shown(offset[1], size_wh[1], stride), _shown(offset[0], size_wh[0], stride))
    maps = {name: regions[0, i] for i, name in enumerate(card.regions)}
    return Location(best, probabilities[best], probabilities, maps, to_map, inside)


def locate_on_crop(rgb: RGB, quad: Quad, first: Location, model: OnnxModel[LocatorCard]) -> Location:
    """Run the locator once more, over what lies about a coarse outline (4, 2); the view stays that of `first`."""
    card = model.card
    square_from_photo = window(quad, card.input_px)
    finer = np.linalg.inv(CENTRE) @ np.diag([SAMPLED, SAMPLED, 1.0]) @ CENTRE @ square_from_photo
    grey, size = (LETTERBOX_GREY,) * 3, (SAMPLED * card.input_px, SAMPLED * card.input_px)
    warped = cv2.warpAffine(rgb, finer[:2], size, flags=cv2.INTER_LINEAR, borderValue=grey)
    square = np.asarray(cv2.resize(warped, (card.input_px,) * 2, interpolation=cv2.INTER_AREA), np.uint8)
    regions = model.session.run(["regions"], {"image": square[None]})[0][0]
    maps = dict(zip(card.regions, regions, strict=True))
    inside = (slice(0, regions.shape[1]), slice(0, regions.shape[2]))
    return replace(first, regions=maps, map_from_photo=_to_map(square_from_photo, card.output_stride), inside=inside)


def window(quad: Quad, side_px: int) -> Floats:
    """Return the affine (3, 3) from photo pixels to a square of `side_px` that shows `quad` (4, 2) as large as it can.

    The long side of the quad stands upright, and `CLOSE_MARGIN` of it is left at both ends.
    """
    along = quad[2] + quad[3] - quad[0] - quad[1]
    across = quad[1] + quad[2] - quad[0] - quad[3]
    if across @ across > along @ along:
        along = across
    along = along / max(float(np.linalg.norm(along)), 1e-9)
    axes = np.array([[along[1], -along[0]], along])
    placed = quad @ axes.T
    low, high = placed.min(axis=0), placed.max(axis=0)
    scale = side_px / (max((high - low).max(), 1e-9) * (1 + 2 * CLOSE_MARGIN))
    shift = (side_px - 1) / 2 - scale * (low + high) / 2
    return np.vstack([np.column_stack([scale * axes, shift]), [0.0, 0.0, 1.0]])


def _to_map(square_from_photo: Matrix, stride: int) -> Floats:
    """Return the affine (3, 3) from photo pixels to those of a map `stride` times coarser than the square."""
    shrunk = np.diag([1 / stride, 1 / stride, 1.0])
    return np.asarray(np.linalg.inv(CENTRE) @ shrunk @ CENTRE @ square_from_photo, np.float64)


def _shown(offset: int, size: int, stride: int) -> slice:
    """Return the map's cells that lie wholly in the photo; at least one, however thin the photo is."""
    first = -(-offset // stride)
    return slice(first, max(first + 1, (offset + size) // stride))


def letterbox(rgb: RGB, side_px: int) -> tuple[RGB, tuple[int, int], tuple[float, float]]:
    """Return the photo centred in a grey square: (side, side, 3), its (x, y) offset, and its (x, y) scale."""
    near, factor = downscaled(rgb, side_px)
    height, width = near.shape[:2]
    scale = side_px / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(near, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    x, y = (side_px - size[0]) // 2, (side_px - size[1]) // 2
    square = np.full((side_px, side_px, 3), LETTERBOX_GREY, np.uint8)
    square[y : y + size[1], x : x + size[0]] = small
    return square, (x, y), (size[0] / (width * factor), size[1] / (height * factor))
