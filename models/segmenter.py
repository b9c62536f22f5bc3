"""The defect segmenter."""

import math

from torch import Tensor, nn

from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.models.decoder import WIDTH, Decoder
from phonegrade.models.encoder import CHANNELS, Lite0, Normalize

RARE = 0.01
"""Positive share that the untrained head predicts (Lin et al., RetinaNet, ICCV 2017)."""


class Segmenter(nn.Module):
    """uint8 RGB canvas (N, H, W, 3), H and W multiples of 32 -> logits (N, 8, H/2, W/2) of `SEGMENTER_CLASSES`.

    Multi-label: a crack below a smear is both.
    """

    def __init__(self) -> None:
        super().__init__()
        self.normalize = Normalize()
        self.encoder = Lite0()
        self.decoder = Decoder(CHANNELS)
        self.head = nn.Conv2d(WIDTH, len(SEGMENTER_CLASSES), 1)
        nn.init.constant_(self.head.bias, math.log(RARE / (1 - RARE)))  # type: ignore[arg-type]

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (N, 8, H/2, W/2) of `image` (N, H, W, 3)."""
        logits: Tensor = self.head(self.decoder(self.encoder(self.normalize(image))))
        return logits
