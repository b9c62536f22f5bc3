"""Reads the YAML files that hold rules: strict, bounded, and with errors that name file, line, key and nearest word."""

import re
import types
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from phonegrade.configs.policy_part import MisplacedError
from phonegrade.core.errors import InputError
from phonegrade.core.marked_yaml import MarkedYaml, MarkedYamlError, parse_marked_yaml
from phonegrade.core.problems import message, nearest

M = TypeVar("M", bound=BaseModel)
_MAX_BYTES = 256 * 1024


def read_bounded(path: Path, error: type[InputError]) -> bytes:
    """Return the bytes of a file, one more than allowed at most. Raises `error` for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES + 1)
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror}") from problem


def parse_data_file(data: bytes, name: str, model: type[M], error: type[InputError], what: str) -> M:
    """Return the contents of a file of rules; `name` stands for it in messages and `what` says what it should be.

    Raises `error`, one line a problem, each with file, line, key and, for a misspelt one, the nearest valid word.
    """
    if len(data) > _MAX_BYTES:
        raise error(f"{name}: a {what} file has at most {_MAX_BYTES} bytes")
    try:
        document = parse_marked_yaml(data.decode("utf-8-sig"))
        return model.model_validate(document.value)
    except UnicodeDecodeError as problem:
        raise error(f"{name}: not UTF-8 text") from problem
    except MarkedYamlError as problem:
        raise error(f"{name}:{problem.line}: {problem.problem}") from problem
    except ValidationError as problem:
        raise error("\n".join(_explained(problem, document, name, model, what))) from problem


def check_word(path: tuple[str | int, ...], given: str, valid: Iterable[str]) -> None:
    """Raise MisplacedError, with the nearest valid word, for a word that is not valid at `path`."""
    words = tuple(valid)
    if given not in words:
        if not words:
            raise MisplacedError(path, f"unknown value {given!r}; there is none to name")
        problem = f"unknown value {given!r}; the nearest valid one is {nearest(given, words)[0]!r}"
        raise MisplacedError(path, f"{problem} (of {', '.join(words)})")


def _explained(
    error: ValidationError, document: MarkedYaml, name: str, model: type[BaseModel], what: str
) -> Iterable[str]:
    for problem in error.errors(include_url=False):
        path = tuple(part for part in problem["loc"] if not str(part).startswith("["))
        cause = problem.get("ctx", {}).get("error")
        if isinstance(cause, MisplacedError):
            path = (*path, *cause.path)
        where = f"{name}:{document.line_of(path)}: {'.'.join(map(str, path)) or what}"
        match problem["type"]:
            case "extra_forbidden":
                valid = _keys_at(path[:-1], model)
                yield f"{where}: unknown key; the nearest valid one is {nearest(str(path[-1]), valid)[0]!r}"
            case "missing":
                yield f"{where}: this key is missing"
            case "enum" | "literal_error":
                valid = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
                given = str(problem["input"])
                yield f"{where}: unknown value {given!r}; the nearest valid one is {nearest(given, valid)[0]!r}"
            case _:
                yield f"{where}: {message(problem)}"


def _keys_at(path: tuple[str | int, ...], whole: type[BaseModel]) -> list[str]:
    """Return the valid keys of the mapping at `path`, by walking the annotations of the models."""
    model = whole
    for part in path:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) is None:
        return None
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)
