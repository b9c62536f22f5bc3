"""Put-away rules: versioned data that say into which bin a phone goes, by its grade and its status."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from phonegrade.configs.data_file import parse_data_file, read_bounded
from phonegrade.configs.policy_part import GradeName, MisplacedError, PolicyPart, RuleName, Source
from phonegrade.core.journey_errors import PutAwayError

BinName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_SHIPPED = Path(__file__).parent / "put_away" / "standard.yaml"


class PutAwayWhen(PolicyPart):
    """What must all be true for a rule to apply; a part that is left out asks for nothing."""

    resale: Literal["ready", "blocked"] | None = None
    reasons: tuple[RuleName, ...] = ()
    """One of these reasons of the resale gate blocks."""
    grades: tuple[GradeName, ...] = ()
    """The combined grade of the assessment that holds, such as B1, or its cosmetic grade, such as B."""
    custody: tuple[Literal["in_transit", "ours", "returned", "recycled"], ...] = ()
    journeys: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], ...] = ()


class PutAwayRule(PolicyPart):
    """One bin and what goes there; of the rules that apply the first counts."""

    rule: RuleName
    bin: BinName
    saleable: bool = False
    """Phones are sold from it: nothing is put there while the resale gate is closed, whatever `when` says."""
    when: PutAwayWhen = PutAwayWhen()
    source: Source


class PutAwayFile(PolicyPart):
    """The contents of a file of put-away rules."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    description: str
    rules: Annotated[tuple[PutAwayRule, ...], Field(min_length=1)]
    otherwise: BinName
    """Where no rule applies; phones are never sold from it."""

    @model_validator(mode="after")
    def _one_meaning_each(self) -> Self:
        names = [rule.rule for rule in self.rules]
        for index, name in enumerate(names):
            if names.index(name) != index:
                raise MisplacedError(("rules", index, "rule"), f"there is a rule {name} already")
        closed = {self.otherwise, *(rule.bin for rule in self.rules if not rule.saleable)}
        for index, rule in enumerate(self.rules):
            if rule.saleable and rule.bin in closed:
                raise MisplacedError(("rules", index, "bin"), f"{rule.bin} holds phones that may not be sold too")
        return self

    @property
    def bins(self) -> dict[str, bool]:
        """Every bin, and whether phones are sold from it."""
        return {**{rule.bin: rule.saleable for rule in self.rules}, self.otherwise: False}


class PutAwayRules(PutAwayFile):
    """A file of put-away rules and the SHA-256 of its bytes, by which a decision can be traced to it."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@cache
def shipped_put_away() -> PutAwayRules:
    """Return the shipped rules."""
    return parse_put_away(_SHIPPED.read_bytes(), _SHIPPED.name)


def load_put_away(path: Path) -> PutAwayRules:
    """Return the rules of a file. Raises PutAwayError that names file, line, key and the nearest valid key."""
    return parse_put_away(read_bounded(path, PutAwayError), str(path))


def parse_put_away(data: bytes, name: str) -> PutAwayRules:
    """Return the rules in the bytes of a file; `name` stands for it in messages. Raises PutAwayError."""
    content = parse_data_file(data, name, PutAwayFile, PutAwayError, "put-away")
    given = {key: getattr(content, key) for key in content.model_fields_set}
    return PutAwayRules(**given, sha256=hashlib.sha256(data).hexdigest())
