"""A surface while it is being painted: rounded shapes in millimetres laid over one another."""

from dataclasses import dataclass

import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.texture import Colour

_BLOCK_ROWS = 32
_BLOCK_PX = 16_384
Window = tuple[slice, slice]


@dataclass(frozen=True)
class Finish:
    """How a material answers light: linear diffuse colour 0..1, mirror reflectance 0..1, roughness 0..1."""

    colour: Colour
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
        # (H, W, 3) over three whole planes: mixing one colour after the other is then as fast as it gets
        self.diffuse = np.zeros((3, height, width), np.float32).transpose(1, 2, 0)
        self.gloss = np.zeros((height, width), np.float32)
        self.roughness = np.ones((height, width), np.float32)
        self.emission = np.zeros((height, width, 3), np.float32)
        self.height = np.zeros((height, width), np.float32)
        self.body = np.ones((height, width), np.float32)
        self.display = np.zeros((height, width), np.bool_)
        self.camera = np.zeros((height, width), np.bool_)
        self.glass = np.zeros((height, width), np.bool_)

    def distance(self, shape: Shape, margin_mm: float = 0.5) -> tuple[Window, FloatMap]:
        """The window that holds `shape` and the signed distance in mm to its outline there (negative inside)."""
        scale, (height, width) = self.px_per_mm, self.gloss.shape
        half_w, half_h = shape.width / 2 + margin_mm, shape.height / 2 + margin_mm
        top, left = int((shape.y - half_h) * scale), int((shape.x - half_w) * scale)
        bottom, right = int((shape.y + half_h) * scale) + 1, int((shape.x + half_w) * scale) + 1
        rows = slice(min(max(0, top), height), min(max(0, bottom), height))
        columns = slice(min(max(0, left), width), min(max(0, right), width))
        return (rows, columns), self._distance(shape, rows, columns)

    def border(self, shape: Shape, reach_mm: float) -> list[tuple[Window, FloatMap]]:
        """Four windows, with distances as in distance(), that hold all of the sheet but what lies deep in `shape`.

        Each pixel is in one window; pixels further inside than `reach_mm` may be in none.
        """
        deep = reach_mm + max(0.0, 0.3 * (shape.radius - reach_mm)) + 1 / self.px_per_mm
        height, width = self.gloss.shape
        top = min(max(0, int((shape.y - shape.height / 2 + deep) * self.px_per_mm) + 1), height)
        bottom = max(min(height, int((shape.y + shape.height / 2 - deep) * self.px_per_mm)), top)
        left = min(max(0, int((shape.x - shape.width / 2 + deep) * self.px_per_mm) + 1), width)
        right = max(min(width, int((shape.x + shape.width / 2 - deep) * self.px_per_mm)), left)
        sides = [
            (slice(0, top), slice(0, width)),
            (slice(bottom, height), slice(0, width)),
            (slice(top, bottom), slice(0, left)),
            (slice(top, bottom), slice(right, width)),
        ]
        return [(window, self._distance(shape, *window)) for window in sides]

    def _distance(self, shape: Shape, rows: slice, columns: slice) -> FloatMap:
        ys = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) / self.px_per_mm - shape.y
        xs = (np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) / self.px_per_mm - shape.x
        radius = min(shape.radius, shape.width / 2, shape.height / 2)
        over_x = np.abs(xs) - (shape.width / 2 - radius)
        over_y = np.abs(ys) - (shape.height / 2 - radius)
        distance = np.maximum(over_x[None, :], over_y[:, None]) - radius
        corner_y, corner_x = np.flatnonzero(over_y > 0), np.flatnonzero(over_x > 0)
        if radius > 0 and corner_y.size and corner_x.size:
            power = shape.exponent
            norm = (over_x[corner_x] ** power)[None, :] + (over_y[corner_y] ** power)[:, None]
            distance[np.ix_(corner_y, corner_x)] = norm ** (1 / power) - radius
        return distance.astype(np.float32, copy=False)

    def cover(self, shape: Shape, inset_mm: float = 0.0) -> tuple[Window, FloatMap]:
        """The window of `shape` and its anti-aliased coverage 0..1 there, shrunk by `inset_mm`."""
        window, distance = self.distance(shape)
        return window, np.clip(0.5 - (distance + inset_mm) * self.px_per_mm, 0, 1)

    def fill(self, finish: Finish) -> None:
        """Make the whole sheet of `finish`."""
        for channel, value in enumerate(finish.colour):
            self.diffuse[..., channel] = value
        self.gloss[:] = finish.gloss
        self.roughness[:] = finish.roughness

    def blend(self, window: Window, cover: FloatMap, finish: Finish) -> None:
        """Lay `finish` over the pixels of `window` by `cover` 0..1."""
        planes = [self.diffuse[window][..., channel] for channel in range(3)]
        planes += [self.gloss[window], self.roughness[window]]
        values = np.array([*finish.colour, finish.gloss, finish.roughness], np.float32)
        # Blocks of rows stay in the cache, and what is covered whole needs no mixing: three times as fast.
        rows = max(_BLOCK_ROWS, _BLOCK_PX // max(cover.shape[1], 1))
        for top in range(0, cover.shape[0], rows):
            block = slice(top, top + rows)
            weight = cover[block]
            first, start, stop, last = _spans(weight)
            for plane, value in zip(planes, values, strict=True):
                plane[block, start:stop] = value
                for side in (slice(first, start), slice(stop, last)):
                    if side.start < side.stop:
                        part = plane[block, side]
                        part += weight[:, side] * (value - part)

    def paint(self, shape: Shape, finish: Finish, inset_mm: float = 0.0, opacity: float = 1.0) -> None:
        """Lay `finish` over `shape`."""
        window, cover = self.cover(shape, inset_mm)
        self.blend(window, cover * np.float32(opacity), finish)

    def lift(self, shape: Shape, height_mm: float, slope_mm: float) -> None:
        """Raise (or sink) `shape` by `height_mm` over a rounded shoulder `slope_mm` wide, inside its outline."""
        window, distance = self.distance(shape)
        ramp = np.clip(-distance / max(slope_mm, 1e-3), 0, 1)
        self.height[window] += np.float32(height_mm) * ramp * (2 - ramp)

    def level(self, shape: Shape) -> None:
        """Make `shape` flat, whatever relief lies under it."""
        window, cover = self.cover(shape)
        self.height[window] *= 1 - cover

    def darken(self, window: Window, cover: FloatMap) -> None:
        """Switch off a lit screen under `cover`, as a camera cut-out does."""
        self.emission[window] *= (1 - cover)[..., None]

    def stamp(self, mask: FloatMap, x_mm: float, y_mm: float, finish: Finish, opacity: float) -> None:
        """Print the coverage `mask` (H, W), given in surface pixels, centred on x_mm, y_mm; parts outside are cut."""
        top = round(y_mm * self.px_per_mm - mask.shape[0] / 2)
        left = round(x_mm * self.px_per_mm - mask.shape[1] / 2)
        rows = slice(max(0, top), min(self.gloss.shape[0], top + mask.shape[0]))
        columns = slice(max(0, left), min(self.gloss.shape[1], left + mask.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        piece = mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        self.blend((rows, columns), piece * np.float32(opacity), finish)


def _spans(weight: FloatMap) -> tuple[int, int, int, int]:
    """Columns of `weight` where anything is covered, and within them the widest run that is covered whole."""
    if weight.size < _BLOCK_PX // 4:
        return 0, 0, 0, weight.shape[1]
    touched = np.flatnonzero(weight.max(axis=0) > 0)
    if not touched.size:
        return 0, 0, 0, 0
    first, last = int(touched[0]), int(touched[-1]) + 1
    mixed = np.flatnonzero(weight[:, first:last].min(axis=0) < 1) + first
    ends = np.concatenate([[first - 1], mixed, [last]])
    widest = int(np.diff(ends).argmax())
    return first, int(ends[widest]) + 1, int(ends[widest + 1]), last
