"""Crosswalks: what the grades of one policy are called in another."""

from typing import Annotated

from pydantic import Field

from phonegrade.configs.functional_policy import Code
from phonegrade.configs.policy_part import GradeName, PolicyPart, Source


class CrossRow(PolicyPart):
    """Every combination of these looks and functions of the policy `policy` becomes one look and one function here."""

    policy: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    looks: Annotated[tuple[GradeName, ...], Field(min_length=1)]
    functions: Annotated[tuple[Code, ...], Field(min_length=1)]
    look: GradeName
    function: Code
    source: Source
