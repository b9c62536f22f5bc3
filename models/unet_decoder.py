"""The segmenter's larger decoder: full convolutions over the encoder's features, finest last."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

UNET_WIDTHS = (96, 64, 48, 32)
"""Channels at strides 16, 8, 4 and 2; the last is that of `decoder.WIDTH`."""


class UnetDecoder(nn.Module):
    """Features at strides 2..32 -> one map (N, widths[-1], H/2, W/2).

    As in U-Net (Ronneberger et al., MICCAI 2015): the coarser map doubled, beside the encoder's features of that
    stride, through a full 3 x 3 convolution; one each stride, bilinear in the place of transposed convolutions. A
    network with it takes half as long again as with the light decoder, and learns thin lines and small chips from far
    fewer pictures.
    """

    def __init__(self, channels: Sequence[int], widths: Sequence[int] = UNET_WIDTHS) -> None:
        super().__init__()
        *skips, deepest = channels
        inputs = deepest
        self.steps = nn.ModuleList()
        for skip, width in zip(reversed(skips), widths, strict=True):
            self.steps.append(_convolved(inputs + skip, width))
            inputs = width

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Return the fused map (N, widths[-1], H/2, W/2) of the encoder's features, finest first."""
        *skips, x = features
        for step, skip in zip(self.steps, reversed(skips), strict=True):
            doubled = functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = step(torch.cat([doubled, skip], dim=1))
        return x


def _convolved(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True)
    )
