"""One case in the store: Jeff's phone, from the app to the warehouse, as the journeys' tests build it."""

from datetime import timedelta

from sqlalchemy import Connection

from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.device_facts import Identifier
from phonegrade.journeys.evidence_facts import Complaint
from phonegrade.journeys.facts import AnyFact, Case
from phonegrade.store.cases import Added, add_facts, open_case
from phonegrade.store.vault import Vault
from phonegrade.tests.journeys import builders
from phonegrade.tests.journeys.builders import ASSET, CASE, fact_id

__all__ = ["ASSET", "CASE", "NOW", "NUMBER", "TENANT", "VAULT"]
TENANT = "acme"
VAULT = Vault(bytes(range(32)))
NUMBER = "35-209900-176148-1"
"""Of nobody's phone: the example of the standard."""
NOW = builders.AT + timedelta(hours=3)
TEXT = "Jeff Miller dropped it in the bathtub"
CUSTOMER = "customer-4711"


def example_case() -> Case:
    """A trade-in without a phone yet."""
    plain = builders.case()
    return plain.model_copy(update={"asset": None, "customer_ref": CUSTOMER, "correlation_id": "order-1"})


def reading(number: str = NUMBER, fact: int = 21, *, confirmed: bool = True) -> Identifier:
    """The phone's number with its keyed hash."""
    hashed = VAULT.hashed(TENANT, number)
    plain = builders.identifier(hashed.hmac, confirmed=confirmed, number=fact)
    return plain.model_copy(update={"last4": hashed.last4})


def example_facts() -> list[AnyFact]:
    """What was recorded of it."""
    photos = [builders.photo(surface) for surface in Surface]
    certificate = builders.certificate(hmac=reading().hmac)
    return [
        builders.visit("app"),
        builders.visit("store", 50),
        builders.visit("warehouse", 55),
        builders.asset(),
        reading(),
        *photos,
        *(builders.inspected(photo) for photo in photos),
        builders.diagnosed(),
        Complaint(**builders.of_case(61, 7), incident="drop", text=TEXT),
        builders.moved("ours", 56, 71),
        builders.lock_check(),
        certificate,
    ]


def store_example(connection: Connection, tenant: str = TENANT, case: Case | None = None) -> Added:
    """Open the case and add every fact, with the plain number."""
    open_case(connection, tenant, case or example_case(), NOW)
    return add_facts(connection, VAULT, tenant, CASE, example_facts(), NOW, numbers={fact_id(21): NUMBER})
