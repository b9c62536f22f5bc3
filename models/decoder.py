"""The light decoder that segmenter and locator share."""

from torch import Tensor, nn
from torch.nn import functional

WIDTH = 32
"""Channels of the decoder's output."""

_INNER = 64


def _separable(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


def _doubled(x: Tensor) -> Tensor:
    """Return `x` twice as large; a fixed factor, not a size read from a shape, keeps ONNX Runtime's blocked layout."""
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class Decoder(nn.Module):
    """Features at strides 2..32 -> one map (N, WIDTH, H/2, W/2).

    A feature pyramid (Lin et al., CVPR 2017) with depthwise-separable smoothing at 64 channels down to stride 4; the
    last doubling fuses the stride-2 features at half the width, which is what keeps one-pixel scratches apart.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        finest, *coarser = channels
        self.laterals = nn.ModuleList(nn.Conv2d(c, _INNER, 1) for c in coarser)
        self.smooth = nn.ModuleList(_separable(_INNER, _INNER) for _ in coarser)
        self.narrow = nn.Conv2d(_INNER, WIDTH, 1)
        self.skip = nn.Conv2d(finest, WIDTH, 1)
        self.out = nn.Sequential(_separable(WIDTH, WIDTH), _separable(WIDTH, WIDTH))

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Return the fused map (N, WIDTH, H/2, W/2) of the encoder's features, finest first."""
        finest, *coarser = features
        lateral = [layer(feature) for layer, feature in zip(self.laterals, coarser, strict=True)]
        x = self.smooth[-1](lateral[-1])
        for index in range(len(lateral) - 2, -1, -1):
            x = self.smooth[index](lateral[index] + _doubled(x))
        fine = self.skip(finest)
        fused: Tensor = self.out(fine + _doubled(self.narrow(x)))
        return fused
