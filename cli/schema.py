"""`phonegrade schema`: the JSON Schema of what goes in and comes out, for other programs."""

import json
from typing import Annotated, Any, Literal, assert_never

import typer
from pydantic import TypeAdapter

from phonegrade.assessment.assessment import Assessment
from phonegrade.batch.answer_lines import FailedFolderLine, FailedPhotoLine, GradedFolderLine
from phonegrade.cli.console import print_result
from phonegrade.configs.policy import policy_schema
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(
    what: Annotated[
        Literal["grade", "inspect", "functional", "policy"],
        typer.Argument(help="grade --json and inspect come out; test files and policies go in."),
    ],
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Of a line of grade --jsonl or inspect --jsonl, those with an error too.")
    ] = False,
) -> None:
    """Print the JSON Schema of an answer, of a functional test file or of a policy."""
    if jsonl and what not in ("grade", "inspect"):
        raise UsageError(f"--jsonl is for grade and inspect: {what} is no line of an answer")
    match what:
        case "grade":
            print_result(_schema(TypeAdapter(GradedFolderLine | FailedFolderLine if jsonl else Assessment)))
        case "inspect":
            print_result(_schema(TypeAdapter(Inspection | FailedPhotoLine if jsonl else Inspection)))
        case "functional":
            print_result(_schema(TypeAdapter(FunctionalReport), "validation"))
        case "policy":
            print_result(policy_schema().rstrip("\n"))
        case _:
            assert_never(what)


def _schema(record: TypeAdapter[Any], mode: Literal["validation", "serialization"] = "serialization") -> str:
    return json.dumps({"$schema": DIALECT, **record.json_schema(mode=mode)}, indent=2, ensure_ascii=False)
