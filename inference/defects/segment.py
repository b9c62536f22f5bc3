"""Runs the defect segmenter over a canvas."""

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, FloatMap
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import OnnxModel


def segment(rgb: RGB, model: OnnxModel[SegmenterCard]) -> FloatMap:
    """Probability (C, ceil(H/stride), ceil(W/stride)) of each of the card's classes over a canvas (H, W, 3)."""
    card = model.card
    height, width = rgb.shape[:2]
    image = padded(rgb, card.size_multiple)
    probability = model.session.run(["probability"], {"image": image[None]})[0][0]
    stride = card.output_stride
    return np.asarray(probability[:, : -(-height // stride), : -(-width // stride)], np.float32)


def padded(rgb: RGB, multiple: int) -> RGB:
    """The canvas continued to the right and below until both its sides are multiples of `multiple`."""
    below, right = -rgb.shape[0] % multiple, -rgb.shape[1] % multiple
    return np.asarray(cv2.copyMakeBorder(rgb, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
