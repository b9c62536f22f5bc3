"""A service with Jeff's trade-in, graded in the app, whose clock stands where the facts are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import FastAPI

import phonegrade
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.facts import AnyFact
from phonegrade.service.case_store import CaseStore
from phonegrade.service.keys import Scope
from phonegrade.service.settings import ServiceSettings
from phonegrade.store.cases import add_facts, open_case
from phonegrade.tests.journeys import builders
from phonegrade.tests.service.case_client import CaseClient, case_service, role
from phonegrade.tests.store.example import CASE, NOW, NUMBER, TENANT, example_case

PRICES = Path(phonegrade.__file__).parent / "samples/journeys/prices.csv"


@dataclass
class DealService:
    """The service, the clients, and its clock."""

    app: FastAPI
    customer: CaseClient
    shop: CaseClient
    admin: CaseClient
    stranger: CaseClient
    now: datetime = NOW

    @property
    def cases(self) -> CaseStore:
        """What the routes share."""
        cases: CaseStore = self.app.state.parts.cases
        return cases

    def later(self, minutes: float) -> None:
        """Turn the clock."""
        self.now += timedelta(minutes=minutes)

    def add(self, *facts: AnyFact) -> None:
        """Add facts as other routes would."""
        store = self.cases.store
        with store.database.write() as connection:
            add_facts(connection, store.vault, TENANT, CASE, facts, self.now)


@contextmanager
def deal_service(settings: ServiceSettings, folder: Path, kind: str = "sqlite") -> Iterator[DealService]:
    """Yield the running service."""
    keys = (
        role("app", Scope.APP),
        role("shop", Scope.STORE),
        role("admin", Scope.ADMIN, Scope.METRICS),
        role("other", Scope.ADMIN, tenant="other"),
    )
    changed = {"prices": PRICES, "webhook_private_hosts": ("127.0.0.1",), "webhook_http": True}
    with case_service(settings.model_copy(update=changed), folder, *keys, kind=kind) as (app, clients):
        running = DealService(app, *clients)
        app.state.parts.cases = replace(running.cases, clock=lambda: running.now)
        store = running.cases.store
        with store.database.write() as connection:
            open_case(connection, TENANT, example_case(), NOW)
        photos = [builders.photo(surface) for surface in Surface]
        hashed = store.vault.hashed(TENANT, NUMBER)
        reading = builders.identifier(hashed.hmac).model_copy(update={"last4": hashed.last4})
        running.add(
            builders.visit("app"),
            builders.asset(),
            reading,
            builders.diagnosed(),
            *photos,
            *map(builders.inspected, photos),
            builders.lock_check(8).model_copy(update={"visit": builders.APP}),
            builders.assessment(),
        )
        yield running
