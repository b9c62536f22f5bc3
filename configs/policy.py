"""Grading policies: versioned data that state what each grade allows."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from phonegrade.configs.certainty_policy import ReviewPolicy, ValuePolicy
from phonegrade.configs.cosmetic_policy import CosmeticPolicy
from phonegrade.configs.data_file import check_word, parse_data_file, read_bounded
from phonegrade.configs.functional_policy import Code, FunctionalPolicy
from phonegrade.configs.policy_part import GradeName, MisplacedError, PolicyPart, Share, Source, model_limit
from phonegrade.core.errors import PolicyError
from phonegrade.core.inspection import Dirt
from phonegrade.core.problems import nearest
from phonegrade.core.vocabulary import Surface

SCHEMA_FILE = "policy.schema.json"
_FOLDER = Path(__file__).with_name("policies")
_NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"


class DirtPolicy(PolicyPart):
    """Contamination is never a defect: above this share the surface must be cleaned and retaken."""

    min_confidence: Annotated[
        Annotated[Literal["model"], Tag("[model]")] | Annotated[Share, Tag("[share]")],
        Discriminator(lambda value: "[model]" if isinstance(value, str) else "[share]"),
    ]
    """`model`: a patch counts from the model's own limit of its kind on its surface. Or one limit for all."""
    max_area_share: Share
    """Of the area of the surface, all patches in total."""
    beyond: Literal["retake", "incomplete"] = "retake"
    """Status of the phone where there is more."""
    source: Source

    def counts_from(self, dirt: Dirt) -> float:
        """Return the confidence from which a patch counts."""
        return model_limit(dirt.counts_from) if isinstance(self.min_confidence, str) else self.min_confidence


class EvidencePolicy(PolicyPart):
    """What the photos must show before they can be graded."""

    required_surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)]
    missing_surface: Literal["incomplete", "retake"] = "incomplete"
    """Status of a phone with a required surface missing; either way there is no grade."""
    assumed_scale: Literal["provisional", "review", "incomplete"]
    """A grade measured with an assumed phone is flagged as provisional, sent to manual review, or not given."""
    unresolvable: Literal["worse_grade", "retake"] = "worse_grade"
    """A photo too coarse for a grade cannot prove it: the surface gets the best grade it can prove, or is retaken."""
    incomplete_on: tuple[str, ...]
    """Quality flags of a photo that shows something other than the surface."""
    retake_on: tuple[str, ...]
    """Quality flags of a photo that is not good enough."""
    source: Source


class CrossRow(PolicyPart):
    """Maps every combination of these grades of the policy `policy` to one cosmetic and one functional grade here."""

    policy: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    cosmetic_grades: Annotated[tuple[GradeName, ...], Field(min_length=1)]
    functional_grades: Annotated[tuple[Code, ...], Field(min_length=1)]
    cosmetic_grade: GradeName
    functional_grade: Code
    source: Source


class PolicyFile(PolicyPart):
    """The contents of a policy file."""

    name: Annotated[str, Field(pattern=_NAME)]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    description: str
    grade_format: Annotated[str, Field(max_length=64)] = "{cosmetic_grade}{functional_grade}"
    """Format of the combined grade; {cosmetic_grade} and {functional_grade} stand for its parts."""
    evidence: EvidencePolicy
    contamination: DirtPolicy
    cosmetic: CosmeticPolicy
    functional: FunctionalPolicy
    value: ValuePolicy
    review: ReviewPolicy
    crosswalk: tuple[CrossRow, ...] = ()
    """Equivalents of the grades of other policies; a combination without a row has none."""

    @model_validator(mode="after")
    def _grades_exist(self) -> Self:
        names, codes = self.cosmetic.names, self.functional.codes.ordered
        for index, gate in enumerate(self.functional.gates):
            check_word(("functional", "gates", index, "grade"), gate.grade, names)
        for index, row in enumerate(self.crosswalk):
            check_word(("crosswalk", index, "cosmetic_grade"), row.cosmetic_grade, names)
            check_word(("crosswalk", index, "functional_grade"), row.functional_grade, codes)
        if list(self.value.value_share) != list(names):
            given = ", ".join(self.value.value_share)
            problem = f"must name every grade, best first: {', '.join(names)}, not {given}"
            raise MisplacedError(("value", "value_share"), problem)
        if "{cosmetic_grade}" not in self.grade_format:
            raise MisplacedError(("grade_format",), f"must hold {{cosmetic_grade}}, not {self.grade_format!r}")
        return self

    def write(self, cosmetic_grade: str, functional_grade: str) -> str:
        """Return the combined grade in the format of this policy."""
        return self.grade_format.replace("{cosmetic_grade}", cosmetic_grade).replace(
            "{functional_grade}", functional_grade
        )


class Policy(PolicyFile):
    """A policy file and the SHA-256 of its bytes, by which a decision can be traced to it."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def shipped_policies() -> tuple[str, ...]:
    """Return the names of the shipped policies."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def shipped_policy(name: str) -> Policy:
    """Return the shipped policy of that name, never a file elsewhere. Raises PolicyError that names the nearest."""
    path = _shipped_file(name)
    return parse_policy(path.read_bytes(), path.name)


def shipped_policy_text(name: str) -> str:
    """Return the text of the shipped policy of that name. Raises PolicyError that names the nearest."""
    return _shipped_file(name).read_text(encoding="utf-8")


def _shipped_file(name: str) -> Path:
    names = shipped_policies()
    if name not in names:
        raise PolicyError(
            f"unknown policy {name!r}; the nearest is {nearest(name, names)[0]!r} (of {', '.join(names)})"
        )
    return _FOLDER / f"{name}.yaml"


def load_policy(name_or_path: str | Path) -> Policy:
    """Return a shipped policy by name, or any policy file by path (a `Path`, or a text ending in .yaml or .yml).

    Raises PolicyError that names file, line, key and the nearest valid key.
    """
    if isinstance(name_or_path, str) and not name_or_path.lower().endswith((".yaml", ".yml")):
        return shipped_policy(name_or_path)
    path = Path(name_or_path)
    return parse_policy(read_bounded(path, PolicyError), str(path))


def parse_policy(data: bytes, name: str) -> Policy:
    """Return the policy in the bytes of a file; `name` stands for the file in messages. Raises PolicyError."""
    content = parse_data_file(data, name, PolicyFile, PolicyError, "policy")
    return Policy(**dict(content), sha256=hashlib.sha256(data).hexdigest())


def policy_schema() -> str:
    """Return the schema as a JSON text; a policy that fits it may still contradict itself, which only parsing shows."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PolicyFile.model_json_schema(),
        "title": "phonegrade grading policy",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
