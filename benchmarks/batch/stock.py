"""A warehouse of jittered copies of the sample phone: as many different photos as a benchmark needs."""

import shutil
from pathlib import Path

import cv2
import numpy as np

from phonegrade.core.vocabulary import Surface

SAMPLES = Path(__file__).parents[2] / "samples"
SEED = 20260101


def write_jittered(folder: Path, devices: int) -> Path:
    """Write so many device folders; every photo is shifted, dimmed and compressed in its own way."""
    pictures = {surface: cv2.imread(str(SAMPLES / f"{surface}.jpg")) for surface in Surface}
    for number in range(devices):
        device = folder / f"d{number:05}"
        device.mkdir(parents=True)
        shutil.copy(SAMPLES / "functional.json", device)
        rng = np.random.default_rng((SEED, number))
        for surface, picture in pictures.items():
            shift = np.float32([[1, 0, rng.integers(-6, 7)], [0, 1, rng.integers(-6, 7)]])
            height, width = picture.shape[:2]
            moved = cv2.warpAffine(picture, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
            dimmed = cv2.convertScaleAbs(moved, alpha=float(rng.uniform(0.9, 1.05)))
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(86, 96))]
            cv2.imwrite(str(device / f"{surface}.jpg"), dimmed, quality)
    return folder


def poison(folder: Path) -> Path:
    """Put a photo that crashes and one that hangs its process into a stock of jittered phones."""
    (folder / "d00000" / "bottom.jpg").write_bytes(b"crash")
    (folder / "d00001" / "top.jpg").write_bytes(b"hang")
    return folder
