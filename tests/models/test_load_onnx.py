"""From an exported file back to a network that trains on: it predicts the same, in training too."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from phonegrade.core.errors import ModelFileError
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.locating.strips import ACROSS, ALONG
from phonegrade.models.boundary_refiner import BoundaryRefiner
from phonegrade.models.export import BoundaryRefinerOutput, LocatorOutput, SegmenterOutput
from phonegrade.models.load_onnx import PREFIX, load_onnx_weights, reestimate_batch_norm
from phonegrade.models.locator import Locator
from phonegrade.models.segmenter import Segmenter

Case = tuple[str, Callable[[], nn.Module], Callable[[nn.Module], nn.Module], tuple[int, ...]]
CASES: list[Case] = [
    ("segmenter", Segmenter, SegmenterOutput, (2, 64, 96, 3)),
    ("locator", Locator, LocatorOutput, (2, 320, 320, 3)),
    ("boundary_refiner", BoundaryRefiner, BoundaryRefinerOutput, (4, ALONG, ACROSS, 3)),
]


def picture(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))


def outputs(module: nn.Module, images: Tensor) -> list[np.ndarray]:
    with torch.no_grad():
        result = module(images)
    return [one.numpy() for one in (result if isinstance(result, tuple) else (result,))]


@pytest.mark.parametrize(("name", "build", "output", "shape"), CASES)
def test_a_network_with_the_weights_of_a_file_predicts_as_the_file(
    name: str, build: Callable[[], nn.Module], output: Callable[[nn.Module], nn.Module], shape: tuple[int, ...]
) -> None:
    network, images = build(), picture(*shape)
    load_onnx_weights(network, SHIPPED / f"{name}.onnx")
    session = onnxruntime.InferenceSession(SHIPPED / f"{name}.onnx", providers=["CPUExecutionProvider"])
    expected = session.run(None, {"image": images.numpy()})
    for ours, theirs in zip(outputs(output(network).eval(), images), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    reestimate_batch_norm(network, images)
    for training in (False, True):
        for ours, theirs in zip(outputs(output(network).train(training), images), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize("content", ["another", "none", "missing"])
def test_a_file_of_another_network_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "other.onnx"
    if content == "another":
        file.write_bytes((SHIPPED / "locator.onnx").read_bytes())
    elif content == "none":
        file.write_bytes(b"no model")
    with pytest.raises(ModelFileError, match=r"other\.onnx"):
        load_onnx_weights(BoundaryRefiner(), file)


def test_one_output_for_all_views_initialises_each(tmp_path: Path) -> None:
    model = onnx.load(SHIPPED / "boundary_refiner.onnx")
    for tensor in model.graph.initializer:
        if tensor.name.startswith(f"{PREFIX}head."):
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:1], tensor.name))
    onnx.save(model, tmp_path / "one.onnx")
    refiner = BoundaryRefiner()
    load_onnx_weights(refiner, tmp_path / "one.onnx")
    (front, back, edge) = refiner.head.weight
    assert torch.equal(front, back)
    assert torch.equal(front, edge)


def test_a_block_that_was_added_since_changes_nothing(tmp_path: Path) -> None:
    model, refiner = onnx.load(SHIPPED / "boundary_refiner.onnx"), BoundaryRefiner()
    last = f"{PREFIX}blocks.{len(refiner.blocks) - 1}."
    rest = [tensor for tensor in model.graph.initializer if not tensor.name.startswith(last)]
    del model.graph.initializer[:]
    model.graph.initializer.extend(rest)
    onnx.save(model, tmp_path / "shallower.onnx")
    load_onnx_weights(refiner, tmp_path / "shallower.onnx")
    features = torch.rand(1, 32, ALONG // 4, ACROSS)
    torch.testing.assert_close(refiner.eval().blocks[-1](features), features)
