"""From an exported file back to a network that learns on: it answers the same, in training too."""

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
from phonegrade.models.load_onnx import PREFIX, restore, settle
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


def answers(module: nn.Module, images: Tensor) -> list[np.ndarray]:
    with torch.no_grad():
        told = module(images)
    return [one.numpy() for one in (told if isinstance(told, tuple) else (told,))]


@pytest.mark.parametrize(("name", "build", "output", "shape"), CASES)
def test_a_restored_network_answers_as_its_file(
    name: str, build: Callable[[], nn.Module], output: Callable[[nn.Module], nn.Module], shape: tuple[int, ...]
) -> None:
    network, images = build(), picture(*shape)
    restore(network, SHIPPED / f"{name}.onnx")
    session = onnxruntime.InferenceSession(SHIPPED / f"{name}.onnx", providers=["CPUExecutionProvider"])
    expected = session.run(None, {"image": images.numpy()})
    for ours, theirs in zip(answers(output(network).eval(), images), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    settle(network, images)
    for training in (False, True):
        for ours, theirs in zip(answers(output(network).train(training), images), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize("content", ["another", "none", "missing"])
def test_a_file_of_another_network_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "other.onnx"
    if content == "another":
        file.write_bytes((SHIPPED / "locator.onnx").read_bytes())
    elif content == "none":
        file.write_bytes(b"no model")
    with pytest.raises(ModelFileError, match=r"other\.onnx"):
        restore(BoundaryRefiner(), file)


def test_one_answer_for_all_views_becomes_the_first_answer_of_each(tmp_path: Path) -> None:
    model = onnx.load(SHIPPED / "boundary_refiner.onnx")
    for held in model.graph.initializer:
        if held.name.startswith(f"{PREFIX}head."):
            held.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(held)[:1], held.name))
    onnx.save(model, tmp_path / "one.onnx")
    finder = BoundaryRefiner()
    restore(finder, tmp_path / "one.onnx")
    (front, back, edge) = finder.head.weight
    assert torch.equal(front, back)
    assert torch.equal(front, edge)


def test_a_block_that_came_to_the_network_since_changes_nothing(tmp_path: Path) -> None:
    model, finder = onnx.load(SHIPPED / "boundary_refiner.onnx"), BoundaryRefiner()
    last = f"{PREFIX}blocks.{len(finder.blocks) - 1}."
    kept = [held for held in model.graph.initializer if not held.name.startswith(last)]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    onnx.save(model, tmp_path / "shallower.onnx")
    restore(finder, tmp_path / "shallower.onnx")
    features = torch.rand(1, 32, ALONG // 4, ACROSS)
    torch.testing.assert_close(finder.eval().blocks[-1](features), features)
