"""Pictures with one fault each, made from `samples/`: what films and the table of gates are made of."""

import zlib
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.core.vocabulary import Surface

SAMPLES = Path(__file__).parents[2] / "samples"
FAULTS = ("good", "dark", "blur", "far", "cut", "glare", "tilted", "none", "turned")
LONG_PX = 1280


@cache
def sample(surface: Surface) -> RGB:
    """Return a sample (H, W, 3), upright, `LONG_PX` at its long side."""
    read = cv2.imread(str(SAMPLES / f"{surface}.jpg"))
    assert read is not None
    rgb = np.ascontiguousarray(read[:, :, ::-1])
    if rgb.shape[1] > rgb.shape[0]:
        rgb = np.ascontiguousarray(np.rot90(rgb))
    scale = LONG_PX / rgb.shape[0]
    return np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def picture(surface: Surface, fault: str, tremble_px: tuple[float, float] = (0.0, 0.0)) -> RGB:
    """Return a photo (H, W, 3) of a surface with that fault, moved a little as a hand does."""
    rgb = sample(surface)
    match fault:
        case "dark":
            rgb = np.asarray(rgb * 0.25, np.uint8)
        case "blur":
            rgb = np.asarray(cv2.GaussianBlur(rgb, None, 7.0), np.uint8)
        case "far":
            rgb = _placed(rgb, np.array([[0.36, 0, 0.32], [0, 0.36, 0.32]]))
        case "cut":
            rgb = _placed(rgb, np.array([[1.0, 0, 0.0], [0, 1.0, 0.45]]))
        case "glare":
            rgb = _with_lamp(rgb)
        case "tilted":
            rgb = _tilted(rgb)
        case "none":
            rgb = table(rgb.shape[1], rgb.shape[0])
        case "turned":
            rgb = np.ascontiguousarray(rgb[::-1, ::-1])
    if tremble_px == (0.0, 0.0):
        return rgb
    move = np.array([[1, 0, tremble_px[0]], [0, 1, tremble_px[1]]], np.float64)
    return np.asarray(cv2.warpAffine(rgb, move, rgb.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8)


def jpeg_of(rgb: RGB, quality: int = 92) -> bytes:
    """Return a picture as a JPEG file."""
    done, data = cv2.imencode(".jpg", rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def table(width: int, height: int) -> RGB:
    """Return an empty table of wood-like stripes (height, width, 3)."""
    rng = np.random.default_rng(zlib.crc32(b"table"))
    stripes = cv2.resize(rng.normal(0, 14, (1, 24)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.normal(0, 9, (height, width)).astype(np.float32), None, 1.2)
    level = np.clip(150 + stripes + grain, 0, 255)
    return np.clip(level[..., None] * np.array([1.0, 0.86, 0.7]), 0, 255).astype(np.uint8)


def _background(rgb: RGB) -> RGB:
    """Return the photo's ground without the device: its rim's colour with some grain."""
    rim = np.concatenate([rgb[:12].reshape(-1, 3), rgb[-12:].reshape(-1, 3)])
    rng = np.random.default_rng(zlib.crc32(b"ground"))
    grain = cv2.GaussianBlur(rng.normal(0, 12, (*rgb.shape[:2], 1)).astype(np.float32), None, 1.5)[..., None]
    return np.clip(np.median(rim, axis=0) + grain, 0, 255).astype(np.uint8)


def _placed(rgb: RGB, affine: np.ndarray) -> RGB:  # type: ignore[type-arg]
    """Return the photo scaled and moved (shares of its size) over its own ground, its rim blended in."""
    height, width = rgb.shape[:2]
    move = affine.astype(np.float64) * np.array([[1, 1, width], [1, 1, height]])
    mask = np.zeros((height, width), np.float32)
    mask[24:-24, 24:-24] = 1.0
    mask = cv2.GaussianBlur(mask, None, 10.0)
    moved = cv2.warpAffine(rgb, move, (width, height), flags=cv2.INTER_AREA)
    weight = cv2.warpAffine(mask, move, (width, height))[..., None]
    return np.clip(moved * weight + _background(rgb) * (1 - weight), 0, 255).astype(np.uint8)


def _with_lamp(rgb: RGB) -> RGB:
    """Return the photo with a lamp's reflection on the middle of the device."""
    height, width = rgb.shape[:2]
    lamp = np.zeros((height, width), np.float32)
    cv2.ellipse(lamp, (width // 2, height // 2), (width // 4, height // 5), 20, 0, 360, 1.0, -1)
    lamp = cv2.GaussianBlur(lamp, None, 12.0)[..., None]
    return np.clip(rgb * (1 - lamp) + 255.0 * 1.04 * lamp, 0, 255).astype(np.uint8)


def _tilted(rgb: RGB) -> RGB:
    """Return the photo as a camera sees it that leans far over the upper end."""
    height, width = rgb.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    leaned = np.array([[0.31, 0.14], [0.69, 0.14], [0.99, 0.9], [0.01, 0.9]], np.float32) * np.array([width, height])
    turn = cv2.getPerspectiveTransform(corners, leaned.astype(np.float32))
    warped = cv2.warpPerspective(rgb, turn, (width, height), flags=cv2.INTER_AREA)
    mask = np.full((height, width), 1.0, np.float32)
    weight = cv2.GaussianBlur(cv2.warpPerspective(mask, turn, (width, height)), None, 6.0)[..., None]
    return np.clip(warped * weight + _background(rgb) * (1 - weight), 0, 255).astype(np.uint8)
