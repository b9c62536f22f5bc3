"""The defect segmenter."""

import math
from typing import Literal, assert_never

from torch import Tensor, nn

from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.models.decoder import WIDTH, Decoder
from phonegrade.models.encoder import CHANNELS, Lite0, Normalize
from phonegrade.models.unet_decoder import UnetDecoder

SegmenterNetwork = Literal["lite0_fpn", "lite0_unet"]

RARE = 0.01
"""Positive share that the untrained head predicts (Lin et al., RetinaNet, ICCV 2017)."""


class Segmenter(nn.Module):
    """uint8 RGB canvas (N, H, W, 3), H and W multiples of 32 -> logits (N, 8, H/2, W/2) of `SEGMENTER_CLASSES`.

    Multi-label: a crack below a smear is both. `network` names encoder and decoder.
    """

    def __init__(self, network: SegmenterNetwork = "lite0_fpn") -> None:
        super().__init__()
        self.network = network
        self.normalize = Normalize()
        self.encoder = Lite0()
        self.decoder = _decoder(network)
        self.head = nn.Conv2d(WIDTH, len(SEGMENTER_CLASSES), 1)
        nn.init.constant_(self.head.bias, math.log(RARE / (1 - RARE)))  # type: ignore[arg-type]

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (N, 8, H/2, W/2) of `image` (N, H, W, 3)."""
        logits: Tensor = self.head(self.decoder(self.encoder(self.normalize(image))))
        return logits


def _decoder(network: SegmenterNetwork) -> Decoder | UnetDecoder:
    match network:
        case "lite0_fpn":
            return Decoder(CHANNELS)
        case "lite0_unet":
            return UnetDecoder(CHANNELS)
        case _:
            assert_never(network)
