"""The benchmark of session settings: measures the ones that are shipped."""

from pathlib import Path

import pytest

from phonegrade.benchmarks.session import OTHERS, SHIPPED, picture_shape, timed
from phonegrade.inference.card import LocatorCard
from phonegrade.inference.session import load_model


def test_its_shipped_settings_are_those_of_the_product(stub_models: Path) -> None:
    file = stub_models / "locator.onnx"
    ours = load_model(file, LocatorCard).session.get_session_options()
    reported = SHIPPED.open(file, picture_shape(file)).get_session_options()
    for name in (
        "intra_op_num_threads",
        "inter_op_num_threads",
        "enable_cpu_mem_arena",
        "enable_mem_pattern",
        "execution_mode",
        "graph_optimization_level",
    ):
        assert getattr(reported, name) == getattr(ours, name)
    entry = "session.intra_op.allow_spinning"
    assert reported.get_session_config_entry(entry) == ours.get_session_config_entry(entry)


@pytest.mark.parametrize("task", ["locator", "boundary_refiner", "segmenter"])
def test_every_setting_runs_as_often_as_asked(stub_models: Path, task: str) -> None:
    file = stub_models / f"{task}.onnx"
    ms = timed(file, picture_shape(file), 1)
    assert set(ms) == {"shipped", *OTHERS}
    assert all(len(times) == 1 and min(times[0]) >= 0 for times in ms.values())
