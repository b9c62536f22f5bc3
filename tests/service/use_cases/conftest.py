"""One store with Jeff's phone in it, and a principal who acts on it, without HTTP."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from phonegrade.configs.journey import load_journeys
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.facts import AnyFact
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.cases import add_facts, open_case
from phonegrade.store.standings import settling
from phonegrade.store.store import Store, open_store
from phonegrade.tests.journeys import builders
from phonegrade.tests.store.example import CASE, NOW, NUMBER, TENANT, example_case

T = TypeVar("T")


class Shop:
    """The store, and a clock that tests turn."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOW
        self.only_case: str | None = None
        self.tenant = TENANT

    def do(self, work: Callable[[Acting], T]) -> T:
        """Run a use case in a transaction of its own."""
        with self.store.database.write() as connection:
            return work(
                Acting(
                    connection,
                    self.store.vault,
                    load_journeys(),
                    self.tenant,
                    "key-1",
                    self.now,
                    only_case=self.only_case,
                )
            )

    def add(self, *facts: AnyFact) -> None:
        """Add facts as other routes would."""
        with self.store.database.write() as connection:
            add_facts(connection, self.store.vault, TENANT, CASE, facts, self.now)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A trade-in in which everything is there but the deal: graded in the app and in the warehouse."""
    with open_store(str(tmp_path / "data")) as plain:
        # as a service has it: what is derived follows each change
        store = replace(plain, database=replace(plain.database, settle=settling(load_journeys())))
        with store.database.write() as connection:
            open_case(connection, TENANT, example_case(), NOW)
        opened = Shop(store)
        photos = [builders.photo(surface) for surface in Surface]
        hashed = store.vault.hashed(TENANT, NUMBER)
        reading = builders.identifier(hashed.hmac).model_copy(update={"last4": hashed.last4})
        opened.add(
            builders.visit("app"),
            builders.visit("store", 20),
            builders.visit("warehouse", 20),
            builders.asset(),
            reading,
            builders.diagnosed(),
            *photos,
            *map(builders.inspected, photos),
            builders.lock_check(8),
            builders.assessment(),
        )
        yield opened
