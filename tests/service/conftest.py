"""The stub models' inspector and the sample's functional tests."""

from pathlib import Path

import pytest

from phonegrade.configs.functional import FunctionalReport, load_functional
from phonegrade.inference.inspector import Inspector


@pytest.fixture(scope="module")
def inspector(stub_models: Path) -> Inspector:
    return Inspector.load(stub_models)


@pytest.fixture(scope="module")
def tests() -> FunctionalReport:
    file = Path(__file__).parents[2] / "samples" / "functional.json"
    return load_functional(file.read_bytes(), file.name)
