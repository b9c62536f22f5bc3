"""torchvision's LRASPP on MobileNetV3-Large from random weights, trained by our own loop on our own tiles.

    python -m phonegrade.benchmarks.baselines.lraspp --data SET --out runs/baselines/lraspp

Howard et al., Searching for MobileNetV3 (ICCV 2019). Our segmenter starts from ImageNet weights, so a comparison must
say so. Schedule and tiles are those of `lraspp.yaml` beside this file.
"""

import argparse
import logging
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from phonegrade.benchmarks.baselines.finish import finish
from phonegrade.benchmarks.baselines.torchvision_import import import_torchvision
from phonegrade.configs.train_config import load_train_config
from phonegrade.core.errors import TrainConfigError
from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.models.encoder import Normalize
from phonegrade.training.data import segmenter_samples
from phonegrade.training.run import fit_segmenter

CONFIG = Path(__file__).with_name("lraspp.yaml")
ENCODER = "MobileNetV3-Large, random weights"
_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_STD = (58.395, 57.12, 57.375)


class Lraspp(nn.Module):
    """Same contract as `Segmenter`: uint8 RGB (N, H, W, 3) -> logits (N, 8, H/2, W/2).

    As torchvision builds it; its logits at stride 8 are upsampled by four.
    """

    def __init__(self) -> None:
        super().__init__()
        import_torchvision()
        from torchvision.models.segmentation import lraspp_mobilenet_v3_large

        net = lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=len(SEGMENTER_CLASSES))
        self.normalize = Normalize(_IMAGENET_MEAN, _IMAGENET_STD)
        self.backbone = net.backbone
        self.classifier = net.classifier

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (N, 8, H/2, W/2) of `image` (N, H, W, 3)."""
        logits = self.classifier(self.backbone(self.normalize(image)))
        return functional.interpolate(logits, scale_factor=4.0, mode="bilinear", align_corners=False)


def train(data: Path, out: Path, config_path: Path) -> None:
    """Train on the train split of the set `data` and write a folder of models to `out`; a stopped run is resumed."""
    config = load_train_config(config_path)
    if config.segmenter is None:
        raise TrainConfigError(f"{config_path} has no section `segmenter` to train by")
    torch.set_num_threads(config.threads)
    samples = segmenter_samples(config.segmenter, config.seed, data, out / "tiles")
    network = fit_segmenter(Lraspp(), samples, config.segmenter, config.seed, out / "training")
    finish(network.cpu(), config.name, ENCODER, data, out, names_kinds=True)


def main() -> None:
    """Train, export and calibrate the baseline."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="rendered set")
    parser.add_argument("--out", type=Path, default=Path("runs/baselines/lraspp"))
    parser.add_argument("--config", type=Path, default=CONFIG)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    train(arguments.data, arguments.out, arguments.config)


if __name__ == "__main__":
    main()
