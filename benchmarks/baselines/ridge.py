"""A classical ridge filter as a segmenter: no training, every number below set by hand.

    python -m phonegrade.benchmarks.baselines.ridge --data SET --out runs/baselines/ridge

Frangi et al., Multiscale vessel enhancement filtering (MICCAI 1998), in two dimensions, on bright and on dark lines
alike. What differs: the structure's strength is held against a fixed contrast, not against the picture's own maximum,
and the sides of steps, which a phone is full of, are distinguished from lines by their slope. Where lines are dense
they are called cracks, elsewhere scratches: a filter knows no more.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from phonegrade.benchmarks.baselines.finish import finish
from phonegrade.core.vocabulary import SEGMENTER_CLASSES

SCALES_PX = (1.0, 1.7, 2.8)
"""Standard deviations: lines of 0.2 to 0.7 mm at 8 px/mm, which is as narrow as the photo's blur leaves any."""
BLOBNESS = 0.5
EDGENESS = 0.35
"""Slope over curvature at which a pixel is rather the side of a step than the middle of a line."""
CONTRAST = 0.04
"""Second derivative, scaled, at which a line is half of what it can be; grey levels are 0..1."""
CROWDED_MM, CROWDED_SHARE, CROWDED_STEP = 8.0, 0.12, 0.03
PX_PER_MM = 8.0
NEVER = -12.0


class Ridge(nn.Module):
    """uint8 RGB canvas (N, H, W, 3) -> logits (N, 8, H/2, W/2), all but crack and scratch never."""

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.ParameterList()
        for sigma in SCALES_PX:
            reach = int(4 * sigma + 1)
            at = torch.arange(-reach, reach + 1, dtype=torch.float32)
            smooth = torch.exp(-(at**2) / (2 * sigma**2))
            smooth = smooth / smooth.sum()
            slope = -at / sigma**2 * smooth
            curve = (at**2 / sigma**4 - 1 / sigma**2) * smooth
            kernels = torch.stack([smooth, slope, curve])
            self.scales.append(nn.Parameter(kernels, requires_grad=False))

    def forward(self, image: Tensor) -> Tensor:
        """Return logits of `image`."""
        grey = image.to(torch.float32).mean(dim=3).unsqueeze(1) / 255
        line = torch.stack([self._line(grey, kernels, s) for kernels, s in zip(self.scales, SCALES_PX, strict=True)])
        line = functional.max_pool2d(line.amax(dim=0), 2)
        side = round(CROWDED_MM * PX_PER_MM / 2) // 2 * 2 + 1
        crowd = functional.avg_pool2d(line, side, stride=1, padding=side // 2, count_include_pad=False)
        crack = torch.sigmoid((crowd - CROWDED_SHARE) / CROWDED_STEP)
        planes = []
        for name in SEGMENTER_CLASSES:
            share = crack if name == "crack" else 1 - crack
            logits = torch.logit((line * share).clamp(1e-5, 1 - 1e-5))
            planes.append(logits if name in ("crack", "scratch") else torch.full_like(line, NEVER))
        return torch.cat(planes, dim=1)

    def _line(self, grey: Tensor, kernels: Tensor, sigma: float) -> Tensor:
        """Return how much each pixel (N, 1, H, W) resembles a line of this scale, 0..1."""
        smooth, slope, curve = kernels.unbind()
        xx = sigma**2 * _separable(grey, smooth, curve)
        yy = sigma**2 * _separable(grey, curve, smooth)
        xy = sigma**2 * _separable(grey, slope, slope)
        middle, spread = (xx + yy) / 2, torch.sqrt(((xx - yy) / 2) ** 2 + xy**2 + 1e-12)
        one, other = (middle + spread).abs(), (middle - spread).abs()
        weak, strong = torch.minimum(one, other), torch.maximum(one, other)
        blob = (weak / (strong + 1e-6)) ** 2
        slope_2 = sigma**2 * (_separable(grey, smooth, slope) ** 2 + _separable(grey, slope, smooth) ** 2)
        step = slope_2 / (strong**2 + 1e-6)
        strength = (weak**2 + strong**2) / CONTRAST**2
        unlike = blob / (2 * BLOBNESS**2) + step / (2 * EDGENESS**2)
        return torch.exp(-unlike) * (1 - torch.exp(-strength / 2))


def _separable(grey: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """Return `grey` (N, 1, H, W) filtered by two kernels (k,), its border repeated."""
    pad = down.shape[0] // 2
    padded = functional.pad(grey, (pad, pad, pad, pad), mode="replicate")
    return functional.conv2d(functional.conv2d(padded, down.view(1, 1, -1, 1)), across.view(1, 1, 1, -1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="rendered set; its validation split calibrates")
    parser.add_argument("--out", type=Path, default=Path("runs/baselines/ridge"))
    arguments = parser.parse_args()
    finish(Ridge().eval(), "ridge", "none: Frangi's filter", arguments.data, arguments.out, names_kinds=True)


if __name__ == "__main__":
    main()
