"""Who acts on the stored cases, and in which transaction: what every use case of the platform is handed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import KeyScope, StepName
from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import ForbiddenError
from phonegrade.core.journey_errors import FactsError
from phonegrade.journeys.fact import Fact, FactId
from phonegrade.journeys.facts import AnyFact, CaseFacts, Visit
from phonegrade.journeys.order import refuse_step
from phonegrade.journeys.resale import ResaleGate, resale_gate
from phonegrade.store.assets import cases_of, root_of
from phonegrade.store.cases import StoredCase, add_facts, load_case
from phonegrade.store.columns import new_id
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.vault import Vault

FindVisit = Callable[[CaseFacts, FactId | None], FactId | None]


def known_visit(facts: CaseFacts, visit: FactId | None) -> FactId | None:
    """Return the visit that was named, if any. Raises FactsError for one of another case."""
    if visit is not None and facts.by_id(Visit, visit) is None:
        raise FactsError(f"visit: the case has no visit {visit}")
    return visit


@dataclass(frozen=True)
class Acting:
    """One principal in one transaction; everything that it reads and writes is its own tenant's."""

    connection: Connection
    vault: Vault
    journeys: Mapping[str, Journey]
    tenant: str
    by: str
    now: datetime
    only_case: str | None = None
    """The only case that a link's holder may see."""
    visit: FactId | None = None
    """Where it is recorded."""
    version: int | None = None
    """Of the case, as the caller read it; None where the caller does not say."""
    scopes: frozenset[str] | None = None
    """Of the caller's key; None for whoever needs no key."""
    find_visit: FindVisit = known_visit
    """What makes of the visit that the caller names the one that a fact is of."""

    def at(self, visit: FactId | None) -> "Acting":
        """Return the same on a visit."""
        return replace(self, visit=visit)

    def journey_of(self, facts: CaseFacts) -> Journey:
        """Return the case's journey. Raises NotFoundError where the service does not have it."""
        journey = self.journeys.get(facts.case.journey)
        if journey is None:
            raise NotFoundError(f"no journey {facts.case.journey}")
        return journey

    def load(self, case_id: str) -> StoredCase:
        """Return a case. Raises NotFoundError, also for a case that is not the caller's."""
        if self.only_case not in (None, case_id):
            raise NotFoundError(f"no case {case_id}")
        return load_case(self.connection, self.tenant, case_id)

    def check_step(self, facts: CaseFacts, step: StepName, *otherwise: KeyScope) -> None:
        """Raise ForbiddenError unless the caller's key may do a step of the case's journey.

        `otherwise` are the scopes that may where the journey has no such step; `admin` always may.
        """
        known = self.journey_of(facts).step(step)
        enough = {*(otherwise if known is None else known.scopes), "admin"}
        if self.scopes is not None and self.scopes.isdisjoint(enough):
            raise ForbiddenError(
                f"this API key may not do the step {step}: it lacks the scope {' or '.join(sorted(enough))}"
            )

    def refuse_step(self, facts: CaseFacts, step: StepName) -> None:
        """Raise CaseExpiredError or StepOrderError unless the case's journey lets a decision be made now."""
        refuse_step(step, facts, self.journey_of(facts), self.now)

    def case_of(self, kind: type[Fact], fact_id: str) -> str:
        """Return the case that a fact is of. Raises NotFoundError."""
        return self._owner(kind, fact_id, "case_id")

    def phone_of(self, kind: type[Fact], fact_id: str) -> str:
        """Return the phone that a fact is of. Raises NotFoundError."""
        return self._owner(kind, fact_id, "asset_id")

    def case_of_phone(self, asset: str) -> StoredCase:
        """Return the case of a phone that decides on its resale: the newest one on a journey that releases phones.

        Without such a case it is the newest. Raises NotFoundError.
        """
        cases = cases_of(self.connection, self.tenant, root_of(self.connection, self.tenant, asset))
        mine = [self.load(one) for one in cases if self.only_case in (None, one)]
        if not mine:
            raise NotFoundError(f"no phone {asset}")
        return next((one for one in mine if self.journey_of(one.facts).step("release") is not None), mine[0])

    def add(self, stored: StoredCase, *facts: AnyFact) -> CaseFacts:
        """Add facts that rest on the case as it was loaded, and return it with them.

        Raises StaleVersionError where the case has changed since it was loaded, or since the caller read it.
        """
        case = stored.facts.case.id
        version = stored.version if self.version is None else self.version
        add_facts(self.connection, self.vault, self.tenant, case, facts, self.now, version=version)
        return load_case(self.connection, self.tenant, case).facts

    def gate(self, facts: CaseFacts) -> ResaleGate:
        """Return the resale gate of a case now."""
        return resale_gate(facts, self.journey_of(facts), self.now)

    def of_case(self, facts: CaseFacts) -> dict[str, Any]:
        """Return the members that a fresh fact of a case begins with."""
        return {**self._fresh(facts), "case": facts.case.id}

    def of_phone(self, facts: CaseFacts) -> dict[str, Any]:
        """Return the members that a fresh fact of a case's phone begins with. Raises NotFoundError without a phone."""
        if facts.case.asset is None:
            raise NotFoundError(f"case {facts.case.id} has no phone yet; identify it first")
        return {**self._fresh(facts), "asset": facts.case.asset}

    def _fresh(self, facts: CaseFacts) -> dict[str, Any]:
        visit = self.find_visit(facts, self.visit)
        return {"id": new_id(self.now), "at": self.now, "by": self.by, "visit": visit}

    def _owner(self, kind: type[Fact], fact_id: str, column: str) -> str:
        table = BY_MODEL[kind].table
        wanted = select(table.c[column]).where(table.c.tenant == self.tenant, table.c.id == fact_id)
        owner = self.connection.execute(wanted).scalar_one_or_none()
        if owner is None or (column == "case_id" and self.only_case not in (None, owner)):
            raise NotFoundError(f"no {BY_MODEL[kind].word.replace('_', ' ')} {fact_id}")
        return str(owner)
