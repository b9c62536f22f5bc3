"""Fixtures that several test folders share."""

from pathlib import Path

import pytest

from phonegrade.core.functional.report import FunctionalReport, load_functional
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.stub_models import write_stub_models


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run a file's tests, and one all that need the trained run, first: so fixtures are built once."""
    needs_run = {item.path for item in items if "tiny_run" in getattr(item, "fixturenames", ())}
    for item in items:
        item.add_marker(pytest.mark.xdist_group("tiny_run" if item.path in needs_run else str(item.path)))
    items.sort(key=lambda item: item.path not in needs_run)


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
