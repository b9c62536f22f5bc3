"""The votes of an operator's confirmed phones: which device each type allocation code turned out to be."""

from sqlalchemy import Connection, select

from phonegrade.journeys.device_facts import Asset, Identifier
from phonegrade.recognition.tac_votes import TacVote
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.tables import PHONES

_READINGS, _ASSETS = BY_MODEL[Identifier].table, BY_MODEL[Asset].table
MOST_VOTES = 1000
"""The newest; a TAC that so many phones share is known."""


def tac_votes(connection: Connection, tenant: str, tac: str) -> tuple[TacVote, ...]:
    """Return one vote for each of the tenant's phones with that TAC whose number a person confirmed and that is named.

    What was forgotten has no TAC any more and votes no longer.
    """
    both = (PHONES.c.tenant == _READINGS.c.tenant) & (PHONES.c.id == _READINGS.c.asset_id)
    readings = (
        select(PHONES.c.root_id, _READINGS.c.record)
        .join(PHONES, both)
        .where(_READINGS.c.tenant == tenant, _READINGS.c.tac == tac)
        .order_by(_READINGS.c.id.desc())
        .limit(MOST_VOTES)
    )
    phones = {
        str(root) for root, record in connection.execute(readings) if Identifier.model_validate_json(record).confirmed
    }
    both = (PHONES.c.tenant == _ASSETS.c.tenant) & (PHONES.c.id == _ASSETS.c.asset_id)
    records = (
        select(PHONES.c.root_id, _ASSETS.c.record)
        .join(PHONES, both)
        .where(_ASSETS.c.tenant == tenant, PHONES.c.root_id.in_(phones))
        .order_by(_ASSETS.c.at, _ASSETS.c.id)
    )
    votes = ((str(root), Asset.model_validate_json(record).device) for root, record in connection.execute(records))
    newest = dict(votes)  # the last description counts
    return tuple(TacVote(root, tac, device) for root, device in newest.items() if device is not None)
