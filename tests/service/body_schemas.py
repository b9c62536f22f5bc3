"""What a JSON body may hold, by the OpenAPI."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def object_schemas(schema: Schema, components: Schema) -> list[Schema]:
    """Return the schema of each kind of object that a body may be, found by name or one of several."""
    if "$ref" in schema:
        return object_schemas(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return [one for kind in schema["anyOf"] for one in object_schemas(kind, components)]
    return [schema]
