"""Errors of stored cases repeat nothing that the client sent: a scanner types a phone's number into any field.

What is wrong is said by the names that the service itself has for things, and by the nearest of them.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.problems import message, nearest

SENT = "(as sent)"
"""Stands for a client's word."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LINK_ID = re.compile(r"[0-9a-f]{10}")
_EXAMPLES = {_ID: "01936f00-0000-7000-8000-000000000001", _LINK_ID: "0a1b2c3d4e"}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_QUOTE_LENGTH = 80
"""Where messages cut what they quote."""
_OURS = frozenset({"body", "query", "header", "path", "[key]"})


def refuse_strange_ids(request: Request) -> None:
    """Raise NotFoundError, without it, for an id in the address that nothing here could have."""
    for name, value in request.path_params.items():
        pattern = _LINK_ID if name == "link_id" else _ID
        if name.endswith("_id") and pattern.fullmatch(str(value)) is None:
            what = name.removesuffix("_id").replace("_", " ")
            raise NotFoundError(f"no such {what}: ids look like {_EXAMPLES[pattern]}")


def sent_words(request: Request, body: bytes) -> set[str]:
    """Return every text of a request's address, its If-Match and its JSON body, members' names among them."""
    words = {*map(str, request.path_params.values()), request.headers.get("if-match", "")}
    for name, value in request.query_params.multi_items():
        words |= {name, value}
    with suppress(ValueError):  # of what is no JSON, no word was read
        words |= set(_texts(json.loads(body)))
    return {word for word in words if word}


def without(text: str, words: Iterable[str]) -> str:
    """Return a message that quotes none of `words`."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(repr(word)[:_QUOTE_LENGTH], SENT)
    return text


def quoting_only(text: str, known: Collection[str]) -> str:
    """Return a message that quotes nothing but `known` words: for a form, whose words are not at hand."""

    def kept(match: re.Match[str]) -> str:
        return match[0] if (match[1] or match[2] or "") in known else SENT

    return _QUOTED.sub(kept, text)


def problems_of(error: RequestValidationError, body: Any, queries: Collection[str]) -> str:  # noqa: ANN401  any annotation
    """Return what is wrong with a request, located by the service's own names alone."""
    members, names = _words_of(body)
    return "; ".join(_located(one, members, {*queries, *names}) for one in error.errors())


@cache
def _words_of(body: Any) -> tuple[tuple[str, ...], frozenset[str]]:  # noqa: ANN401  as above
    """Return the members of a body's type, and every word that its schema has."""
    schema = {} if body is None else TypeAdapter(body).json_schema(mode="validation")
    return tuple(schema.get("properties", ())), frozenset(_names(schema))


def _located(problem: Any, members: Collection[str], names: Collection[str]) -> str:  # noqa: ANN401  as pydantic lists it
    *above, last = problem["loc"]
    where = _shown(above[1:], names)
    if problem["type"] == "extra_forbidden":
        near = f"; the nearest is {nearest(str(last), members)[0]!r}" if members and not where else ""
        return f"{'.'.join([*where, 'a member'])} is unknown here{near}"
    return f"{'.'.join([*where, *_shown([last], names)])}: {message(problem)}"


def _shown(parts: Iterable[str | int], names: Collection[str]) -> list[str]:
    """Return the parts of a place; the key of a table that the client made up has no name."""
    return [str(one) if isinstance(one, int) or one in names else SENT for one in parts if one not in _OURS]


def _names(schema: Any) -> Iterator[str]:  # noqa: ANN401  any part of a JSON schema
    """Yield the words that a schema has itself: names of members, and what a member may say."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from (one for one in (*schema.get("enum", ()), schema.get("const")) if isinstance(one, str))
    for one in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _names(one)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  any JSON
    match value:
        case str():
            yield value
        case dict():
            yield from value
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)
