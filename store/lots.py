"""Lots in the store: announced, scanned phone by phone, closed; every step a fact with its event, of one tenant."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from phonegrade.core.data_errors import NotFoundError
from phonegrade.journeys.lot_facts import Lot, LotClosed, LotItem, LotScan
from phonegrade.store.assets import ids_of
from phonegrade.store.engines import insert_if_absent
from phonegrade.store.events import append_event, event_of
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.state_tables import LOT_NUMBERS

_LOTS, _SCANS = BY_MODEL[Lot].table, BY_MODEL[LotScan].table
_ENDS, _ITEMS = BY_MODEL[LotClosed].table, BY_MODEL[LotItem].table


class StoredLot(NamedTuple):
    """A lot and everything that happened to it."""

    lot: Lot
    scans: tuple[LotScan, ...]
    """Oldest first, repeated ones too."""
    closed: LotClosed | None
    items: tuple[LotItem, ...] = ()
    """Where its phones were put away, oldest first."""


class NumberInLot(NamedTuple):
    """What a lot knows of a number."""

    line: int | None
    """The line of its list that expects it."""
    was_scanned: bool


def add_lot(connection: Connection, tenant: str, lot: Lot, numbers: dict[int, str], now: datetime) -> None:
    """Store a new lot; `numbers` are the keyed hashes of its lines by number."""
    _add(connection, tenant, lot, {"reference": lot.reference}, now)
    rows = [{"tenant": tenant, "lot_id": lot.id, "hmac": hmac, "line": line} for line, hmac in numbers.items()]
    if rows:
        connection.execute(insert(LOT_NUMBERS), rows)


def lock_lot(connection: Connection, tenant: str, lot_id: str) -> StoredLot:
    """Return a lot, and keep other writers from it until the transaction ends. Raises NotFoundError."""
    wanted = select(_LOTS.c.id).where(_LOTS.c.tenant == tenant, _LOTS.c.id == lot_id)
    connection.execute(wanted.with_for_update())
    return load_lot(connection, tenant, lot_id)


def load_lot(connection: Connection, tenant: str, lot_id: str) -> StoredLot:
    """Return a lot. Raises NotFoundError."""
    record = connection.execute(
        select(_LOTS.c.record).where(_LOTS.c.tenant == tenant, _LOTS.c.id == lot_id)
    ).scalar_one_or_none()
    if record is None:
        raise NotFoundError(f"no lot {lot_id}")
    of_lot = [
        connection.execute(
            select(table.c.record)
            .where(table.c.tenant == tenant, table.c.lot_id == lot_id)
            .order_by(table.c.at, table.c.id)
        ).scalars()
        for table in (_SCANS, _ENDS, _ITEMS)
    ]
    scans, ends, items = ([*of] for of in of_lot)
    return StoredLot(
        Lot.model_validate_json(record),
        tuple(map(LotScan.model_validate_json, scans)),
        LotClosed.model_validate_json(ends[0]) if ends else None,
        tuple(map(LotItem.model_validate_json, items)),
    )


def list_lots(connection: Connection, tenant: str, before: str | None, limit: int) -> list[Lot]:
    """Return lots, newest first; `before` is the id of the last one on the page before."""
    wanted = select(_LOTS.c.record).where(_LOTS.c.tenant == tenant)
    if before is not None:
        wanted = wanted.where(_LOTS.c.id < before)
    return [
        Lot.model_validate_json(one)
        for one in connection.execute(wanted.order_by(_LOTS.c.id.desc()).limit(limit)).scalars()
    ]


def number_in_lot(connection: Connection, tenant: str, lot_id: str, hmac: str) -> NumberInLot:
    """Return what a lot knows of a number."""
    named = (LOT_NUMBERS.c.tenant == tenant, LOT_NUMBERS.c.lot_id == lot_id, LOT_NUMBERS.c.hmac == hmac)
    row = connection.execute(select(LOT_NUMBERS.c.line, LOT_NUMBERS.c.scan_id).where(*named)).one_or_none()
    return NumberInLot(None, False) if row is None else NumberInLot(row.line, row.scan_id is not None)


def add_scan(connection: Connection, tenant: str, scan: LotScan, hmac: str | None, now: datetime) -> None:
    """Store a scan, and note the number that it read."""
    columns = {"lot_id": scan.lot, "asset_id": scan.asset, "outcome": scan.outcome, "line": scan.line}
    _add(connection, tenant, scan, columns, now)
    if hmac is None:
        return
    row = {"tenant": tenant, "lot_id": scan.lot, "hmac": hmac, "scan_id": scan.id}
    if not insert_if_absent(connection, LOT_NUMBERS, row):
        named = (LOT_NUMBERS.c.tenant == tenant, LOT_NUMBERS.c.lot_id == scan.lot, LOT_NUMBERS.c.hmac == hmac)
        unread = LOT_NUMBERS.c.scan_id.is_(None)
        connection.execute(update(LOT_NUMBERS).where(*named, unread).values(scan_id=scan.id))


def close_lot(connection: Connection, tenant: str, closed: LotClosed, now: datetime) -> None:
    """Store that nothing more of a lot is expected. Raises FactConflictError, by its constraint, the second time."""
    _add(connection, tenant, closed, {"lot_id": closed.lot}, now)


def lots_of_phone(connection: Connection, tenant: str, root: str) -> list[LotScan]:
    """Return the scans of a phone, under every id that it goes by, oldest first."""
    wanted = select(_SCANS.c.record).where(
        _SCANS.c.tenant == tenant, _SCANS.c.asset_id.in_(ids_of(connection, tenant, root))
    )
    return [
        LotScan.model_validate_json(one)
        for one in connection.execute(wanted.order_by(_SCANS.c.at, _SCANS.c.id)).scalars()
    ]


def forget_numbers(connection: Connection, tenant: str, hashes: set[str]) -> None:
    """Delete the hashes of a phone that is forgotten; what was counted stays counted."""
    connection.execute(delete(LOT_NUMBERS).where(LOT_NUMBERS.c.tenant == tenant, LOT_NUMBERS.c.hmac.in_(hashes)))


def _add(
    connection: Connection, tenant: str, fact: Lot | LotScan | LotClosed, columns: Mapping[str, object], now: datetime
) -> None:
    row = {"tenant": tenant, "id": fact.id, "at": fact.at, "recorded_by": fact.by, "visit_id": fact.visit}
    connection.execute(insert(BY_MODEL[type(fact)].table).values(**row, **columns, record=fact.model_dump_json()))
    append_event(connection, tenant, event_of(fact), None, now)
