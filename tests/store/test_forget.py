"""Forgetting: nothing of a person is left anywhere in the data folder, and the audit still stands."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from phonegrade.core.data_errors import FactConflictError, NotFoundError
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.device_facts import ErasureCertificate, Identifier
from phonegrade.journeys.evidence_facts import Complaint, StoredPhoto
from phonegrade.store.assets import find_by_hash, plain_number
from phonegrade.store.blobs import Blobs, FolderBlobs, put_photo
from phonegrade.store.case_search import search_cases
from phonegrade.store.cases import add_facts, load_case, open_case
from phonegrade.store.columns import METADATA
from phonegrade.store.engines import Database
from phonegrade.store.event_log import events_after
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.forget import GONE, forget_case
from phonegrade.store.principals import add_principal, find_principal
from phonegrade.store.records import note_sent, stored_of
from phonegrade.tests.inference.test_metadata import photo as photo_bytes
from phonegrade.tests.journeys import builders
from phonegrade.tests.journeys.builders import fact_id
from phonegrade.tests.store.example import (
    CASE,
    CUSTOMER,
    NOW,
    NUMBER,
    TENANT,
    TEXT,
    VAULT,
    example_case,
    reading,
    store_example,
)

OTHER_CASE = fact_id(901)
LATER = NOW + timedelta(days=400)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture
def photo(database: Database, blobs: Blobs) -> StoredPhoto:
    """The case with one photo that is really there."""
    stored = put_photo(blobs, TENANT, photo_bytes("JPEG"))
    plain = builders.photo(Surface.FRONT, number=801)
    kept = plain.model_copy(update={"sha256": stored.sha256, "size_bytes": stored.size_bytes})
    with database.write() as connection:
        store_example(connection)
        add_facts(connection, VAULT, TENANT, CASE, [kept], NOW)
        note_sent(connection, TENANT, stored, NOW)
    return kept


def everything(database: Database) -> str:
    """Every row of every table as text."""
    with database.read() as connection:
        return "\n".join(str(row) for table in METADATA.sorted_tables for row in connection.execute(select(table)))


def other_case(database: Database, *facts: object) -> None:
    with database.write() as connection:
        open_case(connection, TENANT, example_case().model_copy(update={"id": OTHER_CASE}), NOW)
        add_facts(connection, VAULT, TENANT, OTHER_CASE, facts, NOW)  # type: ignore[arg-type]


def test_nothing_of_the_person_is_left_and_the_audit_stands(
    database: Database, blobs: Blobs, photo: StoredPhoto
) -> None:
    planted = (TEXT, CUSTOMER, reading().hmac, NUMBER.replace("-", ""), 'last4":"1481')
    assert all(one in everything(database) for one in planted[:3])
    with database.read() as connection:
        before = load_case(connection, TENANT, CASE)
    gone = forget_case(database, blobs, TENANT, CASE, LATER)
    assert gone.phone
    left = everything(database)
    assert [one for one in planted if one in left] == []
    with pytest.raises(NotFoundError):
        blobs.get(TENANT, photo.sha256)
    with database.read() as connection:
        after = load_case(connection, TENANT, CASE)
        assert stored_of(connection, TENANT, photo.sha256) is None
        assert find_by_hash(connection, TENANT, reading().hmac) is None
        assert search_cases(connection, TENANT) == []
        with pytest.raises(NotFoundError):
            plain_number(connection, VAULT, TENANT, fact_id(21))
    trace = [(type(fact), fact.id, fact.at, fact.by) for fact in before.facts.facts]
    assert [(type(fact), fact.id, fact.at, fact.by) for fact in after.facts.facts] == trace
    assert {one.state for one in after.facts.every(StoredPhoto)} == {"erased"}
    assert after.facts.every(Complaint)[0].text == GONE
    certificate, number = after.facts.latest(ErasureCertificate), after.facts.latest(Identifier)
    assert certificate is not None
    assert number is not None
    assert certificate.identifier_hmac == number.hmac != reading().hmac
    assert events_after(database, TENANT, 0)[-1].type == "phonegrade.case.forgotten.v1"


def test_what_another_case_needs_stays(database: Database, blobs: Blobs, photo: StoredPhoto) -> None:
    again = photo.model_copy(update={"id": fact_id(802), "case": OTHER_CASE, "visit": None})
    known = reading().model_copy(update={"asset": fact_id(902), "id": fact_id(921), "visit": None})
    other_case(database, again, known)
    assert not forget_case(database, blobs, TENANT, CASE, LATER).phone
    assert blobs.get(TENANT, photo.sha256)
    with database.read() as connection:
        assert find_by_hash(connection, TENANT, reading().hmac) == builders.ASSET
        assert load_case(connection, TENANT, OTHER_CASE).facts.every(Identifier)[0].hmac == reading().hmac
    assert forget_case(database, blobs, TENANT, OTHER_CASE, LATER).phone
    assert reading().hmac not in everything(database)
    with pytest.raises(NotFoundError):
        blobs.get(TENANT, photo.sha256)


def test_a_forgotten_case_takes_nothing_new_and_its_links_do_not_count(
    database: Database, blobs: Blobs, photo: StoredPhoto
) -> None:
    with database.write() as connection:
        link = add_principal(connection, TENANT, "customer", ("app",), NOW, case=CASE)
    forget_case(database, blobs, TENANT, CASE, LATER)
    with database.write() as connection:
        assert find_principal(connection, link.text, LATER) is None
    with pytest.raises(FactConflictError, match="forgotten"), database.write() as connection:
        add_facts(connection, VAULT, TENANT, CASE, [builders.moved("sold", 90, 72)], LATER)


def test_files_that_were_left_by_a_crash_go_the_second_time(
    database: Database, blobs: Blobs, photo: StoredPhoto, tmp_path: Path
) -> None:
    class Crashing(FolderBlobs):
        def delete(self, tenant: str, sha256: str) -> None:
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        forget_case(database, Crashing(tmp_path / "blobs"), TENANT, CASE, LATER)
    assert blobs.get(TENANT, photo.sha256)
    forget_case(database, blobs, TENANT, CASE, LATER)
    with pytest.raises(NotFoundError):
        blobs.get(TENANT, photo.sha256)


def test_only_forgotten_facts_may_be_changed(database: Database, blobs: Blobs, photo: StoredPhoto) -> None:
    complaints = BY_MODEL[Complaint].table
    with pytest.raises(FactConflictError, match="append-only"), database.write() as connection:
        connection.execute(update(complaints).values(record="{}"))
    with pytest.raises(NotFoundError):
        forget_case(database, blobs, "other", CASE, LATER)
