"""Cases: open one, add facts to it, read it whole, list them.

Every change of a case counts its `version` up, and with it that of every case of the same phone: whoever changes what
they read earlier names the version they read, and is refused where it is no longer the current one. All functions take
the caller's connection, so that several changes, their events and an answer may be one transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from phonegrade.core.data_errors import FactConflictError, NotFoundError, StaleVersionError
from phonegrade.journeys.device_facts import Asset, Identifier
from phonegrade.journeys.fact import AssetFact, CaseFact
from phonegrade.journeys.facts import AnyFact, Case, CaseFacts
from phonegrade.store.assets import add_asset, cases_of, confirm, keep_number, lock_asset, root_of
from phonegrade.store.engines import changed_cases, insert_if_absent
from phonegrade.store.events import CloudEvent, EventDraft, EventPlace, append_event, event_of
from phonegrade.store.fact_tables import BY_MODEL, FACT_TABLES
from phonegrade.store.reading import load_facts
from phonegrade.store.state_tables import CASE_STATES
from phonegrade.store.tables import CASES
from phonegrade.store.tallies import add_tallies, tallies_of
from phonegrade.store.vault import Vault

_SAME = {"photo": ("sha256",), "inspected": ("photo_sha256", "fingerprint")}
"""Kinds of fact of which a second one that says the same is answered with the first."""
_FOLLOWED_LATER = ("photo.stored", "photo.inspected", "photo.refused")
"""Photos come many at a time: what they change is worked out within a second, and not with each of them."""
_ORDER = {one.model: index for index, one in enumerate(FACT_TABLES)}


class StoredCase(NamedTuple):
    """A case as it was read: its facts, and the version that a change of it names."""

    facts: CaseFacts
    version: int


@dataclass(frozen=True)
class Added:
    """What came of facts that were sent."""

    version: int
    events: tuple[CloudEvent, ...]
    known: dict[str, str] = field(default_factory=dict)
    """Ids of facts that the case had already, by the id that they were sent with."""


def open_case(connection: Connection, tenant: str, case: Case, now: datetime) -> Added:
    """Store a new case, with its phone where it names one. Raises FactConflictError where the id is taken."""
    asset = None
    if case.asset is not None:
        add_asset(connection, tenant, case.asset, now)
        asset = root_of(connection, tenant, case.asset)
    row = {
        "tenant": tenant,
        "id": case.id,
        "journey": case.journey,
        "channel": case.channel,
        "asset_id": asset,
        "customer_ref": case.customer_ref,
        "at": case.at,
        "expires_at": case.expires_at,
        "version": 1,
        "sequence": 1,
        "record": case.model_dump_json(),
    }
    connection.execute(insert(CASES).values(**row))
    connection.execute(insert(CASE_STATES).values(tenant=tenant, case_id=case.id, **_first_state(case)))
    changed_cases(connection)[tenant, case.id] = now
    event = append_event(connection, tenant, event_of(case), EventPlace(case.id, 1, case.correlation_id), now)
    return Added(1, (event,))


def add_facts(
    connection: Connection,
    vault: Vault,
    tenant: str,
    case_id: str,
    facts: Iterable[AnyFact],
    now: datetime,
    *,
    version: int | None = None,
    numbers: Mapping[str, str] | None = None,
) -> Added:
    """Add facts to a case, each with its event, all or none; facts that the case has already change nothing.

    `version` is the one that the caller read; None where the fact stands whatever else has happened, such as a photo.
    `numbers` holds the plain numbers of identifiers, by the fact's id. Raises NotFoundError, StaleVersionError, and
    FactConflictError for what cannot stand beside the rest, such as a quote's second acceptance.
    """
    row = _lock(connection, tenant, case_id, version)
    known: dict[str, str] = {}
    drafts: list[EventDraft] = []
    asset: str | None = row.asset_id
    for fact in sorted(facts, key=lambda one: _ORDER[type(one)]):
        if isinstance(fact, CaseFact) and fact.case != case_id:
            raise FactConflictError(f"fact {fact.id} is of case {fact.case}, not of {case_id}")
        if isinstance(fact, Asset | AssetFact):
            asset = _of_phone(connection, tenant, case_id, asset, fact, now)
        before = _insert(connection, tenant, fact)
        if before is not None:
            known[fact.id] = before
            continue
        drafts.append(event_of(fact))
        add_tallies(connection, tenant, tallies_of(fact), now)
        if isinstance(fact, Identifier):
            if numbers and fact.id in numbers:
                keep_number(connection, vault, tenant, case_id, fact.id, numbers[fact.id])
            drafts += _identified(connection, tenant, fact, now)
    return _changed(connection, tenant, case_id, drafts, known, now)


def lock_case(connection: Connection, tenant: str, case_id: str) -> Case | None:
    """Return a case, kept from other writers until the transaction ends; None for one that is forgotten."""
    try:
        return case_of(_lock(connection, tenant, case_id, None))
    except FactConflictError:
        return None


def note_events(
    connection: Connection, tenant: str, case_id: str, drafts: Sequence[EventDraft], now: datetime
) -> tuple[CloudEvent, ...]:
    """Write events of a locked case that no fact leads to, such as `resale.ready`; its version stays as it is."""
    if not drafts:
        return ()
    row = connection.execute(select(CASES).where(_named(tenant, case_id))).one()
    connection.execute(update(CASES).where(_named(tenant, case_id)).values(sequence=row.sequence + len(drafts)))
    correlation = case_of(row).correlation_id
    return tuple(
        append_event(connection, tenant, draft, EventPlace(case_id, row.sequence + index, correlation), now)
        for index, draft in enumerate(drafts, 1)
    )


def load_case(connection: Connection, tenant: str, case_id: str) -> StoredCase:
    """Return a case with all its facts and its phone's, in one state. Raises NotFoundError."""
    row = connection.execute(select(CASES).where(_named(tenant, case_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"no case {case_id}")
    case = case_of(row)
    return StoredCase(load_facts(connection, tenant, case), row.version)


def _first_state(case: Case) -> dict[str, Any]:
    """Return the row of a case that nobody has worked out yet."""
    axes = {"evidence": "empty", "deal": "none", "custody": "customer", "outcome": "waiting", "resale": "blocked"}
    own = {"journey": case.journey, "channel": case.channel, "ending": "open", "step": None, "step_at": case.at}
    return {**own, **axes, "stale": True}


def _named(tenant: str, case_id: str) -> ColumnElement[bool]:
    return and_(CASES.c.tenant == tenant, CASES.c.id == case_id)


def case_of(row: Row[Any]) -> Case:
    """Return the case of a row that has its `record` and `asset_id`."""
    return Case.model_validate_json(row.record).model_copy(update={"asset": row.asset_id})


def _lock(connection: Connection, tenant: str, case_id: str, version: int | None) -> Row[Any]:
    """Return the case, kept from other writers until the transaction ends; its phone comes first.

    Two cases of one phone change each other's version: whoever locked their own first would wait for the other's.
    """
    asset = connection.execute(select(CASES.c.asset_id).where(_named(tenant, case_id))).scalar_one_or_none()
    if asset is not None:
        lock_asset(connection, tenant, asset)
    row = connection.execute(select(CASES).where(_named(tenant, case_id)).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"no case {case_id}")
    if version is not None and version != row.version:
        raise StaleVersionError(f"case {case_id} is at version {row.version} by now, not {version}; read it again")
    if row.forgotten_at is not None:
        raise FactConflictError(f"case {case_id} was forgotten; open another")
    return row


def _of_phone(
    connection: Connection, tenant: str, case_id: str, asset: str | None, fact: Asset | AssetFact, now: datetime
) -> str:
    """Return the case's phone; a case without one gets the fact's. Raises FactConflictError for another's."""
    if asset is None:
        add_asset(connection, tenant, fact.asset, now)
    root = root_of(connection, tenant, fact.asset)
    if asset is None:
        connection.execute(update(CASES).where(_named(tenant, case_id)).values(asset_id=root))
    elif root != root_of(connection, tenant, asset):
        raise FactConflictError(f"fact {fact.id} is of phone {fact.asset}, not of {asset}")
    return root


def _insert(connection: Connection, tenant: str, fact: AnyFact) -> str | None:
    """Store a fact; return the id of the one that is there already, if it is that or says the same."""
    kept = BY_MODEL[type(fact)]
    row = {column: getattr(fact, member) for column, member in kept.copied.items()}
    row |= {"tenant": tenant, "id": fact.id, "at": fact.at, "recorded_by": fact.by, "visit_id": fact.visit}
    row["record"] = fact.model_dump_json()
    if isinstance(fact, CaseFact):
        row["case_id"] = fact.case
    elif isinstance(fact, AssetFact | Asset):
        row["asset_id"] = fact.asset
    table = kept.table
    if insert_if_absent(connection, table, row):
        return None
    before = connection.execute(select(table.c.record).where(table.c.tenant == tenant, table.c.id == fact.id)).scalar()
    if before == row["record"]:
        return fact.id
    if before is None and kept.word in _SAME:
        same = [table.c[name] == row[name] for name in ("tenant", "case_id", *_SAME[kept.word])]
        return str(connection.execute(select(table.c.id).where(*same)).scalar_one())
    raise FactConflictError(f"{kept.word} {fact.id} cannot stand beside what case or phone have already")


def _identified(connection: Connection, tenant: str, reading: Identifier, now: datetime) -> list[EventDraft]:
    if not reading.confirmed:
        return []
    confirmed = confirm(connection, tenant, reading, now)
    if confirmed.conflicting is not None:
        data = {"asset": confirmed.root, "other": confirmed.conflicting, "kind": reading.kind}
        return [EventDraft("asset.conflicted", data, reading.at, reading.id)]
    if confirmed.merged is not None:
        data = {"asset": confirmed.root, "merged": confirmed.merged}
        return [EventDraft("asset.merged", data, reading.at, reading.id)]
    return []


def _changed(
    connection: Connection, tenant: str, case_id: str, drafts: list[EventDraft], known: dict[str, str], now: datetime
) -> Added:
    """Count the versions up of the case and of all cases of its phone, and write the events."""
    row = connection.execute(select(CASES).where(_named(tenant, case_id))).one()
    if not drafts:
        return Added(row.version, (), known)
    every = {case_id, *(cases_of(connection, tenant, row.asset_id) if row.asset_id else ())}
    of_phone = and_(CASES.c.tenant == tenant, CASES.c.id.in_(every))
    connection.execute(update(CASES).where(of_phone).values(version=CASES.c.version + 1))
    of_states = and_(CASE_STATES.c.tenant == tenant, CASE_STATES.c.case_id.in_(every))
    connection.execute(update(CASE_STATES).where(of_states).values(stale=True))
    if any(draft.noun_verb not in _FOLLOWED_LATER for draft in drafts):
        changed_cases(connection).update({(tenant, one): now for one in every})
    return Added(row.version + 1, note_events(connection, tenant, case_id, drafts, now), known)
