"""Ultralytics' YOLO11n-seg from random weights, on the tiles that our segmenter learns from. Dev-only: it is AGPL-3.0.

    python -m phonegrade.benchmarks.baselines.yolo tiles  --data SET --out runs/baselines/yolo --count 3000
    python -m phonegrade.benchmarks.baselines.yolo train  --out runs/baselines/yolo --minutes 25
    python -m phonegrade.benchmarks.baselines.yolo export --data SET --out runs/baselines/yolo

Its pretrained weights come from a hub and are not used. Its instances are painted into maps of probability, the surest
on top, and then go the way of all segmenters: same components, same measuring. Nothing of it is shipped.
"""

import argparse
import os
from pathlib import Path

import cv2
import numpy as np
import torch
import yaml
from torch import Tensor, nn
from torch.nn import functional

from phonegrade.benchmarks.baselines.finish import calibrate, first_card
from phonegrade.benchmarks.baselines.torchvision_import import import_torchvision
from phonegrade.core.errors import ExportError
from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.datasets.annotations.annotation import CLASS_BIT
from phonegrade.datasets.manifest import Split
from phonegrade.datasets.placement import TileFormat
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.models.finalise import MAX_DIFFERENCE, largest_difference, write_card

CROP_PX = 320
ARCHITECTURE = "yolo11n-seg.yaml"
SEED = 1
LEAST_WIDE_PX = 3
"""Labels are grown by half of it: its masks have a quarter of the tile's resolution, where thin lines would vanish."""
DETECTIONS = 100
VAL_SHARE = 0.1
OPSET = 18


class Painted(nn.Module):
    """uint8 RGB canvas (N, H, W, 3) -> probability (N, 8, H/2, W/2): the surest detection of each class."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Return probabilities of `image`; a batch is taken picture by picture."""
        predictions, prototypes = self.network(image.permute(0, 3, 1, 2).to(torch.float32) / 255)[:2]
        count = len(SEGMENTER_CLASSES)
        best = predictions[:, 4 : 4 + count].amax(dim=1).topk(DETECTIONS, dim=1).indices
        kept = predictions.gather(2, best.unsqueeze(1).expand(-1, predictions.shape[1], -1))
        boxes, scores, coefficients = kept[:, :4] / 4, kept[:, 4 : 4 + count], kept[:, 4 + count :]
        masks = torch.sigmoid(torch.einsum("nck,nchw->nkhw", coefficients, prototypes))
        masks = masks * _within(boxes, prototypes)
        planes = [(masks * scores[:, index, :, None, None]).amax(dim=1) for index in range(count)]
        return functional.interpolate(
            torch.stack(planes, dim=1), scale_factor=2.0, mode="bilinear", align_corners=False
        )


def _within(boxes: Tensor, prototypes: Tensor) -> Tensor:
    """Return 1 inside each box (N, 4, K), given as middle and size, on the grid of the prototypes (N, C, h, w)."""
    ys = torch.ones_like(prototypes[:, :1]).cumsum(dim=2) - 0.5
    xs = torch.ones_like(prototypes[:, :1]).cumsum(dim=3) - 0.5
    x, y, width, height = (boxes[:, part, :, None, None] for part in range(4))
    return ((xs - x).abs() <= width / 2) * ((ys - y).abs() <= height / 2)


def write_tiles(data: Path, out: Path, count: int) -> None:
    """Write `count` training tiles, and a tenth as many to validate on, in the format that Ultralytics reads."""
    splits: tuple[tuple[Split, int], ...] = (("train", count), ("val", max(8, round(VAL_SHARE * count))))
    for split, wanted in splits:
        tiles = SegmenterTiles(data, split, TileFormat(CROP_PX), SEED, augment=split == "train")
        for folder in ("images", "labels"):
            (out / folder / split).mkdir(parents=True, exist_ok=True)
        for number in range(wanted):
            name = f"{number:06d}"
            if (out / "labels" / split / f"{name}.txt").is_file():
                continue
            epoch, index = divmod(number, len(tiles))
            tile, bits = tiles.sample(index, epoch)
            cv2.imwrite(str(out / "images" / split / f"{name}.jpg"), tile[..., ::-1])
            (out / "labels" / split / f"{name}.txt").write_text("\n".join(polygons(bits)), encoding="utf-8")
    names = dict(enumerate(SEGMENTER_CLASSES))
    description = {"path": str(out.resolve()), "train": "images/train", "val": "images/val", "names": names}
    (out / "tiles.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")


def polygons(bits: np.ndarray) -> list[str]:
    """Return lines `class x y x y ...` of each component of a half-scale bit mask (h, w), in shares of the tile."""
    lines = []
    for index, kind in enumerate(SEGMENTER_CLASSES):
        plane = ((bits & CLASS_BIT[kind]) > 0).astype(np.uint8)
        large = cv2.resize(plane, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
        large = cv2.dilate(large, np.ones((LEAST_WIDE_PX, LEAST_WIDE_PX), np.uint8))
        for contour in cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)[0]:
            if len(contour) >= 3:
                shares = (contour[:, 0] + 0.5) / np.array(large.shape[::-1])
                lines.append(f"{index} " + " ".join(f"{value:.5f}" for value in np.clip(shares, 0, 1).ravel()))
    return lines


def _with_nms() -> None:
    """Give Ultralytics its own suppression of overlaps where a CPU-only torch lacks torchvision's."""
    try:
        import torchvision
    except RuntimeError:
        import_torchvision()
        import torchvision
        from ultralytics.utils.nms import TorchNMS

        torchvision.ops.nms = TorchNMS.nms


def train(out: Path, minutes: float, batch: int, device: str) -> None:
    """Train for `minutes`; a stopped run is resumed."""
    from ultralytics import YOLO

    _with_nms()
    last = out / "run" / "weights" / "last.pt"
    if last.is_file():
        YOLO(str(last)).train(resume=True)
        return
    YOLO(ARCHITECTURE).train(
        data=str(out / "tiles.yaml"),
        time=minutes / 60,
        imgsz=CROP_PX,
        batch=batch,
        device=device,
        seed=SEED,
        workers=1,
        mask_ratio=1,
        amp=False,
        plots=False,
        pretrained=False,
        project=str(out.resolve()),
        name="run",
        exist_ok=True,
    )


def export(data: Path, out: Path) -> None:
    """Write segmenter.onnx with its card, calibrated on the validation split of `data`."""
    from ultralytics import YOLO

    network = YOLO(str(out / "run" / "weights" / "last.pt")).model.float().eval()
    network.fuse()
    head = network.model[-1]
    head.export, head.dynamic, head.format = True, True, "onnx"
    file = out / "segmenter.onnx"
    axes = {"image": {0: "n", 1: "h", 2: "w"}, "probability": {0: "n", 2: "h2", 3: "w2"}}
    torch.onnx.export(
        Painted(network),
        (torch.zeros(1, 320, 256, 3, dtype=torch.uint8),),
        str(file),
        dynamo=False,
        opset_version=OPSET,
        input_names=["image"],
        output_names=["probability"],
        dynamic_axes=axes,
    )
    rng = np.random.default_rng(SEED)
    pictures = [rng.integers(0, 256, (1, *hw, 3), dtype=np.uint8) for hw in ((320, 256), (96, 608))]
    if largest_difference(file, Painted(network), pictures) > MAX_DIFFERENCE:
        raise ExportError(f"{file}: PyTorch and ONNX Runtime differ")
    write_card(file, first_card("yolo11n-seg", "random weights (Ultralytics, AGPL-3.0, never shipped)", data))
    calibrate(file, data, names_kinds=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("tiles", "train", "export"))
    parser.add_argument("--data", type=Path, help="rendered set, for tiles and export")
    parser.add_argument("--out", type=Path, default=Path("runs/baselines/yolo"))
    parser.add_argument("--count", type=int, default=3000, help="training tiles")
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    os.environ.setdefault("YOLO_CONFIG_DIR", str(arguments.out.resolve()))
    os.environ.setdefault("YOLO_OFFLINE", "true")
    match arguments.step:
        case "tiles":
            write_tiles(arguments.data, arguments.out, arguments.count)
        case "train":
            train(arguments.out, arguments.minutes, arguments.batch, arguments.device)
        case _:
            export(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
