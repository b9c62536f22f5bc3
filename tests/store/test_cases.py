"""Cases: facts come back as they were recorded, once, to their tenant alone; versions guard what was read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from phonegrade.core.data_errors import FactConflictError, NotFoundError, StaleVersionError
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.deal_facts import Quote, QuoteEvent, QuoteLine
from phonegrade.journeys.device_facts import HandOff, HandOffClaim, Identifier
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.journeys.facts import CaseFacts
from phonegrade.store.assets import cases_of, find_by_hash, plain_number
from phonegrade.store.case_search import CaseFilter, search_cases
from phonegrade.store.cases import add_facts, load_case, open_case
from phonegrade.store.engines import Database
from phonegrade.store.tables import CASES, NUMBERS
from phonegrade.tests.journeys import builders
from phonegrade.tests.journeys.builders import fact_id, of_case
from phonegrade.tests.store.example import (
    ASSET,
    CASE,
    CUSTOMER,
    NOW,
    NUMBER,
    TENANT,
    VAULT,
    example_case,
    example_facts,
    reading,
    store_example,
)

OTHER_CASE, OTHER_ASSET = fact_id(901), fact_id(902)


def add(database: Database, *facts: object, case: str = CASE, **options: object):  # noqa: ANN201
    with database.write() as connection:
        return add_facts(connection, VAULT, TENANT, case, facts, NOW, **options)  # type: ignore[arg-type]


@pytest.fixture
def stored(database: Database) -> Database:
    with database.write() as connection:
        store_example(connection)
    return database


def load(database: Database, case: str = CASE) -> CaseFacts:
    with database.read() as connection:
        return load_case(connection, TENANT, case).facts


def test_a_case_comes_back_as_its_facts(stored: Database) -> None:
    whole = example_case().model_copy(update={"asset": ASSET})
    assert load(stored) == CaseFacts(case=whole, facts=tuple(example_facts()))


def test_facts_that_come_again_change_nothing(stored: Database) -> None:
    before = load(stored)
    again = add(stored, *example_facts())
    assert (again.version, again.events) == (2, ())
    assert set(again.known) == {fact.id for fact in example_facts()}
    assert load(stored) == before


def test_another_fact_under_a_known_id_is_refused(stored: Database) -> None:
    with pytest.raises(FactConflictError, match=fact_id(2)):
        add(stored, builders.asset("Apple iPhone 14"))


def test_the_same_photo_again_is_answered_with_the_first(stored: Database) -> None:
    first = builders.photo(Surface.FRONT)
    again = first.model_copy(update={"id": fact_id(777)})
    assert add(stored, again).known == {again.id: first.id}
    assert len(load(stored).every(StoredPhoto)) == len(Surface)


def test_a_change_that_rests_on_an_old_version_is_refused(stored: Database) -> None:
    with stored.read() as connection:
        version = load_case(connection, TENANT, CASE).version
    assert add(stored, builders.moved("sold", 90, 72), version=version).version == version + 1
    with pytest.raises(StaleVersionError):
        add(stored, builders.moved("recycled", 91, 73), version=version)
    assert fact_id(73) not in {fact.id for fact in load(stored).facts}


def test_of_those_who_read_one_version_one_may_change_it(stored: Database) -> None:
    def change(number: int) -> bool:
        try:
            add(stored, builders.moved("sold", 90, number), version=2)
        except StaleVersionError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(change, range(500, 512))) == 1


def quote() -> Quote:
    line = QuoteLine(rule="price", text="grade B", amount="210.00", source="book")
    return Quote(
        **of_case(301, 20),
        assessment=fact_id(300),
        assessment_number=1,
        amount="210.00",
        currency="EUR",
        lines=(line,),
        inputs_sha256="c" * 64,
        valid_until=NOW + timedelta(days=14),
    )


def answer(number: int, event: str) -> QuoteEvent:
    return QuoteEvent(**of_case(number, 30), quote=fact_id(301), event=event)  # type: ignore[arg-type]


def test_a_quote_is_answered_once(stored: Database) -> None:
    add(stored, quote())
    add(stored, answer(302, "accepted"))
    for other in ("accepted", "declined"):
        with pytest.raises(FactConflictError):
            add(stored, answer(303, other))
    assert [fact.id for fact in load(stored).every(QuoteEvent)] == [fact_id(302)]


def test_a_hand_off_is_claimed_once_of_many_at_a_time(stored: Database) -> None:
    add(stored, HandOff(**of_case(310, 20), token_sha256="d" * 64, code="42", expires_at=NOW))

    def claim(number: int) -> bool:
        try:
            add(stored, HandOffClaim(**of_case(number, 21), hand_off=fact_id(310)))
        except FactConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(claim, range(311, 319))) == 1


def test_a_fact_of_another_case_phone_or_quote_is_refused(stored: Database) -> None:
    strange_case = builders.moved("sold", 90, 72).model_copy(update={"asset": OTHER_ASSET})
    for fact in (
        builders.visit("app").model_copy(update={"case": OTHER_CASE, "id": fact_id(880)}),
        answer(302, "accepted"),
    ):
        with pytest.raises(FactConflictError):
            add(stored, fact)
    with pytest.raises((FactConflictError, NotFoundError)):
        add(stored, strange_case)


def test_facts_are_added_together_or_not_at_all(stored: Database) -> None:
    before = load(stored)
    with pytest.raises(FactConflictError):
        add(stored, builders.moved("sold", 90, 72), answer(302, "accepted"))
    assert load(stored) == before


def second_case(database: Database, *facts: object) -> None:
    with database.write() as connection:
        open_case(connection, TENANT, example_case().model_copy(update={"id": OTHER_CASE}), NOW)
    add(database, *facts, case=OTHER_CASE)


def of_other(fact: Identifier) -> Identifier:
    return fact.model_copy(update={"asset": OTHER_ASSET, "id": fact_id(921), "visit": None})


def test_two_cases_that_confirm_one_number_share_their_phone(stored: Database) -> None:
    second_case(stored, of_other(reading()))
    for case in (CASE, OTHER_CASE):
        facts = load(stored, case)
        assert facts.case.asset == ASSET
        assert {fact.id for fact in facts.every(Identifier)} == {fact_id(21), fact_id(921)}
    with stored.read() as connection:
        assert cases_of(connection, TENANT, ASSET) == [OTHER_CASE, CASE]
        assert find_by_hash(connection, TENANT, reading().hmac) == ASSET
        before = load_case(connection, TENANT, OTHER_CASE).version
    # and what is recorded of the phone by either is news to both
    add(stored, builders.moved("sold", 90, 72))
    with stored.read() as connection:
        assert load_case(connection, TENANT, OTHER_CASE).version == before + 1


def test_a_number_that_nobody_confirmed_merges_nothing(stored: Database) -> None:
    second_case(stored, of_other(reading(confirmed=False)))
    assert load(stored, OTHER_CASE).case.asset == OTHER_ASSET


def test_phones_with_different_serial_numbers_are_not_merged_but_reported(stored: Database) -> None:
    serial = reading("F2LX1234ABCD", 22).model_copy(update={"kind": "serial"})
    add(stored, serial)
    other = reading("F2LX9999ABCD", 23).model_copy(update={"kind": "serial", "asset": OTHER_ASSET, "visit": None})
    second_case(stored, other)
    events = add(stored, of_other(reading()), case=OTHER_CASE).events
    assert [event.type for event in events] == ["phonegrade.asset.identified.v1", "phonegrade.asset.conflicted.v1"]
    assert load(stored, OTHER_CASE).case.asset == OTHER_ASSET


def test_every_changed_case_of_a_phone_gets_through_however_many_change_it(stored: Database) -> None:
    second_case(stored, of_other(reading()))

    def move(number: int) -> None:
        case = (CASE, OTHER_CASE)[number % 2]
        add(stored, builders.moved("sold", 90, number), case=case)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(move, range(600, 620)))
    assert len(load(stored).facts) >= 20


def test_the_other_tenant_does_not_find_it(stored: Database) -> None:
    with stored.read() as connection:
        for attempt in (
            lambda: load_case(connection, "other", CASE),
            lambda: search_cases(connection, "other", CaseFilter(asset=ASSET)),
            lambda: plain_number(connection, VAULT, "other", fact_id(21)),
        ):
            with pytest.raises(NotFoundError):
                attempt()
        assert search_cases(connection, "other") == []
        assert find_by_hash(connection, "other", reading().hmac) is None
    with pytest.raises(NotFoundError), stored.write() as connection:
        add_facts(connection, VAULT, "other", CASE, example_facts(), NOW)


def test_two_tenants_may_have_one_id(stored: Database) -> None:
    with stored.write() as connection:
        store_example(connection, "other")
        assert VAULT.hashed("other", NUMBER) != VAULT.hashed(TENANT, NUMBER)
    with stored.read() as connection:
        assert load_case(connection, "other", CASE).facts == load(stored)


def test_cases_are_listed_by_pages_newest_first(database: Database) -> None:
    ids = [fact_id(number) for number in range(1000, 1025)]
    with database.write() as connection:
        for index, case_id in enumerate(ids):
            journey = "insurance" if index % 5 == 0 else "trade_in"
            case = builders.case(journey).model_copy(update={"id": case_id, "customer_ref": f"c{index % 2}"})
            open_case(connection, TENANT, case, NOW)
    with database.read() as connection:
        pages, before = [], None
        while page := search_cases(connection, TENANT, before=before, limit=10):
            pages += [line.case.id for line in page]
            before = pages[-1]
        assert pages == ids[::-1]
        assert len(search_cases(connection, TENANT, CaseFilter(journey="insurance"))) == 5
        assert len(search_cases(connection, TENANT, CaseFilter(customer_ref="c1"))) == 12
        assert len(search_cases(connection, TENANT, CaseFilter(asset=ASSET))) == 25


def test_a_plain_number_is_only_in_its_sealed_column(stored: Database) -> None:
    plain = NUMBER.replace("-", "")
    with stored.read() as connection:
        assert plain_number(connection, VAULT, TENANT, fact_id(21)) == plain
        assert plain.encode() not in connection.execute(select(NUMBERS.c.sealed)).scalar_one()
        assert connection.execute(select(CASES.c.customer_ref)).scalar_one() == CUSTOMER
