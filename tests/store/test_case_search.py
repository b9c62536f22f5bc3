"""Cases are found by where they stand and by what people know of them, and only by their own tenant."""

import pytest

from phonegrade.journeys.device_facts import Identifier
from phonegrade.store.case_search import CaseFilter, search_cases
from phonegrade.store.cases import open_case
from phonegrade.store.engines import Database
from phonegrade.tests.journeys.builders import fact_id
from phonegrade.tests.store.example import ASSET, CASE, NOW, TENANT, example_case, example_facts, store_example

SECOND = fact_id(990)


@pytest.fixture
def stored(database: Database) -> Database:
    with database.write() as connection:
        store_example(connection)
        ordered = {"id": SECOND, "customer_ref": "Order-7_1", "correlation_id": "PO-4711"}
        open_case(connection, TENANT, example_case().model_copy(update=ordered), NOW)
    return database


def found(database: Database, tenant: str = TENANT, before: str | None = None, **wanted: str) -> list[str]:
    with database.read() as connection:
        return [one.case.id for one in search_cases(connection, tenant, CaseFilter(**wanted), before, 10)]


def test_all_come_newest_first_and_by_cursor(stored: Database) -> None:
    assert found(stored) == [SECOND, CASE]
    assert found(stored, before=SECOND) == [CASE]


@pytest.mark.parametrize("text", ["PO-4711", "Order-7_1", "order-7", SECOND])
def test_one_is_found_by_its_order_its_reference_or_its_id(stored: Database, text: str) -> None:
    assert found(stored, text=text) == [SECOND]


@pytest.mark.parametrize("text", ["order%", "r-7_1", "PO-471", "%", '"', "711"])
def test_a_part_within_or_a_pattern_finds_nothing(stored: Database, text: str) -> None:
    assert found(stored, text=text) == []


def test_a_phone_is_found_by_its_id_or_the_last_four_of_a_number(stored: Database) -> None:
    [last4] = {one.last4 for one in example_facts() if isinstance(one, Identifier)}
    assert found(stored, text=ASSET) == [CASE]
    assert found(stored, text=last4) == [CASE]
    assert found(stored, text="9999") == []


def test_other_tenants_find_nothing(stored: Database) -> None:
    assert found(stored, "other") == found(stored, "other", text="PO-4711") == []


def test_where_a_case_stands_narrows(stored: Database) -> None:
    assert found(stored, evidence="verified", text="PO-4711") == []
    assert found(stored, journey="warranty") == []
