"""The phones of stored cases as a warehouse reads them."""

from pathlib import Path

import pytest

from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.vocabulary import Surface
from phonegrade.store.blobs import blob_path, open_blobs
from phonegrade.store.engines import Database
from phonegrade.store.stock import phones_of_cases, photo_location
from phonegrade.store.store import Store
from phonegrade.tests.store.example import CASE, TENANT, VAULT, store_example


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    with database.write() as connection:
        store_example(connection)
    return Store(database, open_blobs(tmp_path.as_uri()), VAULT)


def test_a_case_is_one_phone_with_its_model_tests_and_photos(store: Store) -> None:
    (phone,) = phones_of_cases(store, TENANT)
    assert phone.case == CASE
    assert phone.device is not None
    assert sorted(surface for surface, _ in phone.photos) == sorted(Surface)
    assert phone.functional is not None
    assert FunctionalReport.model_validate_json(phone.functional).imei is None


def test_another_tenant_s_cases_are_not_there(store: Store) -> None:
    assert list(phones_of_cases(store, "another")) == []
    assert list(phones_of_cases(store, TENANT, "care")) == []


def test_a_photo_lies_where_the_store_has_put_it(tmp_path: Path) -> None:
    sha256 = open_blobs(tmp_path.as_uri()).put(TENANT, b"photo")
    assert Path(photo_location(tmp_path.as_uri(), TENANT, sha256)).read_bytes() == b"photo"
    assert photo_location("s3://bucket/cases/", TENANT, sha256) == f"s3://bucket/cases/{blob_path(TENANT, sha256)}"
