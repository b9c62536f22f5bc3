"""The benchmark of runtimes: takes turns, and compares like with like."""

from pathlib import Path

import pytest

from phonegrade.benchmarks.runtime import in_turns, lines, moved, sessions_of, surface_of
from phonegrade.inference.openvino_session import best_precision


def test_contenders_take_turns_and_the_first_turn_does_not_count() -> None:
    order: list[str] = []
    work = {name: lambda name=name: order.append(name) for name in ("onnxruntime", "other")}
    turns = in_turns(work, 2, 1)
    assert order == ["onnxruntime", "other"] * 3
    assert {name: len(ms) for name, ms in turns.items()} == {"onnxruntime": 2, "other": 2}


def test_ratios_are_of_the_same_turn() -> None:
    first, second = lines({"onnxruntime": [10.0, 1000.0, 20.0], "other": [5.0, 500.0, 10.0]})
    assert first.split() == ["onnxruntime", "20.0", "1.00", "1.00", "to", "1.00"]
    assert second.split() == ["other", "10.0", "0.50", "0.50", "to", "0.50"]


def test_every_precision_of_the_processor_is_compared_on_the_same_surface(stub_models: Path) -> None:
    file = stub_models / "segmenter.onnx"
    sessions = sessions_of(file, 1)
    assert set(sessions) == {"onnxruntime", "openvino f32", f"openvino {best_precision()}"}
    image = surface_of(file, Path(__file__).parents[2] / "samples")
    differences = moved(sessions, image)
    assert differences["onnxruntime"] == (0.0, 0.0)
    assert differences["openvino f32"][1] == pytest.approx(0.0, abs=1e-3)
