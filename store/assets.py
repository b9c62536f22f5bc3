"""Phones: which records are of one phone, and whose number is whose.

A phone is what its first record made it. When two cases confirm one number, their phones are one from then on: the
younger's facts are read as the older's, and both cases see all of them. No fact is rewritten for that.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, insert, select, update

from phonegrade.core.data_errors import NotFoundError
from phonegrade.journeys.device_facts import Identifier
from phonegrade.store.columns import new_id
from phonegrade.store.engines import insert_if_absent
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.tables import CASES, DATA_KEYS, IDENTIFIERS, NUMBERS, PHONES
from phonegrade.store.vault import Vault

_READINGS = BY_MODEL[Identifier].table


class Confirmed(NamedTuple):
    """What a confirmed reading did."""

    root: str
    """The phone that the number is of, from now on."""
    merged: str | None = None
    """The phone that turned out to be the same, if any."""
    conflicting: str | None = None
    """The phone that holds the number already and cannot be the same, as another number of theirs differs."""


def new_asset(connection: Connection, tenant: str, now: datetime) -> str:
    """Add a phone of which nothing is known yet, and return its id."""
    asset = new_id(now)
    connection.execute(insert(PHONES).values(tenant=tenant, id=asset, root_id=asset, at=now))
    return asset


def add_asset(connection: Connection, tenant: str, asset: str, now: datetime) -> None:
    """Add a phone by its id, unless it is there."""
    insert_if_absent(connection, PHONES, {"tenant": tenant, "id": asset, "root_id": asset, "at": now})


def lock_asset(connection: Connection, tenant: str, root: str) -> None:
    """Keep other writers from a phone until the transaction ends."""
    row = select(PHONES.c.id).where(PHONES.c.tenant == tenant, PHONES.c.id == root)
    connection.execute(row.with_for_update())


def root_of(connection: Connection, tenant: str, asset: str) -> str:
    """Return the id that a phone goes by now. Raises NotFoundError."""
    statement = select(PHONES.c.root_id).where(PHONES.c.tenant == tenant, PHONES.c.id == asset)
    root = connection.execute(statement).scalar_one_or_none()
    if root is None:
        raise NotFoundError(f"no phone {asset}")
    return str(root)


def ids_of(connection: Connection, tenant: str, root: str) -> list[str]:
    """Return every id under which facts of this phone were recorded, its own first."""
    statement = select(PHONES.c.id).where(PHONES.c.tenant == tenant, PHONES.c.root_id == root)
    return sorted(connection.execute(statement).scalars(), key=lambda one: (one != root, one))


def cases_of(connection: Connection, tenant: str, root: str) -> list[str]:
    """Return the ids of a phone's cases, newest first."""
    statement = select(CASES.c.id).where(CASES.c.tenant == tenant, CASES.c.asset_id == root).order_by(CASES.c.id.desc())
    return list(connection.execute(statement).scalars())


def find_by_hash(connection: Connection, tenant: str, hmac: str) -> str | None:
    """Return the phone whose confirmed number has that keyed hash; None for a number that nobody confirmed."""
    statement = select(IDENTIFIERS.c.asset_id).where(IDENTIFIERS.c.tenant == tenant, IDENTIFIERS.c.hmac == hmac)
    assets = {root_of(connection, tenant, asset) for asset in connection.execute(statement).scalars()}
    return assets.pop() if len(assets) == 1 else None


def confirm(connection: Connection, tenant: str, reading: Identifier, now: datetime) -> Confirmed:
    """Note that a confirmed number is a phone's, and make one of two phones that turn out to be the same."""
    root = root_of(connection, tenant, reading.asset)
    kind = reading.kind.removesuffix("2")
    row = {"tenant": tenant, "kind": kind, "hmac": reading.hmac, "asset_id": root, "at": now}
    if insert_if_absent(connection, IDENTIFIERS, row):
        return Confirmed(root)
    same = and_(IDENTIFIERS.c.tenant == tenant, IDENTIFIERS.c.kind == kind, IDENTIFIERS.c.hmac == reading.hmac)
    holder = root_of(connection, tenant, connection.execute(select(IDENTIFIERS.c.asset_id).where(same)).scalar_one())
    if holder == root:
        return Confirmed(root)
    if _differ(connection, tenant, holder, root):
        return Confirmed(root, conflicting=holder)
    older, younger = sorted((holder, root))
    _merge(connection, tenant, older, younger)
    return Confirmed(older, merged=younger)


def keep_number(connection: Connection, vault: Vault, tenant: str, case: str, reading: str, number: str) -> None:
    """Store the plain number of a reading, encrypted under the key of its case."""
    insert_if_absent(connection, DATA_KEYS, {"tenant": tenant, "case_id": case, "sealed": vault.new_data_key()})
    key = select(DATA_KEYS.c.sealed).where(DATA_KEYS.c.tenant == tenant, DATA_KEYS.c.case_id == case)
    sealed = vault.seal_number(connection.execute(key).scalar_one(), number)
    insert_if_absent(connection, NUMBERS, {"tenant": tenant, "reading_id": reading, "case_id": case, "sealed": sealed})


def plain_number(connection: Connection, vault: Vault, tenant: str, reading: str) -> str:
    """Return the plain number of a reading, to look up locks and confirm. Raises NotFoundError once forgotten."""
    both = and_(DATA_KEYS.c.tenant == NUMBERS.c.tenant, DATA_KEYS.c.case_id == NUMBERS.c.case_id)
    statement = select(NUMBERS.c.sealed, DATA_KEYS.c.sealed.label("key")).join(DATA_KEYS, both)
    row = connection.execute(statement.where(NUMBERS.c.tenant == tenant, NUMBERS.c.reading_id == reading)).one_or_none()
    if row is None:
        raise NotFoundError(f"the number of reading {reading} is not stored, or was forgotten")
    return vault.unseal_number(row.key, row.sealed)


def _differ(connection: Connection, tenant: str, one: str, other: str) -> bool:
    """Return whether two phones have confirmed serial numbers, MEIDs or EIDs that differ: then they are two."""
    statement = select(IDENTIFIERS.c.kind, IDENTIFIERS.c.hmac).where(IDENTIFIERS.c.tenant == tenant)
    of = {
        asset: set(connection.execute(statement.where(IDENTIFIERS.c.asset_id.in_(ids_of(connection, tenant, asset)))))
        for asset in (one, other)
    }
    single = {"serial", "meid", "eid"}  # a phone may have two IMEIs, and any number of tags
    return any(kind in single and any(k == kind and h != hmac for k, h in of[other]) for kind, hmac in of[one])


def _merge(connection: Connection, tenant: str, older: str, younger: str) -> None:
    of_phone = and_(PHONES.c.tenant == tenant, PHONES.c.root_id == younger)
    connection.execute(update(PHONES).where(of_phone).values(root_id=older))
    of_case = and_(CASES.c.tenant == tenant, CASES.c.asset_id == younger)
    connection.execute(update(CASES).where(of_case).values(asset_id=older))
