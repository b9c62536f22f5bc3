"""Service and worker killed during a trade-in over HTTP: nothing acknowledged is lost, nothing is done twice.

A short version of `python benchmarks/store_kills.py`, which kills at every write.
"""

from pathlib import Path

import pytest

from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.service.case_client import KEY, place
from phonegrade.tests.service.deal_service import PRICES
from phonegrade.tests.service.dying import Faults
from phonegrade.tests.service.killed_service import free_port, run
from phonegrade.tests.service.repeated import repeat_all

KEYS = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def kept(settings: ServiceSettings, data: str, blobs: str, folder: Path) -> ServiceSettings:
    (folder / "key").touch(0o600)
    (folder / "key").write_text(KEY, encoding="ascii")
    changed = {"data": data, "blobs": blobs, "data_key": folder / "key", "prices": PRICES, "webhook_http": True}
    return settings.model_copy(update={**changed, "webhook_private_hosts": ("127.0.0.1",)})


def test_kills_at_some_of_the_writes_lose_nothing_and_do_nothing_twice(
    kind: str, settings: ServiceSettings, tmp_path: Path
) -> None:
    with place(kind, tmp_path) as (data, blobs):
        faults = Faults(tmp_path / "deaths", tmp_path / "ends", at_writes=0.02)
        outcome = run(kept(settings, data, blobs, tmp_path), free_port(), faults)
    assert outcome.faults == ()
    assert outcome.kills >= 1


def test_a_lease_that_forgets_its_worker_is_caught(settings: ServiceSettings, tmp_path: Path) -> None:
    with place("sqlite", tmp_path) as (data, blobs):
        faults = Faults(tmp_path / "deaths", tmp_path / "ends", slow=0.5, planted=True)
        outcome = run(kept(settings, data, blobs, tmp_path), free_port(), faults)
    assert any("was ended" in fault for fault in outcome.faults), outcome


def test_a_key_that_is_sent_five_times_at_once_over_http_has_one_effect(
    kind: str, settings: ServiceSettings, tmp_path: Path
) -> None:
    with place(kind, tmp_path) as (data, blobs):
        outcome = repeat_all(kept(settings, data, blobs, tmp_path), KEYS)
    assert (outcome.effects, outcome.answers) == (KEYS, KEYS)
