"""Fixtures that several test folders share."""

from pathlib import Path

import pytest

from phonegrade.tests.stub_models import write_stub_models


@pytest.fixture(scope="session")
def stub_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the two stub models that answer by colour; see `tests/stub_models.py`."""
    folder = tmp_path_factory.mktemp("models")
    write_stub_models(folder)
    return folder
