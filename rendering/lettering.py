"""Made-up words and their printed shapes: labels that belong to no brand."""

import cv2
import numpy as np
from numpy.typing import NDArray

_ONSETS = ("b", "v", "k", "l", "m", "n", "r", "s", "t", "z", "d", "gr", "pl", "tr", "x", "qu", "f", "h")
_VOWELS = ("a", "e", "i", "o", "u", "ae", "io", "y")
_CODAS = ("", "", "n", "r", "l", "s", "m", "t")
_PLAIN_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX)
_SERIF_FONTS = (cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
_TALL_PX = 48
LIGHT = 0.1
"""Strokes thinner than this share of the height take the light cut of the letters."""


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
    fonts = _SERIF_FONTS if rng.random() < 0.12 else _PLAIN_FONTS
    font = fonts[rng.integers(2)]
    tracking, stretch = float(rng.uniform(-0.06, 0.3)), float(rng.uniform(0.72, 0.98))
    stroke = 1 if bold < LIGHT else max(2, round(_TALL_PX * bold))
    scale = cv2.getFontScaleFromHeight(font, _TALL_PX, stroke)
    pad, x = stroke + 2, 0.0
    places = []
    for letter in text:
        places.append(round(x))
        x += cv2.getTextSize(letter, font, scale, stroke)[0][0] + tracking * _TALL_PX * (letter != " ")
    mask = np.zeros((_TALL_PX * 3 // 2 + 2 * pad, round(x) + 3 * pad), np.uint8)
    for letter, place in zip(text, places, strict=True):
        cv2.putText(mask, letter, (pad + place, _TALL_PX + pad), font, scale, 255, stroke, cv2.LINE_AA)
    reduction = max(float(height_px), 1.5) / _TALL_PX
    size = (max(1, round(mask.shape[1] * reduction * stretch)), max(1, round(mask.shape[0] * reduction)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA if reduction < 1 else cv2.INTER_LINEAR)
    return np.asarray(small, np.float32) / np.float32(255)
