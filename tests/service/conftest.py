"""What the tests of the service share: settings with the stub models, and one service for those that need no own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from phonegrade.core.vocabulary import Surface
from phonegrade.serve import create_app
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos


@pytest.fixture(scope="session")
def settings(stub_models: Path, tmp_path_factory: pytest.TempPathFactory) -> ServiceSettings:
    photo = tmp_path_factory.mktemp("ready") / "front.jpg"
    photo.write_bytes(device_photos()[Surface.FRONT])
    return ServiceSettings(models_dir=stub_models, trusted_keys=(), ready_photo=photo, workers=1)


@pytest.fixture(scope="module")
def client(settings: ServiceSettings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as running:
        yield running
