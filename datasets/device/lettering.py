"""Made-up words and their printed shapes: labels that belong to no brand."""

import cv2
import numpy as np
from numpy.typing import NDArray

_ONSETS = ("b", "v", "k", "l", "m", "n", "r", "s", "t", "z", "d", "gr", "pl", "tr", "x", "qu", "f", "h")
_VOWELS = ("a", "e", "i", "o", "u", "ae", "io", "y")
_CODAS = ("", "", "n", "r", "l", "s", "m", "t")
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
)


def made_up_word(rng: np.random.Generator) -> str:
    """A pronounceable word of two or three syllables."""
    count = int(rng.integers(2, 4))
    parts = (
        _ONSETS[rng.integers(len(_ONSETS))] + _VOWELS[rng.integers(len(_VOWELS))] + _CODAS[rng.integers(len(_CODAS))]
        for _ in range(count)
    )
    return "".join(parts)[:10]


def text_mask(text: str, height_px: float, bold: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Coverage (H, W) 0..1 of `text` in capitals `height_px` tall; `bold` is the stroke relative to the height."""
    font = _FONTS[rng.integers(len(_FONTS))]
    tall = max(float(height_px), 3.0) * 2
    stroke = max(1, round(tall * bold))
    scale = cv2.getFontScaleFromHeight(font, max(int(tall), 4), stroke)
    (width, height), below = cv2.getTextSize(text, font, scale, stroke)
    pad = stroke + 2
    mask = np.zeros((height + below + 2 * pad, width + 2 * pad), np.uint8)
    cv2.putText(mask, text, (pad, height + pad), font, scale, 255, stroke, cv2.LINE_AA)
    stretch = float(rng.uniform(0.75, 1.35))
    size = (max(1, round(mask.shape[1] * stretch / 2)), max(1, mask.shape[0] // 2))
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
