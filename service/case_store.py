"""What the routes of cases share, and how a client's words become facts."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from phonegrade.configs.journey import Journey
from phonegrade.core.journey_errors import FactsError
from phonegrade.core.problems import every_problem
from phonegrade.service.deal_parts import DealParts
from phonegrade.service.pictures import Pictures
from phonegrade.store.store import Store


@dataclass(frozen=True)
class CaseStore:
    """The store, and what the routes of cases share besides; built when the service starts."""

    store: Store
    journeys: Mapping[str, Journey]
    clock: Callable[[], datetime]
    wake: Callable[[], None]
    """Lets the inspection of stored photos look for work at once."""
    pictures: Pictures
    deals: DealParts = field(default_factory=DealParts)


@contextmanager
def of_client() -> Iterator[None]:
    """Turn what is wrong with a fact that a client's words are made into, into an answer: raises FactsError."""
    try:
        yield
    except ValidationError as error:
        raise FactsError(every_problem(error, "the request")) from None
