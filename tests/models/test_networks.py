"""One contract over every network: what goes in, what comes out, and that it learns and exports."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from phonegrade.core.errors import ExportError, ModelFileError
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, SURFACE_VIEWS
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, Provenance, SegmenterCard
from phonegrade.inference.locating.strips import ACROSS, ALONG, STRIDE
from phonegrade.inference.session import load_model
from phonegrade.models.boundary_refiner import BoundaryRefiner
from phonegrade.models.checkpoint import About, load_checkpoint, save_checkpoint
from phonegrade.models.encoder import CHANNELS, Lite0, load_imagenet
from phonegrade.models.export import (
    LocatorOutput,
    export_checkpoint,
)
from phonegrade.models.finalise import MAX_BYTES, finalise_export, write_card
from phonegrade.models.load_onnx import ENCODER, load_onnx_weights
from phonegrade.models.locator import Locator
from phonegrade.models.segmenter import Segmenter, SegmenterNetwork

PROVENANCE = Provenance(
    version="0", encoder="random", training_data_sha256="0" * 64, commit="0" * 40, config="test", metrics={"f1": 0.5}
)
EVEN = dict.fromkeys(SEGMENTER_CLASSES, 0.5)
SEGMENTER_CARD = SegmenterCard(
    px_per_mm=8, output_stride=2, size_multiple=32, mask_threshold=EVEN, min_confidence=EVEN, provenance=PROVENANCE
)
BOUNDARY_REFINER_CARD = BoundaryRefinerCard(
    along=ALONG, across=ACROSS, stride=STRIDE, views=SURFACE_VIEWS, provenance=PROVENANCE
)
LOCATOR_CARD = LocatorCard(input_px=192, output_stride=2, provenance=PROVENANCE)


def picture(*shape: int, seed: int = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


@pytest.mark.parametrize("network", ["lite0_fpn", "lite0_unet"])
@pytest.mark.parametrize("nhw", [(1, 64, 96), (3, 96, 64)])
def test_segmenter_outputs_eight_logits_at_half_size(nhw: tuple[int, int, int], network: SegmenterNetwork) -> None:
    n, h, w = nhw
    with torch.inference_mode():
        logits = Segmenter(network).eval()(picture(n, h, w, 3))
    assert logits.shape == (n, 8, h // 2, w // 2)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


def test_locator_outputs_regions_at_half_size_and_one_view() -> None:
    with torch.inference_mode():
        regions, view = Locator().eval()(picture(3, 128, 128, 3))
    assert regions.shape == (3, 3, 64, 64)
    assert view.shape == (3, 4)


def test_the_boundary_refiner_outputs_a_position_for_every_fourth_sample_along() -> None:
    with torch.inference_mode():
        logits = BoundaryRefiner().eval()(picture(3, 128, 64, 3))
    assert logits.shape == (3, 3, 32, 64)


@pytest.mark.parametrize("build", [Segmenter, Locator, BoundaryRefiner])
def test_every_unfrozen_weight_gets_a_finite_gradient(build: Callable[[], nn.Module]) -> None:
    model = build().train()
    answer = model(picture(2, 128, 128, 3))
    parts = answer if isinstance(answer, tuple) else (answer,)
    sum(part.square().mean() for part in parts).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


@pytest.mark.parametrize("build", [Segmenter, Locator, BoundaryRefiner])
def test_a_picture_answers_the_same_alone_and_in_a_batch(build: Callable[[], nn.Module]) -> None:
    model, images = build().eval(), picture(3, 128, 128, 3)
    with torch.inference_mode():
        together, alone = model(images), model(images[1:2])
    for many, one in zip(*((x if isinstance(x, tuple) else (x,)) for x in (together, alone)), strict=True):
        torch.testing.assert_close(many[1:2], one, rtol=1e-3, atol=1e-4)


def test_encoder_features_have_the_stated_strides_and_channels() -> None:
    features = Lite0().eval()(torch.zeros(1, 3, 64, 96))
    assert tuple(f.shape[1] for f in features) == CHANNELS
    assert [f.shape[2:] for f in features] == [(64 // s, 96 // s) for s in (2, 4, 8, 16, 32)]


def test_packaged_weights_keep_activations_near_their_stored_statistics() -> None:
    """A wrong map of the tensors would drive the last stages far from the means they were trained with."""
    encoder = Lite0()
    load_imagenet(encoder)
    encoder.eval()
    drift: list[float] = []

    def watch(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        away = (inputs[0].mean((0, 2, 3)) - norm.running_mean).abs() / norm.running_var.sqrt()
        drift.append(float(away.median()))

    for module in encoder.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.register_forward_pre_hook(watch)
    smooth = nn.functional.interpolate(
        torch.randn(4, 3, 7, 7, generator=torch.manual_seed(0)), size=224, mode="bicubic"
    )
    with torch.inference_mode():
        encoder(0.5 * smooth)
    assert max(drift) < 1.5
    assert sum(drift) / len(drift) < 0.5


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save({"stem": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match=r"other\.pth: stem is \(3,\)"):
        load_imagenet(Lite0(), tmp_path / "other.pth")


def test_training_mode_leaves_the_encoders_statistics_alone_and_freezing_its_first_stages() -> None:
    model = Segmenter().train()
    model.encoder.freeze(2)
    before = {name: buffer.clone() for name, buffer in model.encoder.named_buffers()}
    model(picture(2, 64, 64, 3)).mean().backward()
    assert all(torch.equal(before[name], buffer) for name, buffer in model.encoder.named_buffers())
    assert all(p.grad is None for p in (*model.encoder.stem.parameters(), *model.encoder.stages[:2].parameters()))
    assert all(p.grad is not None for p in model.encoder.stages[2:].parameters())


def test_depthwise_and_strided_convolutions_stay_in_float32_where_the_rest_is_bfloat16() -> None:
    kept, seen = [], []
    model = Segmenter("lite0_unet").train()
    for part in model.modules():
        if isinstance(part, nn.Conv2d):
            kept_exact = part.groups > 1 or part.stride != (1, 1)
            part.register_forward_hook(
                lambda _, __, output, exact=kept_exact: (kept if exact else seen).append(output.dtype)
            )
    with torch.autocast("cpu", torch.bfloat16):
        model(picture(1, 64, 64, 3)).float().mean().backward()
    assert set(kept) == {torch.float32}
    assert set(seen) == {torch.bfloat16}


def test_an_exported_files_encoder_starts_a_network_with_another_decoder(tiny_run: Path) -> None:
    exported, model = load_checkpoint(tiny_run / "frame_segmenter.safetensors")[0], Segmenter("lite0_unet").eval()
    load_onnx_weights(model.encoder, tiny_run / "frame_segmenter.onnx", ENCODER)
    planes = model.normalize(picture(1, 64, 64, 3))
    with torch.inference_mode():
        features = zip(exported.encoder(planes), model.encoder(planes), strict=True)
    assert all(torch.allclose(one, other, atol=1e-3) for one, other in features)


def test_exported_files_are_small_carry_their_card_and_take_any_size(tiny_run: Path) -> None:
    segmenter = load_model(tiny_run / "segmenter.onnx", SegmenterCard)
    locator = load_model(tiny_run / "locator.onnx", LocatorCard)
    boundary_refiner = load_model(tiny_run / "boundary_refiner.onnx", BoundaryRefinerCard)
    for model in (segmenter, locator, boundary_refiner):
        assert model.card == load_checkpoint(tiny_run / f"{model.card.task}.safetensors")[1].card
    for n, h, w in [(1, 32, 32), (2, 64, 160)]:
        (probability,) = segmenter.session.run(["probability"], {"image": picture(n, h, w, 3).numpy()})
        assert probability.shape == (n, 8, h // 2, w // 2)
        assert 0 <= probability.min() <= probability.max() <= 1
    side = locator.card.input_px
    for n in (1, 5):
        regions, view = locator.session.run(["regions", "view"], {"image": picture(n, side, side, 3).numpy()})
        assert regions.shape == (n, 3, side // 2, side // 2)
        np.testing.assert_allclose(view.sum(1), np.ones(n), rtol=1e-5)
    for n in (1, 5):
        (border,) = boundary_refiner.session.run(["border"], {"image": picture(n, ALONG, ACROSS, 3).numpy()})
        assert border.shape == (n, 3, ALONG // STRIDE, ACROSS)
        np.testing.assert_allclose(border.sum(3), np.ones((n, 3, ALONG // STRIDE)), rtol=1e-5)
    assert max(file.stat().st_size for file in tiny_run.glob("*.onnx")) < MAX_BYTES


def test_exported_files_do_not_name_the_machine_they_were_made_on(tiny_run: Path) -> None:
    for file in tiny_run.glob("*.onnx"):
        data = file.read_bytes()
        assert b"site-packages" not in data
        assert str(Path(__file__).parents[2]).encode() not in data
        assert onnx.load(file).opset_import[0].version == 20


def test_checkpoint_comes_back_and_exports_to_the_same_file(tiny_run: Path, tmp_path: Path) -> None:
    refiner = BoundaryRefiner().eval()
    save_checkpoint(tmp_path / "refiner.safetensors", refiner, About(network="strips", card=BOUNDARY_REFINER_CARD))
    again, about = load_checkpoint(tmp_path / "refiner.safetensors")
    assert about.card == BOUNDARY_REFINER_CARD
    assert all(torch.equal(a, b) for a, b in zip(refiner.parameters(), again.parameters(), strict=True))
    export_checkpoint(tiny_run / "boundary_refiner.safetensors", tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (tiny_run / "boundary_refiner.onnx").read_bytes()


def test_checkpoint_without_its_json_or_with_foreign_weights_is_refused(tmp_path: Path) -> None:
    weights = tmp_path / "segmenter.safetensors"
    save_checkpoint(weights, Segmenter(), About(network="lite0_fpn", card=SEGMENTER_CARD))
    about = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    weights.with_suffix(".json").write_text(json.dumps(about | {"network": "strips"}), encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"segmenter\.safetensors"):
        load_checkpoint(weights)
    weights.with_suffix(".json").unlink()
    with pytest.raises(ModelFileError, match=r"segmenter\.safetensors"):
        load_checkpoint(weights)


def test_an_export_that_differs_from_its_network_leaves_the_file_that_was_there(tiny_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "locator.onnx"
    file.write_bytes(b"old")
    model, side = onnx.load(tiny_run / "locator.onnx"), LOCATOR_CARD.input_px
    images = [picture(1, side, side, 3).numpy()]
    torch.manual_seed(1)
    other, broken = Locator(), Locator()
    nn.init.constant_(broken.regions.bias, float("nan"))  # type: ignore[arg-type]
    for network, complaint in [(other, "differ by 0"), (broken, "differ by nan")]:
        with pytest.raises(ExportError, match=complaint):
            finalise_export(model, LOCATOR_CARD, LocatorOutput(network), images, file)
    with pytest.raises(ExportError, match="use a smaller network"):
        finalise_export(model, LOCATOR_CARD, LocatorOutput(Locator()), [], file, max_bytes=1000)
    with pytest.raises(Exception, match="invalid dimensions"):  # the runtime's own error, not ours
        finalise_export(model, LOCATOR_CARD, LocatorOutput(Locator()), [picture(1, 64, 64, 3).numpy()], file)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == b"old"


def test_a_verified_export_replaces_the_old_file(tiny_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "locator.onnx"
    file.write_bytes(b"old")
    finalise_export(onnx.load(tiny_run / "locator.onnx"), LOCATOR_CARD, LocatorOutput(Locator()), [], file)
    assert list(tmp_path.iterdir()) == [file]
    assert load_model(file, LocatorCard).card == LOCATOR_CARD


def test_a_card_can_be_replaced_and_the_predictions_stay(tiny_run: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(tiny_run / "locator.onnx", tmp_path))
    before = load_model(file, LocatorCard)
    stricter = before.card.model_copy(update={"body_threshold": 0.7})
    write_card(file, stricter)
    image = {"image": picture(1, stricter.input_px, stricter.input_px, 3).numpy()}
    after = load_model(file, LocatorCard)
    assert after.card == stricter
    np.testing.assert_array_equal(before.session.run(["view"], image)[0], after.session.run(["view"], image)[0])
