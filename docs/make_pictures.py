"""Make the pictures of README and photos.md: the sample with its grade, and the sample photographed badly.

    phonegrade render --out runs/edge --device "Apple iPhone 13" --preset app --seed 5 --shots 8 --at-most-px 1200
    python docs/make_pictures.py --edge runs/edge/right-01.jpg

(with the fast one of the two routes of `phonegrade render --help`). Without --edge the committed picture of the edge
stays. Every picture is rendered or a degraded rendering: no real phone is shown.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

import phonegrade
from phonegrade.core.arrays import RGB
from phonegrade.inference.overlay import draw_overlay
from phonegrade.inference.photo.decode import decode

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
SHOWN = ("front", "back", "left")
LONG_SIDE_PX = 1000
HEIGHT_PX = 760
STRIP_PX = 34
MARGIN_PX, LEAST_WIDTH_PX = 45, 520
"""Around an outline: an edge is narrow, and the labels beside it need room."""
MAX_BYTES = 200_000


def dark(rgb: RGB) -> RGB:
    """A room without light."""
    return (rgb * 0.13).astype(np.uint8)


def glare(rgb: RGB) -> RGB:
    """A lamp that is mirrored in the surface."""
    height, width = rgb.shape[:2]
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((x / width - 0.56) / 0.17, (y / height - 0.40) / 0.16)
    light = 255.0 * np.clip((1.3 - distance) / 0.3, 0.0, 1.0)
    return np.clip(rgb + light[..., None], 0, 255).astype(np.uint8)


def blurred(rgb: RGB) -> RGB:
    """A hand that moved, or a lens that focused elsewhere."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), 14.0), np.uint8)


def cut_off(rgb: RGB) -> RGB:
    """Too near: the lower end is outside the picture."""
    return np.ascontiguousarray(rgb[: round(0.72 * len(rgb))])


DEGRADED: dict[str, tuple[str, Callable[[RGB], RGB]]] = {
    "dark": ("back", dark),
    "glare": ("front", glare),
    "blurred": ("front", blurred),
    "cut_off": ("back", cut_off),
}
"""Which of the sample's photos becomes which bad one, and how."""


def main() -> None:
    """Write every picture into docs/pictures/."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edge", type=Path, help="a rendered edge that is held at an angle")
    edge = parser.parse_args().edge
    for name, photo in (("good_front", "front"), ("good_back", "back"), ("good_edge", "left")):
        _write(name, _resized(_read(photo), LONG_SIDE_PX))
    for name, (photo, degrade) in DEGRADED.items():
        _write(name, degrade(_resized(_read(photo), LONG_SIDE_PX)))
    if edge is not None:
        _write("edge_not_square", _resized(decode(edge.read_bytes()).rgb, LONG_SIDE_PX))
    _write("sample", sample_with_grades())


def sample_with_grades() -> RGB:
    """Three of the sample's photos with outlines and defects, and the grade of each and of the phone below."""
    photos = {name: ROOT / "samples" / f"{name}.jpg" for name in phonegrade.Surface}
    assessment = phonegrade.assess(photos, ROOT / "samples" / "functional.json", "Apple iPhone 13")
    cells = []
    for name in SHOWN:
        surface = phonegrade.Surface(name)
        overlay = draw_overlay(_read(name), assessment.inspections[surface])
        cell = _cropped(overlay, assessment.inspections[surface], _read(name).shape[0])
        grade = next(one.grade for one in assessment.decision.cosmetic.surfaces if one.surface is surface)
        cells.append(np.vstack([cell, _text_strip(f"{name}: {grade}", cell.shape[1])]))
    row = np.hstack(cells)
    return np.vstack(
        [row, _text_strip(f"{assessment.device.name}, rendered: {assessment.decision.grade}", row.shape[1])]
    )


def _cropped(overlay: RGB, inspection: "phonegrade.Inspection", photo_height_px: int) -> RGB:
    """The overlay around the body's outline, `HEIGHT_PX` high."""
    if inspection.outline is None:
        return overlay
    corners = np.asarray(inspection.outline) * overlay.shape[0] / photo_height_px
    left, top = np.maximum(corners.min(0) - MARGIN_PX, 0).astype(int)
    right, bottom = (corners.max(0) + MARGIN_PX).astype(int)
    right = max(right, left + LEAST_WIDTH_PX)
    return _resized(overlay[top:bottom, left:right], HEIGHT_PX)


def _text_strip(text: str, width_px: int) -> RGB:
    strip = np.full((STRIP_PX, width_px, 3), 255, np.uint8)
    cv2.putText(strip, text, (8, STRIP_PX - 11), cv2.FONT_HERSHEY_SIMPLEX, 0.62, (20, 20, 20), 1, cv2.LINE_AA)
    return strip


def _read(name: str) -> RGB:
    return decode((ROOT / "samples" / f"{name}.jpg").read_bytes()).rgb


def _resized(rgb: RGB, long_side_px: int) -> RGB:
    factor = long_side_px / max(rgb.shape[:2])
    size = (round(rgb.shape[1] * factor), round(rgb.shape[0] * factor))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _write(name: str, rgb: RGB) -> None:
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), 82, "RGB")
    if len(data) > MAX_BYTES:
        raise SystemExit(f"{name}.jpg has {len(data)} bytes, more than {MAX_BYTES}")
    (PICTURES / f"{name}.jpg").write_bytes(data)


if __name__ == "__main__":
    main()
