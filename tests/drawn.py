"""Draws phone surfaces in millimetres and photographs them, in the colours that `tests/stub_models.py` understands."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB
from phonegrade.core.vocabulary import Surface, View
from phonegrade.tests.stub_models import BACKGROUND, BODY, CAMERA, DISPLAY, EDGE_BODY, PAINT

PHONE_MM = (71.5, 146.7, 7.8)
"""Width, height and depth of the drawn phone: an iPhone 13."""
CORNER_MM = 11.5
BEZEL_MM = 4.0
DRAW_PX_PER_MM = 16


@dataclass(frozen=True)
class Mark:
    """A blunt stroke through `points_mm` (x, y), `width_mm` wide, or, `filled`, the convex polygon that they span."""

    kind: str
    points_mm: tuple[tuple[float, float], ...]
    width_mm: float = 0.6
    filled: bool = False


def surface_mm(surface: Surface) -> tuple[float, float]:
    """(width, height) of the drawn phone's surface as the canvas shows it."""
    width, height, depth = PHONE_MM
    match surface:
        case Surface.FRONT | Surface.BACK:
            return width, height
        case Surface.LEFT | Surface.RIGHT:
            return height, depth
        case _:
            return width, depth


def draw_surface(surface: Surface, defects: tuple[Mark, ...] = ()) -> NDArray[np.uint8]:
    """RGBA (H, W, 4) of one surface, upright, at `DRAW_PX_PER_MM`; transparent outside its rounded outline."""
    scale = DRAW_PX_PER_MM
    w, h = (round(side * scale) for side in surface_mm(surface))
    view = surface.view
    picture = np.zeros((h, w, 3), np.uint8)
    picture[:] = EDGE_BODY if view is View.EDGE else BODY
    if view is View.FRONT:
        b = round(BEZEL_MM * scale)
        picture[b : h - b, b : w - b] = DISPLAY
    if view is View.BACK:
        picture[4 * scale : 34 * scale, 4 * scale : 36 * scale] = CAMERA
    for mark in defects:
        points = np.asarray(mark.points_mm, np.float64) * scale - 0.5
        for polygon in [points] if mark.filled else _bands(points, mark.width_mm * scale / 2):
            picture[convex_mask(polygon, (h, w))] = PAINT[mark.kind]
    alpha = np.zeros((h, w), np.uint8)
    r = round((2.0 if view is View.EDGE else CORNER_MM) * scale)
    cv2.rectangle(alpha, (r, 0), (w - 1 - r, h - 1), 255, -1)
    cv2.rectangle(alpha, (0, r), (w - 1, h - 1 - r), 255, -1)
    for x in (r, w - 1 - r):
        for y in (r, h - 1 - r):
            cv2.circle(alpha, (x, y), r, 255, -1)
    return np.dstack([picture, alpha])


def convex_mask(polygon: NDArray[np.float64], hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels whose centre lies in a convex polygon (N, 2); `cv2.fillPoly` would fill half a pixel more all round."""
    low = np.clip(np.floor(polygon.min(axis=0)).astype(int), 0, [hw[1], hw[0]])
    high = np.clip(np.ceil(polygon.max(axis=0)).astype(int) + 1, 0, [hw[1], hw[0]])
    x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    turn = np.stack(
        [(b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) for a, b in pairwise([*polygon, polygon[0]])]
    )
    mask = np.zeros(hw, np.bool_)
    mask[low[1] : high[1], low[0] : high[0]] = (turn >= 0).all(axis=0) | (turn < 0).all(axis=0)
    return mask


def _bands(points: NDArray[np.float64], half_px: float) -> list[NDArray[np.float64]]:
    """A stroke as polygons: one band a segment, a disc at each bend, blunt ends."""
    bands = []
    for a, b in pairwise(points):
        normal = np.array([a[1] - b[1], b[0] - a[0]]) / np.linalg.norm(b - a) * half_px
        bands.append(np.array([a + normal, b + normal, b - normal, a - normal]))
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * half_px
    return bands + [bend + circle for bend in points[1:-1]]


def quad_px(
    surface: Surface, photo_hw: tuple[int, int], fill: float = 0.8, turn_deg: float = 0.0, tilt: float = 0.0
) -> NDArray[np.float64]:
    """Corners (4, 2) of the surface in the photo, clockwise from its own top left, pixel centres at whole numbers.

    `fill` is the share of the photo that the surface spans, `turn_deg` turns it clockwise, `tilt` shrinks its far end.
    """
    w, h = surface_mm(surface)
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]], np.float64) / 2
    reduction = 1.0 - tilt * (corners[:, 1] < 0)
    corners[:, 0] *= reduction
    corners[:, 1] *= 1.0 - 0.3 * tilt
    a = np.deg2rad(turn_deg)
    turned = corners @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    extent = turned.max(axis=0) - turned.min(axis=0)
    scale = fill * min(photo_hw[1] / extent[0], photo_hw[0] / extent[1])
    centre = (turned.max(axis=0) + turned.min(axis=0)) / 2
    return np.asarray((turned - centre) * scale + np.array([photo_hw[1] - 1, photo_hw[0] - 1]) / 2)


def photo_from_mm(surface: Surface, quad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Homography (3, 3) from millimetres of the surface to photo pixels."""
    w, h = surface_mm(surface)
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(source, quad.astype(np.float32)), np.float64)


def photograph(
    surface: Surface,
    defects: tuple[Mark, ...] = (),
    *,
    photo_hw: tuple[int, int] = (1600, 1200),
    quad: NDArray[np.float64] | None = None,
) -> RGB:
    """RGB photo of one drawn surface; the default quad is upright and fills 80 % of the photo."""
    picture = draw_surface(surface, defects)
    corners = quad_px(surface, photo_hw) if quad is None else quad
    over = 3
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    mm_from_picture = np.diag([1 / DRAW_PX_PER_MM, 1 / DRAW_PX_PER_MM, 1.0]) @ half
    big = np.linalg.inv(half) @ np.diag([over, over, 1.0]) @ half @ photo_from_mm(surface, corners) @ mm_from_picture
    size = (photo_hw[1] * over, photo_hw[0] * over)
    warped = cv2.resize(cv2.warpPerspective(picture, big, size), photo_hw[::-1], interpolation=cv2.INTER_AREA)
    alpha = warped[..., 3:].astype(np.float32) / 255
    colour = cv2.resize(
        cv2.warpPerspective(picture[..., :3], big, size, borderMode=cv2.BORDER_REPLICATE),
        photo_hw[::-1],
        interpolation=cv2.INTER_AREA,
    )
    return np.round(colour * alpha + np.asarray(BACKGROUND) * (1 - alpha)).astype(np.uint8)


def jpeg(rgb: RGB, quality: int = 95) -> bytes:
    """JPEG without chroma subsampling, so that thin paint keeps its colour."""
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), quality, "RGB", "444"))


def png(rgb: RGB) -> bytes:
    """Lossless PNG."""
    return bytes(cv2.imencode(".png", rgb[..., ::-1])[1])
