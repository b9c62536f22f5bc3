"""What makes a rule of a journey, a deduction or an offer apply: one thing, or several that must all be true."""

from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveInt, model_validator

from phonegrade.configs.policy_part import GradeName, PolicyPart, Positive
from phonegrade.core.functional.report import MeasureName, TestName
from phonegrade.core.vocabulary import DefectKind, Surface, Zone

ConditionWord = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Span(PolicyPart):
    """A range of whole days or months; both ends count."""

    at_least: NonNegativeInt | None = None
    at_most: NonNegativeInt | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is more than at_most {self.at_most}")
        return self

    def holds(self, value: int) -> bool:
        """Return whether a value lies in the range."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    @property
    def description(self) -> str:
        """The range in words, such as "24 to 36"."""
        if self.at_least is None:
            return f"at most {self.at_most}"
        return f"at least {self.at_least}" if self.at_most is None else f"{self.at_least} to {self.at_most}"


class DefectsOf(PolicyPart):
    """At least so many counted defects of these kinds, on these surfaces and zones, longer than this."""

    kinds: Annotated[tuple[DefectKind, ...], Field(min_length=1)]
    surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)] = tuple(Surface)
    """All six where left out."""
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)] = tuple(Zone)
    """All of them where left out; a defect of unknown zone counts as being in any."""
    longer_mm: Positive | None = None
    """Only defects longer than this; one of unknown length counts as long enough."""
    count: PositiveInt = 1


class When(PolicyPart):
    """Everything that is given must be true. What is not known is neither true nor false, and the rule waits for it."""

    tests: tuple[TestName, ...] = ()
    """Any of these tests failed; a lock test fails where the phone is locked."""
    complaint_tests: Literal["pass", "fail"] | None = None
    """Of the functions complained about: all pass, or any fails."""
    measure: MeasureName | None = None
    below: FiniteFloat | None = None
    """The measure is lower than this."""
    defects: DefectsOf | None = None
    cosmetic_grades: Annotated[tuple[GradeName, ...], Field(min_length=1)] | None = None
    """The current assessment gives one of these cosmetic grades."""
    assessment: Annotated[
        tuple[Literal["graded", "retake", "incomplete", "not_accepted"], ...], Field(min_length=1)
    ] | (None) = None
    """Status of the current assessment."""
    needs_review: bool | None = None
    """The current assessment waits for a person, or does not."""
    identity: Annotated[
        tuple[Literal["unknown", "claimed", "read", "confirmed", "conflicting"], ...], Field(min_length=1)
    ] | (None) = None
    device_known: bool | None = None
    """Whether the phone is a device of the catalogue."""
    brands: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The first word of the catalogue's name is one of these."""
    other_brands: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """It is none of these."""
    fresh_photos: bool | None = None
    """Whether the session's code is legible in every surface's photo."""
    incident: Annotated[
        tuple[Literal["none", "drop", "liquid", "loss", "theft", "unknown"], ...], Field(min_length=1)
    ] | (None) = None
    """What the customer says has happened."""
    activated_days: Span | None = None
    """Days since the first registration in the operator's network."""
    owned_months: Span | None = None
    """Whole months of ownership."""
    warranty: Literal["active", "expired"] | None = None
    cover: Annotated[tuple[Literal["none", "insured"], ...], Field(min_length=1)] | None = None
    eligible: ConditionWord | None = None
    """An answer of the operator's systems is yes, such as `upgrade`."""
    not_eligible: ConditionWord | None = None
    """An answer of the operator's systems is no."""
    blocklist: Annotated[tuple[Literal["clear", "listed"], ...], Field(min_length=1)] | None = None
    activation: Annotated[tuple[Literal["off", "on"], ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if (self.measure is None) != (self.below is None):
            raise ValueError("measure and below belong together")
        if not self.given:
            raise ValueError("a condition that asks for nothing would always apply")
        return self

    @property
    def given(self) -> tuple[str, ...]:
        """Names of what must be true, in the order of the fields."""
        unset = type(self).model_fields
        return tuple(name for name in unset if name != "below" and getattr(self, name) not in (None, ()))
