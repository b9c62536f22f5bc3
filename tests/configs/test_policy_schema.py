"""The published schema: up to date, and of one mind with the parser about shape and words."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import phonegrade.configs.policy as policy_module
from phonegrade.configs.policy import SCHEMA_FILE, policy_schema, shipped_policies

SHIPPED = Path(policy_module.__file__).with_name("policies")
SCHEMA = json.loads(policy_schema())


def content(name: str) -> dict[str, Any]:
    """A shipped policy as plain data."""
    loaded = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_the_published_file_is_what_the_command_prints() -> None:
    published = (SHIPPED / SCHEMA_FILE).read_text(encoding="utf-8")
    assert published == policy_schema(), "phonegrade policy schema > configs/policies/policy.schema.json"


def test_it_is_a_schema_whose_keys_are_explained() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    limit = SCHEMA["$defs"]["Limit"]["properties"]
    assert "may be larger" in limit["size_bins"]["description"]
    assert "dead_pixels" in SCHEMA["$defs"]["Gate"]["properties"]["tests"]["items"]["enum"]


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_fits_it(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(content(name))
    first = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA_FILE}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("cosmetic", "grades", 0, "limits", 0, "max_cuont"), 3),
        (("cosmetic", "grades", 0, "limits", 0, "kinds", 0), "crak"),
        (("cosmetic", "grades", 0, "limits", 0, "max_count"), -1),
        (("functional", "gates", 0, "tests", 0), "dead_pixel_s"),
        (("functional", "locks", "refused", 0), "wifi"),
        (("functional", "deductions", 0, "share"), 1.5),
        (("evidence", "missing_surface"), "ignore"),
        (("version",), "1"),
    ],
)
def test_an_invalid_key_or_value_does_not_fit(path: tuple[str | int, ...], value: object) -> None:
    wrong: Any = copy.deepcopy(content("ctia-like"))
    inner = wrong
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(wrong)
