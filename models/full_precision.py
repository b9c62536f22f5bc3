"""Convolutions that bfloat16 makes slower, kept in float32 while the rest of a network is trained in bfloat16."""

import torch
from torch import Tensor, nn


class Float32Conv2d(nn.Conv2d):
    """A convolution that leaves autocast: processors are slow in the backward pass of depthwise and strided ones."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what `Conv2d` does, in float32 where autocast is on."""
        if not torch.is_autocast_enabled(x.device.type):
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())
