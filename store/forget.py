"""Forgetting a case: its numbers' key, its photos and its free texts go; what was decided, and why, stays.

What stays is the audit: facts with their times and who recorded them, grades, offers, custody, certificates, events. A
phone's numbers go with its last case; the keyed hashes that its facts hold are replaced by others, alike where they
were alike, so that a certificate still matches its phone and no number can be tried against them.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, select, update

from phonegrade.core.data_errors import NotFoundError
from phonegrade.journeys.deal_facts import OfferOutcome, QuoteEvent
from phonegrade.journeys.device_facts import ErasureCertificate, Holding, Identifier
from phonegrade.journeys.evidence_facts import Complaint, Dispute, Review, StoredPhoto, TestRun
from phonegrade.journeys.fact import Fact
from phonegrade.journeys.facts import Case
from phonegrade.store.assets import cases_of, ids_of, lock_asset
from phonegrade.store.blobs import Blobs
from phonegrade.store.cases import note_events
from phonegrade.store.engines import Database
from phonegrade.store.events import EventDraft
from phonegrade.store.fact_tables import BY_MODEL, FACT_TABLES, FactTable
from phonegrade.store.files import ask_to_delete, delete_files
from phonegrade.store.lots import forget_numbers
from phonegrade.store.standing_counts import drop_state
from phonegrade.store.tables import CASES, DATA_KEYS, IDENTIFIERS, INSPECTIONS, NUMBERS, PHONES, PRINCIPALS, SENT_PHOTOS

GONE = "(forgotten)"
_PHOTOS = BY_MODEL[StoredPhoto].table
_CERTIFICATES = BY_MODEL[ErasureCertificate].table


class Forgotten(NamedTuple):
    """What went."""

    files: int
    """Photos and documents that were deleted; those that another case has too stay."""
    phone: bool
    """Whether the phone's numbers went too: no other case is of it."""


def forget_case(database: Database, blobs: Blobs, tenant: str, case_id: str, now: datetime) -> Forgotten:
    """Forget a case; one that is forgotten already is forgotten again, in case its files were not all deleted.

    Raises NotFoundError. Backups hold what they hold: they are to be deleted by their own age.
    """
    with database.write() as connection:
        row = connection.execute(select(CASES).where(_named(tenant, case_id)).with_for_update()).one_or_none()
        if row is None:
            raise NotFoundError(f"no case {case_id}")
        phone = row.asset_id is not None and _is_last(connection, tenant, row.asset_id, case_id)
        files = _files(connection, tenant, case_id, row.asset_id if phone else None)
        if row.forgotten_at is None:
            note_events(connection, tenant, case_id, [EventDraft("case.forgotten", {"phone": phone}, now)], now)
            _forget_rows(connection, tenant, case_id, now)
            if phone:
                _forget_phone(connection, tenant, row.asset_id, now)
        ask_to_delete(connection, tenant, files, now)
    deleted = delete_files(database, blobs, tenant)
    return Forgotten(len({sha256 for _, sha256 in deleted}), phone)


def _named(tenant: str, case_id: str) -> Any:  # noqa: ANN401  a condition
    return and_(CASES.c.tenant == tenant, CASES.c.id == case_id)


def _is_last(connection: Connection, tenant: str, asset: str, case_id: str) -> bool:
    """Return whether no other case of a phone is remembered."""
    lock_asset(connection, tenant, asset)
    others = [one for one in cases_of(connection, tenant, asset) if one != case_id]
    live = select(CASES.c.id).where(CASES.c.tenant == tenant, CASES.c.id.in_(others), CASES.c.forgotten_at.is_(None))
    return connection.execute(live.limit(1)).scalar() is None


def _files(connection: Connection, tenant: str, case_id: str, asset: str | None) -> list[str]:
    """Return the hashes of a case's photos, and of its phone's documents."""
    own = select(_PHOTOS.c.sha256).where(_PHOTOS.c.tenant == tenant, _PHOTOS.c.case_id == case_id)
    hashes = set(connection.execute(own).scalars())
    if asset is not None:
        of_phone = select(_CERTIFICATES.c.document).where(
            _CERTIFICATES.c.tenant == tenant,
            _CERTIFICATES.c.asset_id.in_(ids_of(connection, tenant, asset)),
            _CERTIFICATES.c.document.is_not(None),
        )
        hashes |= set(connection.execute(of_phone).scalars())
    return sorted(hashes)


def _unshared(connection: Connection, tenant: str, case_id: str) -> list[str]:
    """Return the hashes of a case's photos that no other case has."""
    hashes = set(_files(connection, tenant, case_id, None))
    live = select(CASES.c.id).where(CASES.c.tenant == tenant, CASES.c.forgotten_at.is_(None), CASES.c.id != case_id)
    others = select(_PHOTOS.c.sha256).where(
        _PHOTOS.c.tenant == tenant, _PHOTOS.c.sha256.in_(hashes), _PHOTOS.c.case_id.in_(live)
    )
    return sorted(hashes - set(connection.execute(others).scalars()))


def _forget_rows(connection: Connection, tenant: str, case_id: str, now: datetime) -> None:
    row = connection.execute(select(CASES).where(_named(tenant, case_id))).one()
    record = Case.model_validate_json(row.record).model_copy(update={"customer_ref": None, "correlation_id": None})
    values = {"forgotten_at": now, "customer_ref": None, "record": record.model_dump_json()}
    connection.execute(update(CASES).where(_named(tenant, case_id)).values(**values))
    drop_state(connection, tenant, case_id, now)
    for table in (NUMBERS, DATA_KEYS):
        connection.execute(delete(table).where(table.c.tenant == tenant, table.c.case_id == case_id))
    links = and_(PRINCIPALS.c.tenant == tenant, PRINCIPALS.c.case_id == case_id, PRINCIPALS.c.revoked_at.is_(None))
    connection.execute(update(PRINCIPALS).where(links).values(revoked_at=now))
    hashes = _unshared(connection, tenant, case_id)
    for table, column in ((SENT_PHOTOS, "sha256"), (INSPECTIONS, "photo_sha256")):
        connection.execute(delete(table).where(table.c.tenant == tenant, table.c[column].in_(hashes)))
    for kept in FACT_TABLES:
        if kept.owner == "case":
            _redact(connection, tenant, kept, kept.table.c.case_id == case_id, b"")


def _forget_phone(connection: Connection, tenant: str, asset: str, now: datetime) -> None:
    ids = ids_of(connection, tenant, asset)
    connection.execute(update(PHONES).where(PHONES.c.tenant == tenant, PHONES.c.id.in_(ids)).values(forgotten_at=now))
    connection.execute(delete(IDENTIFIERS).where(IDENTIFIERS.c.tenant == tenant, IDENTIFIERS.c.asset_id.in_(ids)))
    forget_numbers(connection, tenant, _hashes(connection, tenant, ids))
    key = secrets.token_bytes(32)  # kept nowhere
    for kept in FACT_TABLES:
        if kept.owner == "asset":
            _redact(connection, tenant, kept, kept.table.c.asset_id.in_(ids), key)


def _hashes(connection: Connection, tenant: str, ids: list[str]) -> set[str]:
    readings = BY_MODEL[Identifier].table
    wanted = select(readings.c.hmac).where(readings.c.tenant == tenant, readings.c.asset_id.in_(ids))
    return set(connection.execute(wanted).scalars())


def _redact(connection: Connection, tenant: str, kept: FactTable, condition: Any, key: bytes) -> None:  # noqa: ANN401
    table = kept.table
    rows = connection.execute(select(table.c.id, table.c.record).where(table.c.tenant == tenant, condition))
    for fact_id, record in rows.all():
        before = kept.model.model_validate_json(record)
        after = redacted(before, key)
        if after != before:
            values = {column: getattr(after, member) for column, member in kept.copied.items()}
            values["record"] = after.model_dump_json()
            connection.execute(update(table).where(table.c.tenant == tenant, table.c.id == fact_id).values(**values))


def redacted(fact: Fact, key: bytes) -> Fact:
    """Return a fact without what a person wrote, and without what leads to a number; `key` makes the other hashes."""
    match fact:
        case StoredPhoto():
            return fact.model_copy(update={"state": "erased"})
        case Complaint() if fact.text is not None:
            return fact.model_copy(update={"text": GONE})
        case Dispute():
            return fact.model_copy(update={"text": GONE})
        case QuoteEvent() | OfferOutcome() | Review() if fact.why is not None:
            return fact.model_copy(update={"why": GONE})
        case TestRun():
            return fact.model_copy(update={"why_not": dict.fromkeys(fact.why_not, GONE)})
        case Identifier():
            other = {"hmac": _other_hash(fact.hmac, key), "last4": "0000", "tac": None}
            return fact.model_copy(update=other)
        case ErasureCertificate():
            return fact.model_copy(update={"identifier_hmac": _other_hash(fact.identifier_hmac, key), "document": None})
        case Holding():
            nothing: dict[str, Any] = {
                "owned_since": None,
                "activated_on": None,
                "warranty_until": None,
                "eligible": {},
            }
            return fact.model_copy(update={**nothing, "cover": "unknown"})
        case _:
            return fact


def _other_hash(hashed: str, key: bytes) -> str:
    return hmac.new(key, hashed.encode("ascii"), hashlib.sha256).hexdigest()
