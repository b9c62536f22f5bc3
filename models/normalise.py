"""Photo bytes to network input: the normalisation that travels inside every exported file."""

import torch
from torch import Tensor, nn


class Normalize(nn.Module):
    """First layer of every network: uint8 RGB (N, H, W, 3) -> float32 (N, 3, H, W), `(x - mean) / deviation`.

    `mean` and `deviation` are per channel, in grey levels of 0..255.
    """

    def __init__(self, mean: tuple[float, float, float], deviation: tuple[float, float, float]) -> None:
        super().__init__()
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", 1 / torch.tensor(deviation).view(1, 3, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Normalised planes (N, 3, H, W) of `image` (N, H, W, 3); keeps the interleaved memory order on purpose."""
        return (image.permute(0, 3, 1, 2).to(torch.float32) - self.mean) * self.scale
