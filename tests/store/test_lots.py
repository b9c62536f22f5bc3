"""Lots in either database: scans are append-only, and a phone that is forgotten leaves no hash in one."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from phonegrade.core.data_errors import FactConflictError, NotFoundError
from phonegrade.journeys.lot_facts import ExpectedItem, Lot, LotClosed, LotScan
from phonegrade.store.blobs import FolderBlobs
from phonegrade.store.engines import Database
from phonegrade.store.event_log import events_after
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.forget import forget_case
from phonegrade.store.lots import add_lot, add_scan, close_lot, list_lots, load_lot, lots_of_phone, number_in_lot
from phonegrade.store.state_tables import LOT_NUMBERS
from phonegrade.tests.journeys.builders import ASSET, fact_id
from phonegrade.tests.store.example import CASE, NOW, TENANT, reading, store_example

LOT = Lot(id=fact_id(800), at=NOW, by="key-1", reference="L-7", expected=(ExpectedItem(by="number"),))
SCAN = LotScan(id=fact_id(801), at=NOW, by="key-1", lot=LOT.id, asset=ASSET, outcome="received", line=0)
CLOSED = LotClosed(id=fact_id(802), at=NOW, by="key-1", lot=LOT.id, received=1, short=0, unexpected=0)
HASH = reading().hmac


@pytest.fixture
def scanned(database: Database) -> Database:
    with database.write() as connection:
        store_example(connection)
        add_lot(connection, TENANT, LOT, {0: HASH}, NOW)
        assert number_in_lot(connection, TENANT, LOT.id, HASH) == (0, False)
        add_scan(connection, TENANT, SCAN, HASH, NOW)
    return database


def test_a_lot_is_read_as_it_was_written_and_by_its_tenant_alone(scanned: Database) -> None:
    with scanned.write() as connection:
        close_lot(connection, TENANT, CLOSED, NOW)
    with scanned.read() as connection:
        assert load_lot(connection, TENANT, LOT.id) == (LOT, (SCAN,), CLOSED, ())
        assert number_in_lot(connection, TENANT, LOT.id, HASH) == (0, True)
        assert lots_of_phone(connection, TENANT, ASSET) == [SCAN]
        assert list_lots(connection, TENANT, None, 5) == [LOT]
        assert list_lots(connection, "other", None, 5) == []
        with pytest.raises(NotFoundError):
            load_lot(connection, "other", LOT.id)
    types = [one.type for one in events_after(scanned, TENANT, 0, ["phonegrade.lot.*"])]
    assert sorted(types) == [f"phonegrade.lot.{verb}.v1" for verb in ("announced", "closed", "received")]


def test_a_lot_is_closed_once_and_its_scans_stay_as_they_are(scanned: Database) -> None:
    with scanned.write() as connection:
        close_lot(connection, TENANT, CLOSED, NOW)
    again = CLOSED.model_copy(update={"id": fact_id(803)})
    with pytest.raises(FactConflictError), scanned.write() as connection:
        close_lot(connection, TENANT, again, NOW)
    with pytest.raises(FactConflictError, match="append-only"), scanned.write() as connection:
        connection.execute(delete(BY_MODEL[LotScan].table))


def test_a_phone_that_is_forgotten_leaves_no_hash_and_stays_counted(scanned: Database, tmp_path: Path) -> None:
    forget_case(scanned, FolderBlobs(tmp_path), TENANT, CASE, NOW + timedelta(days=400))
    with scanned.read() as connection:
        assert connection.execute(select(LOT_NUMBERS)).all() == []
        assert load_lot(connection, TENANT, LOT.id).scans == (SCAN,)
