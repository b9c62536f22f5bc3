"""The device locator."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from phonegrade.core.vocabulary import LOCATOR_REGIONS, LOCATOR_VIEWS
from phonegrade.models.decoder import WIDTH, Decoder
from phonegrade.models.encoder import CHANNELS, Lite0, Normalize


class Locator(nn.Module):
    """uint8 RGB photo (N, S, S, 3), letterboxed -> region logits (N, 3, S/2, S/2) and view logits (N, 4).

    The view is read twice from the deepest features: over the whole photo, and over the body alone, so that a busy
    table does not outvote the phone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.normalize = Normalize()
        self.encoder = Lite0()
        self.decoder = Decoder(CHANNELS)
        self.regions = nn.Conv2d(WIDTH, len(LOCATOR_REGIONS), 1)
        self.view = nn.Sequential(
            nn.Linear(2 * CHANNELS[-1], 64), nn.ReLU6(inplace=True), nn.Linear(64, len(LOCATOR_VIEWS))
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return region logits (N, 3, S/2, S/2) and view logits (N, 4) of `image` (N, S, S, 3)."""
        features = self.encoder(self.normalize(image))
        regions: Tensor = self.regions(self.decoder(features))
        deep = features[-1]
        # Detached: the view must not bend the outline that corners are measured on.
        body = functional.avg_pool2d(regions[:, :1].detach().sigmoid(), 16)
        on_body = (deep * body).sum((2, 3)) / (body.sum((2, 3)) + 1e-3)
        view: Tensor = self.view(torch.cat([deep.mean((2, 3)), on_body], dim=1))
        return regions, view
