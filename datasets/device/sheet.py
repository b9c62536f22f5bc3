"""A surface while it is being painted: rounded shapes in millimetres laid over one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.scene.texture import RGB

_BLOCK_ROWS = 32


@dataclass(frozen=True)
class Finish:
    """How a material answers light: linear diffuse colour 0..1, mirror reflectance 0..1, roughness 0..1."""

    colour: RGB
    gloss: float
    roughness: float


@dataclass(frozen=True)
class Shape:
    """A rounded rectangle in mm: centre, size, corner radius and the superellipse exponent of its corners."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    exponent: float = 2.0


def circle(x: float, y: float, radius: float) -> Shape:
    """The round shape of a lens, a hole or a button, in mm."""
    return Shape(x, y, 2 * radius, 2 * radius, radius)


class Sheet:
    """Maps of one surface of size_mm = (width, height), row 0 at its top; paint() and lift() work in place."""

    def __init__(self, size_mm: tuple[float, float], px_per_mm: float) -> None:
        self.size_mm = size_mm
        self.px_per_mm = px_per_mm
        height, width = max(1, round(size_mm[1] * px_per_mm)), max(1, round(size_mm[0] * px_per_mm))
        self.diffuse = np.zeros((height, width, 3), np.float32)
        self.gloss = np.zeros((height, width), np.float32)
        self.roughness = np.ones((height, width), np.float32)
        self.emission = np.zeros((height, width, 3), np.float32)
        self.height = np.zeros((height, width), np.float32)
        self.body = np.ones((height, width), np.float32)
        self.display = np.zeros((height, width), np.bool_)
        self.camera = np.zeros((height, width), np.bool_)
        self.glass = np.zeros((height, width), np.bool_)

    def distance(self, shape: Shape, margin_mm: float = 0.5) -> tuple[tuple[slice, slice], NDArray[np.float32]]:
        """The window that holds `shape` and the signed distance in mm to its outline there (negative inside)."""
        scale = self.px_per_mm
        half_w, half_h = shape.width / 2 + margin_mm, shape.height / 2 + margin_mm
        rows = slice(
            min(max(0, int((shape.y - half_h) * scale)), self.gloss.shape[0]),
            max(0, int((shape.y + half_h) * scale) + 1),
        )
        columns = slice(
            min(max(0, int((shape.x - half_w) * scale)), self.gloss.shape[1]),
            max(0, int((shape.x + half_w) * scale) + 1),
        )
        ys = (np.arange(*rows.indices(self.gloss.shape[0]), dtype=np.float32) + 0.5) / scale - shape.y
        xs = (np.arange(*columns.indices(self.gloss.shape[1]), dtype=np.float32) + 0.5) / scale - shape.x
        radius = min(shape.radius, shape.width / 2, shape.height / 2)
        over_x = np.abs(xs) - (shape.width / 2 - radius)
        over_y = np.abs(ys) - (shape.height / 2 - radius)
        distance = np.maximum(over_x[None, :], over_y[:, None]) - radius
        corner_y, corner_x = np.flatnonzero(over_y > 0), np.flatnonzero(over_x > 0)
        if radius > 0 and corner_y.size and corner_x.size:
            power = shape.exponent
            norm = (over_x[corner_x] ** power)[None, :] + (over_y[corner_y] ** power)[:, None]
            distance[np.ix_(corner_y, corner_x)] = norm ** (1 / power) - radius
        return (rows, columns), distance.astype(np.float32, copy=False)

    def cover(self, shape: Shape, inset_mm: float = 0.0) -> tuple[tuple[slice, slice], NDArray[np.float32]]:
        """The window of `shape` and its anti-aliased coverage 0..1 there, shrunk by `inset_mm`."""
        window, distance = self.distance(shape)
        return window, np.clip(0.5 - (distance + inset_mm) * self.px_per_mm, 0, 1)

    def fill(self, finish: Finish) -> None:
        """Make the whole sheet of `finish`."""
        self.diffuse[:] = finish.colour
        self.gloss[:] = finish.gloss
        self.roughness[:] = finish.roughness

    def blend(self, window: tuple[slice, slice], cover: NDArray[np.float32], finish: Finish) -> None:
        """Lay `finish` over the pixels of `window` by `cover` 0..1."""
        planes = [self.diffuse[window][..., channel] for channel in range(3)]
        planes += [self.gloss[window], self.roughness[window]]
        values = np.array([*finish.colour, finish.gloss, finish.roughness], np.float32)
        # Blocks of rows stay in the cache: whole planes take twice as long.
        for top in range(0, cover.shape[0], _BLOCK_ROWS):
            block = slice(top, top + _BLOCK_ROWS)
            weight = cover[block]
            if weight.any():
                for plane, value in zip(planes, values, strict=True):
                    plane[block] += weight * (value - plane[block])

    def paint(self, shape: Shape, finish: Finish, inset_mm: float = 0.0, opacity: float = 1.0) -> None:
        """Lay `finish` over `shape`."""
        window, cover = self.cover(shape, inset_mm)
        self.blend(window, cover * np.float32(opacity), finish)

    def lift(self, shape: Shape, height_mm: float, slope_mm: float) -> None:
        """Raise (or sink) `shape` by `height_mm` over a rounded shoulder `slope_mm` wide, inside its outline."""
        window, distance = self.distance(shape)
        ramp = np.clip(-distance / max(slope_mm, 1e-3), 0, 1)
        self.height[window] += np.float32(height_mm) * ramp * (2 - ramp)

    def darken(self, window: tuple[slice, slice], cover: NDArray[np.float32]) -> None:
        """Switch off a lit screen under `cover`, as a camera cut-out does."""
        self.emission[window] *= (1 - cover)[..., None]

    def stamp(self, mask: NDArray[np.float32], x_mm: float, y_mm: float, finish: Finish, opacity: float) -> None:
        """Print the coverage `mask` (H, W), given in surface pixels, centred on x_mm, y_mm; parts outside are cut."""
        top = round(y_mm * self.px_per_mm - mask.shape[0] / 2)
        left = round(x_mm * self.px_per_mm - mask.shape[1] / 2)
        rows = slice(max(0, top), min(self.gloss.shape[0], top + mask.shape[0]))
        columns = slice(max(0, left), min(self.gloss.shape[1], left + mask.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        piece = mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        self.blend((rows, columns), piece * np.float32(opacity), finish)
