"""Rules of the next best offer: versioned data that state what is offered to whom, why, and how often."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, model_validator

from phonegrade.configs.condition import When
from phonegrade.configs.data_file import parse_data_file, read_bounded
from phonegrade.configs.journey_parts import Sentence, StepChannel
from phonegrade.configs.policy_part import MisplacedError, PolicyPart, RuleName, Source
from phonegrade.core.journey_errors import OffersError
from phonegrade.core.problems import nearest

OFFERS_SCHEMA_FILE = "offers.schema.json"
_FOLDER = Path(__file__).with_name("offers")


class OfferRule(PolicyPart):
    """One rule: to whom something is offered, and what the customer reads as the reason."""

    rule: RuleName
    offer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    """What is offered, such as `upgrade`; of rules with one offer the first by priority is shown."""
    when: When
    """What must be known to be true; where it is not known, nothing is offered."""
    priority: Annotated[int, Field(ge=0, le=100)]
    """The greatest is shown first."""
    cool_down_days: NonNegativeInt
    """After it was shown or declined, it is not shown again for so long; once accepted, never again."""
    channels: Annotated[tuple[StepChannel, ...], Field(min_length=1)]
    needs_consent: bool = True
    """Whether the customer must have agreed to offers; an offer that the customer asked for needs none."""
    reason: Sentence
    """As the customer reads it."""
    source: Source


class OfferFile(PolicyPart):
    """The contents of a file of offer rules."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    description: str
    at_most: Annotated[int, Field(ge=1, le=10)] = 1
    """So many offers are shown at once."""
    offers: Annotated[tuple[OfferRule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rules_once(self) -> Self:
        names = [rule.rule for rule in self.offers]
        for index, name in enumerate(names):
            if names.index(name) != index:
                raise MisplacedError(("offers", index, "rule"), f"there is a rule {name} already")
        return self


class OfferRules(OfferFile):
    """A file of offer rules and the SHA-256 of its bytes, by which an offer can be traced to it."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def shipped_offers() -> tuple[str, ...]:
    """Return the names of the shipped sets of offer rules."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def shipped_offer_rules(name: str) -> OfferRules:
    """Return the shipped set of that name. Raises OffersError that names the nearest."""
    names = shipped_offers()
    if name not in names:
        near = nearest(name, names)[0]
        raise OffersError(f"unknown offers {name!r:.80}; the nearest is {near!r} (of {', '.join(names)})")
    path = _FOLDER / f"{name}.yaml"
    return parse_offers(path.read_bytes(), path.name)


def load_offers(name_or_path: str | Path) -> OfferRules:
    """Return a shipped set by name, or any file by path (a `Path`, or a text ending in .yaml or .yml).

    Raises OffersError that names file, line, key and the nearest valid key.
    """
    if isinstance(name_or_path, str) and not name_or_path.lower().endswith((".yaml", ".yml")):
        return shipped_offer_rules(name_or_path)
    path = Path(name_or_path)
    return parse_offers(read_bounded(path, OffersError), str(path))


def parse_offers(data: bytes, name: str) -> OfferRules:
    """Return the offer rules in the bytes of a file; `name` stands for it in messages. Raises OffersError."""
    content = parse_data_file(data, name, OfferFile, OffersError, "offers")
    given = {key: getattr(content, key) for key in content.model_fields_set}
    return OfferRules(**given, sha256=hashlib.sha256(data).hexdigest())


def offers_schema() -> str:
    """Return the schema of a file of offer rules as a JSON text."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **OfferFile.model_json_schema(),
        "title": "phonegrade offer rules",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
