"""Runs the defect segmenter over a canvas."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import OnnxModel


def segment(rgb: NDArray[np.uint8], model: OnnxModel[SegmenterCard]) -> NDArray[np.float32]:
    """Probability (C, ceil(H/stride), ceil(W/stride)) of each of the card's classes over a canvas (H, W, 3)."""
    card = model.card
    height, width = rgb.shape[:2]
    below, right = -height % card.size_multiple, -width % card.size_multiple
    padded = cv2.copyMakeBorder(rgb, 0, below, 0, right, cv2.BORDER_REPLICATE)
    probability = model.session.run(["probability"], {"image": padded[None]})[0][0]
    stride = card.output_stride
    return np.asarray(probability[:, : -(-height // stride), : -(-width // stride)], np.float32)
