"""The baseline that the shipped segmenter is compared with: torchvision's LRASPP on MobileNetV3-Large."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.models.normalise import Normalize

_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_DEVIATION = (58.395, 57.12, 57.375)


def _declare_missing_operators() -> None:
    """Let torchvision import on a CPU-only torch.

    Its wheel's extension links CUDA libraries; without them `import torchvision` fails because nobody declared the
    schemas of two operators that are not needed here. Where torchvision loads natively, nothing happens.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        _KEEP.append(library)


_KEEP: list[torch.library.Library] = []
"""A library's declarations live only as long as the object."""


class Lraspp(nn.Module):
    """Same contract as `Segmenter`: uint8 RGB (N, H, W, 3) -> logits (N, 8, H/2, W/2).

    Howard et al., Searching for MobileNetV3 (ICCV 2019), as torchvision builds it, with random weights; its logits at
    stride 8 are doubled twice. The Lite0 network starts from ImageNet, so a comparison must say so.
    """

    def __init__(self) -> None:
        super().__init__()
        _declare_missing_operators()
        from torchvision.models.segmentation import lraspp_mobilenet_v3_large

        net = lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=len(SEGMENTER_CLASSES))
        self.pixels = Normalize(_IMAGENET_MEAN, _IMAGENET_DEVIATION)
        self.backbone = net.backbone
        self.classifier = net.classifier

    def forward(self, image: Tensor) -> Tensor:
        """Logits (N, 8, H/2, W/2) of `image` (N, H, W, 3)."""
        logits = self.classifier(self.backbone(self.pixels(image)))
        return functional.interpolate(logits, scale_factor=4.0, mode="bilinear", align_corners=False)
