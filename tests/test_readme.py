"""What README and CHANGELOG promise."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer.main

from phonegrade import __version__
from phonegrade.cli.main import app
from phonegrade.configs.policy import load_policy
from phonegrade.core.errors import PhonegradeError

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).replace("\\\n", " ")
COMMANDS = [line.split("#")[0].strip() for line in SHELL.splitlines() if line.startswith("phonegrade ")]


def _leaves(root: type[PhonegradeError]) -> list[type[PhonegradeError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _leaves(child))]


def test_the_readme_opens_with_the_two_commands_that_do_all_the_set_up() -> None:
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert first is not None
    targets = re.findall(r"^make (\w+)", first[1], re.MULTILINE)
    assert targets == ["grade", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_is_understood(line: str) -> None:
    verb, *arguments = shlex.split(line)[1:]
    group = typer.main.get_command(app)
    command = group.commands[verb]  # type: ignore[attr-defined]
    command.make_context(verb, list(arguments))


def test_every_verb_is_shown_in_the_readme() -> None:
    group = typer.main.get_command(app)
    assert {shlex.split(line)[1] for line in COMMANDS} == set(group.commands)  # type: ignore[attr-defined]


def test_the_table_of_refusals_is_the_error_tree() -> None:
    told = {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", README, re.MULTILINE)}
    assert told == {leaf.code: leaf.http_status for leaf in _leaves(PhonegradeError)}


def test_the_curl_command_sends_parts_that_the_service_knows() -> None:
    from phonegrade.service.api import GRADE_ONCE, GRADE_PHOTOS

    sent = re.findall(r"-F (\w+)=", SHELL)
    assert set(sent) <= {*GRADE_ONCE, *GRADE_PHOTOS}
    assert len(re.findall(r"-F (?:front|back|left|right|top|bottom)=@", SHELL)) == 6


def test_the_example_answer_names_the_policy_that_ships() -> None:
    shipped = load_policy("ctia-like")
    example = json.loads(re.search(r"```json\n(\{\n  \"decision\".*?)```", README, re.DOTALL)[1])  # type: ignore[index]
    named = example["decision"]["policy"]
    assert named == {"name": shipped.name, "version": shipped.version, "sha256": shipped.sha256}
    assert f"policy {shipped.name} {shipped.version}" in README


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_top_release_of_the_changelog_is_the_version() -> None:
    top = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert top is not None
    assert top[1] == __version__


def test_contributing_fits_one_screen() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 50
