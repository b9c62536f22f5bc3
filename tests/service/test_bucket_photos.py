"""Photos in a bucket: a worker inspects what it reads there; a bucket that does not answer loses nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from phonegrade.core.vocabulary import Surface
from phonegrade.service import inspections
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.store import jobs
from phonegrade.tests.drawn_device import device_photos, empty_table
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.service.test_case_photos import awaited, sent
from phonegrade.tests.store.s3_server import BUCKET, S3Server, running_s3


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with running_s3() as running:
        yield running


@pytest.fixture
def served(settings: ServiceSettings, tmp_path: Path, s3: S3Server) -> Iterator[tuple[FastAPI, CaseClient]]:
    with case_service(settings, tmp_path, role("app", Scope.APP), blobs=f"s3://{BUCKET}") as (app, [client]):
        yield app, client


def test_photos_come_from_the_bucket_and_wait_for_it(served: tuple[FastAPI, CaseClient], s3: S3Server) -> None:
    _, client = served
    case = client.opened()
    first = sent(client, case, device_photos()[Surface.FRONT], surface="front").json()
    assert awaited(client, first["photo"])["state"] == "inspected"
    assert client.get(f"/v1/photos/{first['photo']}/image").status_code == 200
    s3.stop()
    try:
        refused = sent(client, case, empty_table(), "once", surface="back")
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert int(refused.headers["retry-after"]) > 0
        picture = client.get(f"/v1/photos/{first['photo']}/image")
        assert (picture.status_code, picture.json()["code"]) == (503, "busy")
    finally:
        s3.start()
    again = sent(client, case, empty_table(), "once", surface="back")
    assert (again.status_code, again.json()["known"]) == (202, False)
    assert client.get(f"/v1/photos/{first['photo']}/image").status_code == 200


def test_a_job_that_cannot_reach_its_photo_waits_without_using_up_its_attempts(
    served: tuple[FastAPI, CaseClient], s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, client = served
    monkeypatch.setattr(jobs, "POSTPONED_S", 0.1)
    monkeypatch.setattr(inspections, "IDLE_S", 0.05)
    real, down = app.state.parts.cases.store.blobs.get, [True] * (jobs.MAX_ATTEMPTS + 1)

    def get(tenant: str, sha256: str) -> bytes:
        if down:
            down.pop()
            s3.stop()
            try:
                return bytes(real(tenant, sha256))
            finally:
                s3.start()
        return bytes(real(tenant, sha256))

    monkeypatch.setattr(app.state.parts.cases.store.blobs, "get", get)
    photo = sent(client, client.opened(), device_photos()[Surface.FRONT], surface="front").json()["photo"]
    assert awaited(client, photo)["state"] == "inspected"
    assert not down, "it was tried more often than a photo that is at fault would be"
    with app.state.parts.cases.store.database.read() as connection:
        assert connection.execute(jobs.JOBS.select()).one().attempts == 1
