"""Journeys: versioned data that state what a case needs, who may do which step, and what decides."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from phonegrade.configs.data_file import check_word, parse_data_file, read_bounded
from phonegrade.configs.journey_parts import (
    NEED_OF_STEP,
    DecidingRule,
    Exclusion,
    JourneyStep,
    Needs,
    Otherwise,
    QuoteRules,
    ResaleRules,
    StepName,
)
from phonegrade.configs.policy_part import MisplacedError, PolicyPart
from phonegrade.core.journey_errors import JourneyError
from phonegrade.core.problems import nearest

JOURNEY_SCHEMA_FILE = "journey.schema.json"
_FOLDER = Path(__file__).with_name("journeys")


class JourneyFile(PolicyPart):
    """The contents of a journey file."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    description: str
    offering: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    """What a customer who qualifies gets."""
    needs: Needs
    steps: Annotated[tuple[JourneyStep, ...], Field(min_length=1)]
    """In the order in which people are asked for them; `after` says which order is binding."""
    rules: tuple[DecidingRule, ...]
    """The first that applies decides."""
    exclusions: tuple[Exclusion, ...] = ()
    """What a qualified case does not cover."""
    otherwise: Otherwise
    """The outcome where no rule applies and nothing that a rule asks about is unknown."""
    valid_days: Annotated[int, Field(ge=1, le=366)]
    """For so long an outcome holds."""
    quote: QuoteRules | None = None
    resale: ResaleRules | None = None
    """Where left out, no reason of the resale gate can be lifted."""

    @model_validator(mode="after")
    def _steps_and_needs_agree(self) -> Self:
        names = tuple(step.step for step in self.steps)
        for index, step in enumerate(self.steps):
            if names.index(step.step) != index:
                raise MisplacedError(("steps", index, "step"), f"{step.step} is a step already")
            for place, before in enumerate(step.after):
                check_word(("steps", index, "after", place), before, names[:index])
            need = NEED_OF_STEP.get(step.step)
            if need is not None and getattr(self.needs, need) is None:
                raise MisplacedError(("steps", index, "step"), f"{step.step} needs `needs.{need}`, which is missing")
        for step_name, need in NEED_OF_STEP.items():
            if getattr(self.needs, need) is not None and step_name not in names:
                raise MisplacedError(("needs", need), f"no step {step_name} would ever ask for it")
        if "qualify" not in names:
            raise MisplacedError(("steps",), "there is no step qualify, so the rules would never decide")
        if ("quote" in names) != (self.quote is not None):
            raise MisplacedError(("quote",), "a step quote and a part quote belong together")
        return self

    @model_validator(mode="after")
    def _rules_once(self) -> Self:
        for part, rules in (("rules", self.rules), ("exclusions", self.exclusions)):
            names = [rule.rule for rule in rules]
            for index, name in enumerate(names):
                if names.index(name) != index:
                    raise MisplacedError((part, index, "rule"), f"there is a rule {name} already")
        return self

    def step(self, name: StepName) -> JourneyStep | None:
        """Return the step of that name."""
        return next((step for step in self.steps if step.step == name), None)

    def up_to(self, name: StepName) -> tuple[JourneyStep, ...]:
        """Return every step that must be done before that one, directly or not, in the order of the file."""
        wanted: set[str] = set()
        for step in reversed(self.steps):
            if step.step == name or step.step in wanted:
                wanted.update(step.after)
        return tuple(step for step in self.steps if step.step in wanted)


class Journey(JourneyFile):
    """A journey file and the SHA-256 of its bytes, by which an outcome can be traced to it."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def shipped_journeys() -> tuple[str, ...]:
    """Return the names of the shipped journeys."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def shipped_journey(name: str) -> Journey:
    """Return the shipped journey of that name, never a file elsewhere. Raises JourneyError that names the nearest."""
    names = shipped_journeys()
    if name not in names:
        near = nearest(name, names)[0]
        raise JourneyError(f"unknown journey {name!r:.80}; the nearest is {near!r} (of {', '.join(names)})")
    path = _FOLDER / f"{name}.yaml"
    return parse_journey(path.read_bytes(), path.name)


def shipped_journey_text(name: str) -> str:
    """Return the text of the shipped journey of that name. Raises JourneyError that names the nearest."""
    shipped_journey(name)
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def load_journey(name_or_path: str | Path) -> Journey:
    """Return a shipped journey by name, or any journey file by path (a `Path`, or a text ending in .yaml or .yml).

    Raises JourneyError that names file, line, key and the nearest valid key.
    """
    if isinstance(name_or_path, str) and not name_or_path.lower().endswith((".yaml", ".yml")):
        return shipped_journey(name_or_path)
    path = Path(name_or_path)
    return parse_journey(read_bounded(path, JourneyError), str(path))


def load_journeys(folder: Path | None = None) -> dict[str, Journey]:
    """Return the shipped journeys by name, and those of a folder, which replace shipped ones of their name."""
    own: Iterable[Path] = () if folder is None else sorted(folder.glob("*.yaml"))
    journeys = {name: shipped_journey(name) for name in shipped_journeys()}
    return {**journeys, **{journey.name: journey for journey in map(load_journey, own)}}


def parse_journey(data: bytes, name: str) -> Journey:
    """Return the journey in the bytes of a file; `name` stands for the file in messages. Raises JourneyError."""
    content = parse_data_file(data, name, JourneyFile, JourneyError, "journey")
    given = {key: getattr(content, key) for key in content.model_fields_set}
    return Journey(**given, sha256=hashlib.sha256(data).hexdigest())


def journey_schema() -> str:
    """Return the schema as a JSON text; a journey that fits it may still contradict itself, which parsing shows."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **JourneyFile.model_json_schema(),
        "title": "phonegrade journey",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
