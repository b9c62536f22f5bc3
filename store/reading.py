"""Reading facts back: one statement for all kinds of them, as one that reads each table by itself takes longer."""

import json
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, literal, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from phonegrade.journeys.facts import Case, CaseFacts
from phonegrade.store.assets import ids_of
from phonegrade.store.fact_tables import FACT_TABLES


def load_facts(connection: Connection, tenant: str, case: Case) -> CaseFacts:
    """Return every fact of a case and of its phone, under whatever ids the phone's were recorded."""
    assets = [] if case.asset is None else ids_of(connection, tenant, case.asset)
    of_case = connection.execute(_of_case(), {"tenant": tenant, "case_id": case.id})
    records = [record for _, record in of_case]
    if assets:
        of_phone = connection.execute(_of_phone(), {"tenant": tenant, "assets": assets})
        records += [_renamed(record, assets) for _, record in of_phone]
    whole = f'{{"case":{case.model_dump_json()},"facts":[{",".join(records)}]}}'
    return CaseFacts.model_validate_json(whole)


def _renamed(record: str, assets: list[str]) -> str:
    """Return a record under the id that its phone goes by now."""
    if len(assets) == 1:
        return record
    values = json.loads(record)
    values["asset"] = assets[0]
    return json.dumps(values)


@cache
def _of_case() -> CompoundSelect[Any]:
    return union_all(
        *(_records(one.word, one.table, one.table.c.case_id == bindparam("case_id")) for one in _owned("case"))
    )


@cache
def _of_phone() -> CompoundSelect[Any]:
    wanted: BindParameter[Any] = bindparam("assets", expanding=True)
    return union_all(*(_records(one.word, one.table, one.table.c.asset_id.in_(wanted)) for one in _owned("asset")))


def _owned(owner: str) -> list[Any]:
    return [one for one in FACT_TABLES if one.owner == owner]


def _records(word: str, table: Any, condition: Any) -> Select[Any]:  # noqa: ANN401  of the loop above
    return select(literal(word), table.c.record).where(table.c.tenant == bindparam("tenant"), condition)
