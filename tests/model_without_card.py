"""A models folder whose segmenter lost its card."""

from pathlib import Path

import onnx

from phonegrade.tests.stub_models import write_stub_models


def write_models_without_card(folder: Path) -> None:
    """Writes both stub models, the segmenter without metadata."""
    write_stub_models(folder)
    model = onnx.load(folder / "segmenter.onnx")
    del model.metadata_props[:]
    onnx.save_model(model, folder / "segmenter.onnx")
