"""The mean of two segmenters' weights."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from phonegrade.configs.errors import ExportError
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.models.average import average
from phonegrade.models.seal import save_with_card


def weights(file: Path) -> dict[str, NDArray[np.float32]]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(file).graph.initializer}


def learnt_on(file: Path, out: Path, by: float) -> Path:
    """A segmenter whose float weights are `by` larger than those of `file`, and its scratch threshold .1."""
    model, card = onnx.load(file), load_model(file, SegmenterCard).card
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(values + np.float32(by), tensor.name))
    thresholds = {name: told + 0.1 * (name == "scratch") for name, told in card.mask_threshold.items()}
    save_with_card(model, card.model_copy(update={"mask_threshold": thresholds}), out)
    return out


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_weights_and_thresholds_lie_between_those_of_both(stub_models: Path, tmp_path: Path, share: float) -> None:
    earlier = stub_models / "segmenter.onnx"
    later = learnt_on(earlier, tmp_path / "later.onnx", by=0.5)
    card = average(earlier, later, tmp_path / "new" / "mean.onnx", share)
    before, mean = weights(earlier), weights(tmp_path / "new" / "mean.onnx")
    for name, values in before.items():
        expected = values + 0.5 * share if values.dtype == np.float32 else values
        assert mean[name] == pytest.approx(expected, abs=1e-6)
    first = load_model(earlier, SegmenterCard)
    assert card.mask_threshold["scratch"] == pytest.approx(first.card.mask_threshold["scratch"] + 0.1 * share)
    assert card.mask_threshold["crack"] == pytest.approx(first.card.mask_threshold["crack"])
    assert card == load_model(tmp_path / "new" / "mean.onnx", SegmenterCard).card


def test_the_card_names_both_files_and_their_shares(stub_models: Path, tmp_path: Path) -> None:
    earlier = stub_models / "segmenter.onnx"
    later = learnt_on(earlier, tmp_path / "later.onnx", by=0.5)
    card = average(earlier, later, tmp_path / "mean.onnx", 0.25)
    files = (load_model(file, SegmenterCard).sha256 for file in (earlier, later))
    assert card.provenance.mean_of == dict(zip(files, (0.75, 0.25), strict=True))


def test_another_network_is_refused_by_the_tensor_that_differs(stub_models: Path, tmp_path: Path) -> None:
    earlier, other = stub_models / "segmenter.onnx", tmp_path / "other.onnx"
    model = onnx.load(earlier)
    model.graph.initializer[0].name, renamed = "of_another_network", model.graph.initializer[0].name
    for node in model.graph.node:
        node.input[:] = ["of_another_network" if name == renamed else name for name in node.input]
    save_with_card(model, load_model(earlier, SegmenterCard).card, other)
    with pytest.raises(ExportError, match="of_another_network"):
        average(earlier, other, tmp_path / "mean.onnx")
    assert not (tmp_path / "mean.onnx").exists()
