"""YAML whose every value remembers its line, so that an error can point at it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

_PLAIN_NUMBER = re.compile(
    r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
"""A plain decimal number; YAML also takes 010 for 8, 1:30 for 90, 0x10 for 16 and 1_0 for 10."""
_NUMBER_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")

Path = tuple[str | int, ...]
"""Keys and list indices from the top of the document to a value."""


_DEEPEST = 32


class MarkedYamlError(ValueError):
    """The text is not plain YAML; `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class MarkedYaml:
    """A parsed document and the line of each of its values."""

    value: object
    lines: dict[Path, int]

    def line_of(self, path: Sequence[str | int]) -> int:
        """Line of the value at `path`, or of its nearest parent that exists."""
        for end in range(len(path), -1, -1):
            line = self.lines.get(tuple(path[:end]))
            if line is not None:
                return line
        return 1


def parse_marked_yaml(text: str) -> MarkedYaml:
    """Parse one document of mappings, lists and scalars.

    Raises MarkedYamlError for broken YAML, for a key given twice (YAML would silently keep the last), for a
    number in another base than ten, and for aliases and deep nesting, with which a small text can make an enormous
    document or hours of parsing.
    """
    try:
        _refuse_bombs(text)
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        lines: dict[Path, int] = {}
        if root is None:
            raise MarkedYamlError(1, "the file is empty")
        _mark(root, (), lines)
        return MarkedYaml(loader.construct_document(root), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise MarkedYamlError(mark.line + 1 if mark else 1, str(error.problem or error.context)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, MarkedYamlError):
            raise
        raise MarkedYamlError(1, str(error).splitlines()[0]) from error


def _refuse_bombs(text: str) -> None:
    """Refuse aliases and deep nesting, found in the stream of events before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise MarkedYamlError(line, f"alias *{event.anchor} is not allowed here")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise MarkedYamlError(line, f"nested more than {_DEEPEST} deep")


def _mark(node: yaml.Node, path: Path, lines: dict[Path, int]) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise MarkedYamlError(key.start_mark.line + 1, "a key must be a plain word")
            inner = (*path, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                raise MarkedYamlError(line, f"{key.value!r} is given twice, first on line {lines[inner]}")
            lines[inner] = line
            _mark(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _mark(value, (*path, index), lines)
    elif isinstance(node, yaml.ScalarNode) and node.tag in _NUMBER_TAGS and not _PLAIN_NUMBER.fullmatch(node.value):
        raise MarkedYamlError(
            node.start_mark.line + 1,
            f"{node.value} is not a plain decimal number (YAML reads another); write it without leading zeros and "
            f"signs in it, or in quotes where it is a text",
        )
