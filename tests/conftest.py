"""Fixtures that several test folders share."""

from pathlib import Path

import pytest

from phonegrade.core.functional.report import FunctionalReport, load_functional
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.stub_models import write_stub_models


@pytest.fixture(scope="session")
def stub_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the two stub models that answer by colour; see `tests/stub_models.py`."""
    folder = tmp_path_factory.mktemp("models")
    write_stub_models(folder)
    return folder


@pytest.fixture(scope="session")
def inspector(stub_models: Path) -> Inspector:
    return Inspector.load(stub_models)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output of `phonegrade train --config configs/training/tiny.yaml`, about a minute on two free cores."""
    from phonegrade.training.run import train

    out = tmp_path_factory.mktemp("tiny")
    train(Path(__file__).parents[1] / "configs" / "training" / "tiny.yaml", out)
    return out


@pytest.fixture(scope="session")
def tests() -> FunctionalReport:
    file = Path(__file__).parents[1] / "samples" / "functional.json"
    return load_functional(file.read_bytes(), file.name)
