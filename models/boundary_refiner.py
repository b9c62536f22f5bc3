"""The boundary refiner: where exactly a side of the outline lies."""

from torch import Tensor, nn

from phonegrade.core.vocabulary import SURFACE_VIEWS
from phonegrade.models.encoder import Normalize

_WIDTH = 32
_DILATIONS = (1, 2, 4, 8, 1, 4, 8, 1)
"""Across the side: body, rim and background are distinguished by a wide context, not by one step of brightness."""


class BoundaryRefiner(nn.Module):
    """uint8 RGB strips (N, A, D, 3) across sides, from the inside out -> logits (N, V, A/4, D) of where the body ends.

    A softmax over the D samples gives, for every fourth sample along the side, where its border lies in a photo of each
    of SURFACE_VIEWS: where a face meets a side wall, the
    face ends in a photo of the face, and the edge in a photo of the edge.
    """

    def __init__(self) -> None:
        super().__init__()
        self.normalize = Normalize()
        self.stem = nn.Sequential(
            _convolution(3, 16, stride=(2, 1)),
            _convolution(16, 16, stride=(2, 1), groups=16),
            _convolution(16, _WIDTH, kernel=1),
        )
        self.blocks = nn.ModuleList(_Block(dilation) for dilation in _DILATIONS)
        self.head = nn.Conv2d(_WIDTH, len(SURFACE_VIEWS), 1)

    def forward(self, strips: Tensor) -> Tensor:
        """Return logits (N, V, A/4, D) of `strips` (N, A, D, 3)."""
        x = self.stem(self.normalize(strips))
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.head(x)
        return logits


class _Block(nn.Module):
    """Residual separable convolution with the mean along the whole side as context at each distance from it.

    Its last norm starts at zero, so that a new block is the identity (Goyal et al. 2017): a deeper network can
    start from the weights of a shallower one's file.
    """

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.near = _convolution(_WIDTH, _WIDTH, kernel=5, groups=_WIDTH, dilation=(1, dilation))
        self.along = nn.Conv2d(_WIDTH, _WIDTH, 1)
        norm = nn.BatchNorm2d(_WIDTH)
        nn.init.zeros_(norm.weight)
        self.mix = nn.Sequential(nn.Conv2d(_WIDTH, _WIDTH, 1, bias=False), norm)

    def forward(self, x: Tensor) -> Tensor:
        near = self.near(x)
        rest: Tensor = x + self.mix(near + self.along(near.mean(dim=2, keepdim=True)))
        return rest.clamp(-6, 6)


def _convolution(
    inputs: int,
    outputs: int,
    kernel: int = 3,
    stride: tuple[int, int] = (1, 1),
    groups: int = 1,
    dilation: tuple[int, int] = (1, 1),
) -> nn.Sequential:
    padding = (kernel // 2 * dilation[0], kernel // 2 * dilation[1])
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )
