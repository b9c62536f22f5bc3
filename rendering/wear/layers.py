"""What defects and dirt add to a surface, and the window of it that one annotation is painted in."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.datasets.annotations.raster import Spots, Trail, region_cover, trail

_PAD_MM = 0.6
_SMOOTH = 0.4
"""Pictures coarser than this share of the texels are sampled cubically, lest their cells show."""
_FINER = 0.45
"""Blur, in texels, before a finer picture is sampled."""


@dataclass(frozen=True)
class Layers:
    """What defects and dirt add to a clean surface; each (H, W) float32 texels."""

    cover: FloatMap
    """Share of the texel that is groove instead of smooth surface."""
    white: FloatMap
    """Diffuse white added: powdered glass, bare metal, dust."""
    dark: FloatMap
    """Share of the light swallowed: shadow lines, gaps."""
    slope_x: FloatMap
    slope_y: FloatMap
    """Slopes of the surface, mean over the texel."""
    rough: FloatMap
    """Microfacet roughness added by haze and grease."""

    @classmethod
    def empty(cls, shape_hw: tuple[int, int]) -> "Layers":
        """Return the layers of a clean surface."""
        return cls(*(np.zeros(shape_hw, np.float32) for _ in range(6)))

    def window(self, rows: slice, cols: slice) -> "Layers":
        """Views of one part, for painting in place."""
        parts = (self.cover, self.white, self.dark, self.slope_x, self.slope_y, self.rough)
        return Layers(*(part[rows, cols] for part in parts))


@dataclass(frozen=True)
class Patch:
    """The texels (h, w) that one annotation may change, with what is needed to paint them from millimetres.

    Everything random is drawn on grids of millimetres, so that a defect looks alike at every scale.
    """

    layers: Layers
    origin_mm: NDArray[np.float64]
    """Surface point of the window's first corner."""
    px_per_mm: float
    low_mm: NDArray[np.float64]
    high_mm: NDArray[np.float64]
    """Corners of the annotation's own box, the same at every scale."""
    surface_mm: NDArray[np.float64]
    """(width, height) of the whole surface."""

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w) texels."""
        h, w = self.layers.cover.shape
        return h, w

    def lines(self, annotation: Annotation) -> tuple[Trail, Spots]:
        """The annotation's strokes as points, and where these lie on the texels."""
        ink = trail(
            [stroke.points for stroke in annotation.strokes], [s.width_mm for s in annotation.strokes], self.px_per_mm
        )
        return ink, self.spots(ink.at_mm)

    def spots(self, at_mm: NDArray[np.float64]) -> Spots:
        """Points (N, 2) mm of the surface on the texels."""
        return Spots((at_mm - self.origin_mm) * self.px_per_mm, self.shape)

    def fill(self, *regions: NDArray[np.float64], soft_mm: float = 0.0) -> FloatMap:
        """Share of each texel (h, w) inside the regions, faded over `soft_mm`."""
        cover = np.zeros(self.shape, np.float32)
        for region in regions:
            np.maximum(cover, region_cover(region - self.origin_mm, self.shape, self.px_per_mm), out=cover)
        return blurred(cover, soft_mm * self.px_per_mm)

    def around(self, region: NDArray[np.float64], pad_mm: float) -> "Patch | None":
        """The part round one region of several, and `pad_mm` more; None where it lies off this patch."""
        low, high = region.min(axis=0) - pad_mm, region.max(axis=0) + pad_mm
        limit = np.array(self.shape[::-1])
        first = np.clip(np.floor((low - self.origin_mm) * self.px_per_mm).astype(int), 0, limit)
        last = np.clip(np.ceil((high - self.origin_mm) * self.px_per_mm).astype(int), 0, limit)
        if (last - first < 2).any():
            return None
        view = self.layers.window(slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0])))
        origin_mm = self.origin_mm + first / self.px_per_mm
        return Patch(view, origin_mm, self.px_per_mm, low, high, self.surface_mm)

    def noise(self, cell_mm: float, rng: np.random.Generator, stretch: float = 1.0, turn_rad: float = 0.0) -> FloatMap:
        """Smooth noise (h, w) of about unit deviation; cells are `stretch` times longer along `turn_rad`."""
        reach = float(np.hypot(*(self.high_mm - self.low_mm))) / 2 + _PAD_MM
        cells = np.array([cell_mm * stretch, cell_mm])
        counts = np.ceil(2 * reach / cells).astype(int) + 3
        lattice = rng.standard_normal((counts[1], counts[0]), dtype=np.float32)
        c, s = np.cos(turn_rad), np.sin(turn_rad)
        turn = np.array([[c, s], [-s, c]]) / cells[:, None]
        centre = (self.low_mm + self.high_mm) / 2
        return self._sampled(lattice, turn, (counts - 1) / 2 - turn @ centre, cell_mm, cv2.BORDER_REPLICATE)

    def place(self, picture: FloatMap, low_mm: NDArray[np.float64], picture_px_per_mm: float) -> FloatMap:
        """`picture`, which starts at `low_mm`, on the texels (h, w); 0 beyond it."""
        turn = np.eye(2) * picture_px_per_mm
        shift = -low_mm * picture_px_per_mm - 0.5
        return self._sampled(picture, turn, shift, 1 / picture_px_per_mm, cv2.BORDER_CONSTANT)

    def _sampled(
        self, picture: FloatMap, turn: NDArray[np.float64], shift: NDArray[np.float64], cell_mm: float, border: int
    ) -> FloatMap:
        """`picture` at turn @ mm + shift for each texel's mm."""
        finer = 1 / (cell_mm * self.px_per_mm)
        picture = blurred(picture, _FINER * finer) if finer > 1.2 else picture
        first = turn @ (self.origin_mm + 0.5 / self.px_per_mm) + shift
        warp = np.column_stack([turn / self.px_per_mm, first])
        flags = (cv2.INTER_CUBIC if finer < _SMOOTH else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
        size = self.shape[::-1]
        return np.asarray(cv2.warpAffine(picture, warp, size, flags=flags, borderMode=border), np.float32)


def patch_of(layers: Layers, annotation: Annotation, px_per_mm: float, pad_mm: float) -> Patch | None:
    """Return the window round `annotation` and `pad_mm` more of `layers`; None where it lies off the surface."""
    points = np.concatenate([*annotation.regions, *(stroke.points for stroke in annotation.strokes)])
    surface_mm = np.array(layers.cover.shape[::-1]) / px_per_mm
    whole = Patch(layers, np.zeros(2), px_per_mm, np.zeros(2), surface_mm, surface_mm)
    return whole.around(points, pad_mm + _PAD_MM)


def outline_grid(
    region: NDArray[np.float64], pad_mm: float, across_px: float, finest: float
) -> tuple[NDArray[np.float64], float, FloatMap]:
    """A grid of its own about `region`: the point where it starts, its px per mm, and the region's cover on it.

    The region spans about `across_px`, at no more than `finest` px per mm and no less than 6.
    """
    fine = float(np.clip(across_px / np.ptp(region, axis=0).max(), 6, finest))
    low, high = region.min(axis=0) - pad_mm, region.max(axis=0) + pad_mm
    hw = np.ceil((high - low)[::-1] * fine).astype(int)
    return low, fine, region_cover(region - low, (int(hw[0]), int(hw[1])), fine)


def span_mm(region: NDArray[np.float64]) -> float:
    """The longer side of the region's upright box."""
    return float(np.ptp(region, axis=0).max())


def blurred(picture: FloatMap, sigma_px: float) -> FloatMap:
    """Gaussian blur; none below a tenth of a pixel."""
    return picture if sigma_px < 0.1 else np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.float32)


def raise_to(layer: FloatMap, at: tuple[NDArray[np.intp], NDArray[np.intp]], values: NDArray[np.floating[Any]]) -> None:
    """`layer` becomes at least `values` (U) at the rows and columns `at`, none of them twice."""
    layer[at] = np.maximum(layer[at], values)
