"""Endpoint bias of scratches that are drawn longer or shorter than their annotation."""

from pathlib import Path

import pytest

from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.manifest import AnnotationRecord, read_manifest
from phonegrade.evaluation.truth import truths_of
from phonegrade.inference.card import EndpointBias, SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.tests.drawn import Mark
from phonegrade.tests.evaluation.drawn_set import PX_PER_MM, Drawn, true_line, write_drawn_set
from phonegrade.training.calibration.endpoint_bias import MIN_FOR_SLOPE, MIN_SAMPLES, endpoint_bias_of

Line = tuple[tuple[float, float], tuple[float, float]]


def line(number: int, longer_mm: float = 0.0) -> Line:
    """One of many beside each other, `longer_mm` longer at each end."""
    return (15.0 - longer_mm, 20.0 + 8 * number), (40.0 + longer_mm, 22.0 + 8 * number)


def bias_of(
    root: Path, models: Path, true: tuple[AnnotationRecord, ...], painted: tuple[Line, ...] | None = None
) -> EndpointBias | None:
    lines = painted or tuple(line(number) for number in range(len(true)))
    defects = tuple(Mark("scratch", each) for each in lines)
    write_drawn_set(root, (Drawn("many", Surface.FRONT, defects, true),))
    model = load_model(models / "segmenter.onnx", SegmenterCard)
    return endpoint_bias_of(model, truths_of(root, read_manifest(root)))


def test_scratches_that_are_drawn_short_extend_farther(tmp_path: Path, stub_models: Path) -> None:
    as_drawn = tuple(true_line(points=line(number)) for number in range(MIN_SAMPLES))
    faded = tuple(true_line(points=line(number, longer_mm=0.5)) for number in range(MIN_SAMPLES))
    exact, short = (bias_of(tmp_path / name, stub_models, true) for name, true in (("a", as_drawn), ("b", faded)))
    assert exact is not None
    assert short is not None
    assert exact.beyond_px - short.beyond_px == pytest.approx(0.5 * PX_PER_MM, abs=0.1)
    assert exact.error_px < 1


def test_long_scratches_that_are_drawn_shorter_extend_farther_still(tmp_path: Path, stub_models: Path) -> None:
    """Each is painted four hundredths shorter than it is: half of it at each end, and more of its mask's length."""
    true, painted = [], []
    for number in range(MIN_FOR_SLOPE):
        length, y = 12.0 + 1.2 * number, 6.0 + 4.4 * number
        true.append(true_line(points=((10.0, y), (10.0 + length, y))))
        painted.append(((10.0 + 0.02 * length, y), (10.0 + 0.98 * length, y)))
    bias = bias_of(tmp_path, stub_models, tuple(true), tuple(painted))
    assert bias is not None
    assert bias.share == pytest.approx(-0.02 / 0.96, abs=0.004)
    assert bias.error_px < 1


def test_scratches_side_by_side_have_no_one_length(tmp_path: Path, stub_models: Path) -> None:
    pairs = tuple(
        true_line(points=line(number)).model_copy(
            update={"strokes": (line(number),) * 2, "stroke_widths_mm": (0.6,) * 2}
        )
        for number in range(MIN_SAMPLES)
    )
    assert bias_of(tmp_path, stub_models, pairs) is None


def test_too_few_scratches_give_no_estimate(tmp_path: Path, stub_models: Path) -> None:
    assert bias_of(tmp_path, stub_models, (true_line(points=line(0)),)) is None
