"""docs/fields.md from the records themselves: what `phonegrade schema` prints, as tables that a person reads."""

import ast
import inspect
import itertools
import json
import textwrap
from functools import cache
from typing import Any

from pydantic import BaseModel

from phonegrade.assessment.assessment import Assessment
from phonegrade.configs.policy import policy_schema
from phonegrade.core.functional.report import FunctionalReport, functional_vocabulary
from phonegrade.core.inspection import Inspection
from phonegrade.core.strict import Strict

HEAD = """# Fields

Written by `python docs/refresh.py` from the JSON Schemas that `phonegrade schema grade`, `inspect`, `functional` and
`policy` print; where this page and a schema differ, the schema is right. Fields marked * may be left out of a file that
goes in, and are null or empty in an answer that has nothing to say there. Sizes are in millimetres, points in pixels of
the photo as it was sent, shares and probabilities from 0 to 1.
"""
PARTS = (
    ("grade", "The answer of `phonegrade grade --json`, `POST /v1/grade` and `phonegrade.assess`"),
    ("inspect", "The answer of `phonegrade inspect --jsonl` and `POST /v1/inspect`"),
    ("functional", "Functional test files"),
    ("policy", "Policy files"),
)


def field_reference() -> str:
    """The whole page."""
    written: set[str] = set()
    parts = [_part(name, title, written) for name, title in PARTS]
    tests = functional_vocabulary()
    vocabulary = (
        f"## Names in `tests` and `measures`\n\nTests: {_codes(sorted(tests.tests))}.\n\n"
        f"Measures: {_codes(sorted(tests.measures))}.\n"
    )
    return "\n".join([HEAD, *parts, vocabulary])


def _part(name: str, title: str, written: set[str]) -> str:
    schema = _schema(name)
    definitions = {key: value for key, value in schema.get("$defs", {}).items() if key not in written}
    lines = [f"## `{name}`", "", f"{title}.", "", _table(schema, schema.get("title", ""))]
    for key, definition in sorted(definitions.items()):
        written.add(key)
        lines += [f"### {key}", "", _sentence(definition.get("description", "")), ""]
        if "enum" in definition:
            lines += [f"One of {_codes(definition['enum'])}.", ""]
        else:
            lines += [_table(definition, key)]
    return "\n".join(lines)


def _schema(name: str) -> dict[str, Any]:
    match name:
        case "policy":
            schema: dict[str, Any] = json.loads(policy_schema())
            return schema
        case "functional":
            return FunctionalReport.model_json_schema(mode="validation")
        case _:
            record = Assessment if name == "grade" else Inspection
            return record.model_json_schema(mode="serialization")


def _table(schema: dict[str, Any], title: str) -> str:
    required, docs = schema.get("required", []), _docstrings(title)
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for key, field in schema.get("properties", {}).items():
        meaning = _sentence(field.get("description") or docs.get(key, ""))
        rows.append(f"| `{key}`{'' if key in required else ' *'} | {_type(field)} | {meaning} |")
    return "\n".join(rows) + "\n"


def _type(field: dict[str, Any]) -> str:
    """The type of a field in words, with links to the records of this page."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if "enum" in field:
        words = field["enum"]
        return _codes(words) if len(words) <= 8 else f"one of {len(words)} names"
    if "const" in field:
        return f"`{field['const']}`"
    match field.get("type"):
        case "array" if "prefixItems" in field:
            return f"list of {len(field['prefixItems'])}: {_type(field['prefixItems'][0])}"
        case "array":
            return f"list of {_type(field.get('items', {}))}"
        case "object" if isinstance(field.get("additionalProperties"), dict):
            return f"mapping to {_type(field['additionalProperties'])}"
        case str(name):
            return {"string": "text", "boolean": "true or false", "integer": "whole number"}.get(name, name)
        case _:
            return "any"


@cache
def _docstrings(title: str) -> dict[str, str]:
    """By field, the string below the field in the class of that record; no two records share a name."""
    record = {record.__name__: record for record in _records(Strict)}.get(title)
    return {} if record is None else _fields_of(record)


def _records(root: type[BaseModel]) -> list[type[BaseModel]]:
    return [one for child in root.__subclasses__() for one in (child, *_records(child))]


def _fields_of(record: type[BaseModel]) -> dict[str, str]:
    """Docstrings of the fields of one class, those that it inherits included."""
    docs: dict[str, str] = {}
    for cls in reversed(record.__mro__):
        if cls in (BaseModel, Strict) or not issubclass(cls, BaseModel):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for field, after in itertools.pairwise(statements):
            match field, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    docs[name] = text
    return docs


def _sentence(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _codes(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
