"""What every fact carries: who recorded it, when, and on which visit; and the types that facts share."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from phonegrade.core.strict import Strict

FactId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
"""A UUIDv7 as text (RFC 9562)."""
PrincipalId = Annotated[str, Field(min_length=1, max_length=64)]
Utc = Annotated[AwareDatetime, AfterValidator(lambda moment: _in_utc(moment))]
"""A moment with its time zone, kept in UTC; one without is refused."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
KeyedHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""HMAC-SHA256 of an identifier under the tenant's key: equal for equal numbers, and useless without the key."""
Label = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


class Fact(Strict):
    """Something that happened once and is never changed; a correction is another fact that supersedes it."""

    id: FactId
    at: Utc
    """When it happened, by the clock of the service."""
    by: PrincipalId
    """The API key, session or operator that recorded it."""
    visit: FactId | None = None
    """Where it was recorded; None only of a visit itself and of what no visit led to, such as a job's result."""
    supersedes: FactId | None = None
    """The fact of the same kind that this one corrects."""

    @property
    def order(self) -> tuple[datetime, str]:
        """Sorts facts by when they happened; the id separates those of one moment."""
        return self.at, self.id


class CaseFact(Fact):
    """A fact of one case."""

    case: FactId


class AssetFact(Fact):
    """A fact of one phone, whichever case it was recorded in."""

    asset: FactId


class JourneyReason(Strict):
    """One rule that decided or blocks, as a sentence, with its evidence and with what would change it."""

    rule: str
    """A journey's rule, such as `front_cracked`, or a rule of the engine itself, such as `erasure_missing`."""
    text: str
    would_change: str
    """What somebody could do, or what would have to be true, for the answer to be another."""
    evidence: tuple[str, ...] = ()
    """Ids of facts, and names of tests, surfaces and defects, that it rests on; empty where they are absent."""
    source: str | None = None
    """Where the rule comes from; None for rules of the engine."""
