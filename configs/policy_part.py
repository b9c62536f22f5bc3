"""The base of every part of a grading policy, and the types that the parts share."""

from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field, model_validator

from phonegrade.core.strict import Strict

Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
GradeName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,15}$")]
RuleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Source = Annotated[str, Field(min_length=3)]
"""Which public source a value comes from, or "our reading" and why."""


MODEL: Literal["model"] = "model"
"""Stands for the model's own limit, which its card states and each detection carries."""
DEFAULT_MIN_CONFIDENCE = 0.5
"""The limit of a detection whose model reported none: as likely real as not."""


def model_limit(own: float | None) -> float:
    """Return the model's limit `own` of a detection, or the default where it carries none."""
    return DEFAULT_MIN_CONFIDENCE if own is None else own


RENAMED = {
    "words": "description",
    "written": "grade_format",
    "of_which": "size_bins",
    "letter_at_best": "grade_cap",
    "worth": "value_share",
    "looks": "cosmetic_grades",
    "functions": "functional_grades",
    "look": "cosmetic_grade",
    "function": "functional_grade",
}
"""Keys of policies up to phonegrade 0.2 and what they are called since."""


class MisplacedError(ValueError):
    """A problem found by a validator, with its path below the part of the file that was validated."""

    def __init__(self, path: tuple[str | int, ...], problem: str) -> None:
        super().__init__(problem)
        self.path = path


class PolicyPart(Strict):
    """A part of a policy file; the docstring of each field is its description in the published schema."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_empty_or_yes(cls, given: object) -> object:
        """Refuse an empty value, which would mean no limit at all, and yes or no, which would count as 1 or 0."""
        if not isinstance(given, dict):
            return given
        for key, value in given.items():
            field = cls.model_fields.get(str(key))
            if field is None:
                if RENAMED.get(str(key)) in cls.model_fields:
                    raise MisplacedError((key,), f"{key} is now called {RENAMED[str(key)]}")
                continue
            if value is None:
                raise MisplacedError((key,), f"{key} is empty; give it a value, or leave the key out")
            if not _holds(field.annotation, bool) and not _holds(field.annotation, PolicyPart):
                _refuse_yes((key,), value)
        return given


def _holds(annotation: object, kind: type) -> bool:
    """Return whether a type is `kind`, or a union or container with it; parts check their own values."""
    if isinstance(annotation, type) and not get_args(annotation):
        return issubclass(annotation, kind)
    return any(_holds(inner, kind) for inner in get_args(annotation))


def _refuse_yes(path: tuple[str | int, ...], value: object) -> None:
    """Raise MisplacedError for a yes or no where a number or a word belongs."""
    match value:
        case bool():
            raise MisplacedError(path, f"{path[-1]} cannot be {'yes' if value else 'no'}")
        case dict():
            for key, inner in value.items():
                if isinstance(inner, bool):
                    _refuse_yes((*path, key), inner)
        case list():
            for index, inner in enumerate(value):
                if isinstance(inner, bool):
                    _refuse_yes((*path, index), inner)
        case _:
            return
