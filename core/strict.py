"""The base of every setting and record: frozen, and unknown keys are errors."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Strict(BaseModel):
    """Frozen pydantic model that refuses unknown keys; the trace of an error does not hold what was given."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True)
class OneOf:
    """Shows the valid words of a text in the published schema; they are read only when it is written."""

    words: Callable[[], Iterable[str]]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), "enum": list(self.words())}
