"""Finding cases: by where they stand, and by what people know of a phone or an order."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from phonegrade.journeys.device_facts import Identifier
from phonegrade.journeys.facts import Case
from phonegrade.store.assets import root_of
from phonegrade.store.cases import case_of
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.state_tables import CASE_STATES
from phonegrade.store.tables import CASES

_NUMBERS = BY_MODEL[Identifier].table
LAST = 4
"""Characters of a number that are kept in plain."""


class CaseFilter(NamedTuple):
    """What is looked for; None is everything."""

    journey: str | None = None
    customer_ref: str | None = None
    evidence: str | None = None
    deal: str | None = None
    custody: str | None = None
    asset: str | None = None
    """A phone's id."""
    text: str | None = None
    """The last four characters of a number, a phone's id, the customer's reference, or an order's."""


EVERY_CASE = CaseFilter()


class CaseMatch(NamedTuple):
    """A case that was looked for, and where it stands."""

    case: Case
    version: int
    standing: dict[str, str | None] | None
    """By axis; None where it was never worked out."""


_AXES = ("step", "ending", "evidence", "deal", "custody", "outcome", "resale")


def search_cases(
    connection: Connection, tenant: str, wanted: CaseFilter = EVERY_CASE, before: str | None = None, limit: int = 50
) -> list[CaseMatch]:
    """Return cases, newest first; `before` is the id of the last one on the page before.

    Raises NotFoundError for a phone that the tenant has not.
    """
    state = and_(CASE_STATES.c.tenant == CASES.c.tenant, CASE_STATES.c.case_id == CASES.c.id)
    columns = (CASES.c.record, CASES.c.asset_id, CASES.c.version, *(CASE_STATES.c[axis] for axis in _AXES))
    statement = select(*columns).select_from(CASES).outerjoin(CASE_STATES, state)
    statement = statement.where(CASES.c.tenant == tenant, CASES.c.forgotten_at.is_(None))
    for column, value in (
        (CASES.c.journey, wanted.journey),
        (CASES.c.customer_ref, wanted.customer_ref),
        (CASE_STATES.c.evidence, wanted.evidence),
        (CASE_STATES.c.deal, wanted.deal),
        (CASE_STATES.c.custody, wanted.custody),
    ):
        statement = statement if value is None else statement.where(column == value)
    if wanted.asset is not None:
        statement = statement.where(CASES.c.asset_id == root_of(connection, tenant, wanted.asset))
    if wanted.text:
        statement = statement.where(_named(tenant, wanted.text))
    if before is not None:
        statement = statement.where(CASES.c.id < before)
    rows = connection.execute(statement.order_by(CASES.c.id.desc()).limit(limit))
    return [
        CaseMatch(
            case_of(row),
            row.version,
            None if row.step is None else {axis: getattr(row, axis) for axis in _AXES},
        )
        for row in rows
    ]


def _named(tenant: str, text: str) -> ColumnElement[bool]:
    conditions = [CASES.c.id == text, CASES.c.asset_id == text, CASES.c.customer_ref.istartswith(text, autoescape=True)]
    conditions.append(CASES.c.record.contains(f'"correlation_id":"{text}"', autoescape=True))
    if len(text) == LAST:
        last4 = _NUMBERS.c.record.contains(f'"last4":"{text.upper()}"', autoescape=True)
        own = select(_NUMBERS.c.asset_id).where(_NUMBERS.c.tenant == tenant, last4)
        conditions.append(CASES.c.asset_id.in_(own))
    return or_(*conditions)
