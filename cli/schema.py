"""`phonegrade schema`: the JSON Schema of what goes in and comes out, for other programs."""

import json
from typing import Annotated, Literal, assert_never

import typer
from pydantic import BaseModel

from phonegrade.assessment.assessment import Assessment
from phonegrade.cli.console import print_result
from phonegrade.configs.policy import policy_schema
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(
    what: Annotated[
        Literal["grade", "inspect", "functional", "policy"],
        typer.Argument(help="grade --json and inspect --jsonl come out; test files and policies go in."),
    ],
) -> None:
    """Print the JSON Schema of an answer, of a functional test file or of a policy."""
    match what:
        case "grade":
            print_result(_schema(Assessment))
        case "inspect":
            print_result(_schema(Inspection))
        case "functional":
            print_result(_schema(FunctionalReport))
        case "policy":
            print_result(policy_schema().rstrip("\n"))
        case _:
            assert_never(what)


def _schema(record: type[BaseModel]) -> str:
    mode: Literal["validation", "serialization"] = "validation" if record is FunctionalReport else "serialization"
    return json.dumps({"$schema": DIALECT, **record.model_json_schema(mode=mode)}, indent=2, ensure_ascii=False)
