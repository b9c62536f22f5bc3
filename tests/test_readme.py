"""What README, docs and CHANGELOG promise."""

import ast
import itertools
import json
import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main
from fastapi.testclient import TestClient

from phonegrade import __version__
from phonegrade.cli.main import app
from phonegrade.configs.policy import load_policy
from phonegrade.core.errors import PhonegradeError
from phonegrade.docs import refresh
from phonegrade.docs.field_reference import field_reference
from phonegrade.docs.room_figure import room_figure
from phonegrade.tests.served_metrics import JOURNEY_METRICS, METRICS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HTTP = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
PAGES = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in refresh.PAGES}
LINES = [
    (page, line)
    for page in (*PAGES, "CONTRIBUTING.md", "samples/README.md")
    for line in refresh.commands_of((ROOT / page).read_text(encoding="utf-8"))
]
COMMANDS = [line for _, line in LINES if line.startswith("phonegrade ")]
OTHER_PROGRAMS = {"make", "pip", "python", "curl", "uvicorn", "docker", "sed", "/opt/phonegrade/bin/pip"}


def _leaves(root: type[PhonegradeError]) -> list[type[PhonegradeError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _leaves(child))]


def test_the_readme_opens_with_the_two_commands_that_do_all_the_set_up() -> None:
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert first is not None
    targets = re.findall(r"^make (\w+)", first[1], re.MULTILINE)
    assert targets == ["grade", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


@pytest.mark.parametrize("line", [line for line in COMMANDS if line != "phonegrade --version"])
def test_every_command_of_readme_and_docs_is_understood(line: str) -> None:
    command: Any = typer.main.get_command(app)
    verb, arguments = "", list(itertools.takewhile(lambda word: word not in (">", "|"), shlex.split(line)[1:]))
    while hasattr(command, "commands"):
        verb, command, arguments = command.resolve_command(typer.Context(command), arguments)
    command.make_context(verb, arguments)


def test_every_verb_is_shown_in_readme_or_docs() -> None:
    group: Any = typer.main.get_command(app)
    verbs = {name for name, command in group.commands.items() if not command.hidden}
    shown = {shlex.split(line)[1] for line in COMMANDS if line != "phonegrade --version"}
    assert shown == verbs


@pytest.mark.parametrize(("page", "line"), [pair for pair in LINES if not pair[1].startswith("phonegrade ")])
def test_every_other_command_names_what_is_there(page: str, line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program.removeprefix("/opt/phonegrade/bin/") in {*OTHER_PROGRAMS, "phonegrade"}, page
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    if program == "python" and arguments[0].endswith(".py"):
        assert (ROOT / arguments[0]).is_file()


@pytest.mark.parametrize("page", PAGES)
def test_every_quoted_output_is_what_the_software_prints_now(page: str) -> None:
    if page == "docs/fields.md":
        assert PAGES[page] == field_reference(), "python docs/refresh.py"
    else:
        assert PAGES[page] == refresh.refreshed(PAGES[page]), "python docs/refresh.py"


def test_the_figure_of_rooms_is_the_table_of_directions() -> None:
    assert refresh.ROOMS.read_text(encoding="utf-8") == room_figure(), "python docs/refresh.py"


def test_the_python_of_the_readme_has_eight_lines() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    assert len([line for line in code[1].splitlines() if line.strip()]) == 8
    ast.parse(code[1])


def test_the_pictures_are_small() -> None:
    heavy = [file.name for file in (ROOT / "docs" / "pictures").iterdir() if file.stat().st_size >= 200_000]
    assert heavy == []


def test_the_readme_quotes_the_model_card() -> None:
    card = (ROOT / "models" / "weights" / "README.md").read_text(encoding="utf-8")
    figures = re.findall(r"\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]", README)
    assert len(figures) == 4
    assert [figure for figure in figures if f"| {figure} |" not in card] == []
    assert "140 real photos" in card


def test_the_table_of_refusals_is_the_error_tree() -> None:
    for further in ("journey_errors", "data_errors"):
        import_module(f"phonegrade.core.{further}")
    documented = {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", HTTP, re.MULTILINE)}
    assert documented == {leaf.code: leaf.http_status for leaf in _leaves(PhonegradeError)}


def test_the_curl_command_of_the_readme_grades_the_sample() -> None:
    from phonegrade.serve import create_app

    (line,) = (one for page, one in LINES if page == "README.md" and one.startswith("curl "))
    words = shlex.split(line)
    parts = [words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "-F"]
    files = [(name, (value[1:], (ROOT / value[1:]).read_bytes())) for name, value in parts if value[0] == "@"]
    fields = {name: value for name, value in parts if value[0] != "@"}
    url = next(word for word in words if word.startswith("http://127.0.0.1:8000"))
    with TestClient(create_app()) as client:
        answer = client.post(url.removeprefix("http://127.0.0.1:8000"), files=files, data=fields)
    assert answer.status_code == 200
    assert {name for name, _ in files} >= {"front", "back", "left", "right", "top", "bottom"}
    decision = answer.json()["decision"]
    assert f"Grade  {decision['grade']} " in README


def test_the_curl_commands_send_parts_that_the_service_knows() -> None:
    from phonegrade.service.forms import GRADE_FILES, GRADE_PHOTOS, GRADE_TEXTS, INSPECT_PHOTO, INSPECT_TEXTS

    sent = {part for _, line in LINES if line.startswith("curl ") for part in re.findall(r"-F (\w+)=", line)}
    assert sent <= {*GRADE_FILES, *GRADE_PHOTOS, *GRADE_TEXTS, *INSPECT_PHOTO, *INSPECT_TEXTS}


def test_the_operator_reads_of_every_metric_and_its_labels() -> None:
    rows = re.findall(r"^\| `((?:phonegrade|process)_\w+)` \| ([^|]*)\|", OPERATING, re.MULTILINE)
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == METRICS | JOURNEY_METRICS


def test_the_example_answer_names_the_policy_that_ships() -> None:
    shipped = load_policy("ctia-like")
    example = json.loads(re.search(r"```json\n(\{\n  \"decision\".*?)```", HTTP, re.DOTALL)[1])  # type: ignore[index]
    named = example["decision"]["policy"]
    assert named == {"name": shipped.name, "version": shipped.version, "sha256": shipped.sha256}
    assert f"policy {shipped.name} {shipped.version}" in README


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```", "", PAGES[page], flags=re.DOTALL)
    links = [*re.findall(r"\]\(([^)]+)\)", text), *re.findall(r"src=\"([^\"]+)\"", text)]
    missing = []
    for link in (one for one in links if "://" not in one):
        name, _, anchor = link.partition("#")
        file = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            missing.append(link)
    assert missing == []


def _anchors(file: Path) -> set[str]:
    """The names that a page's headings get when it is shown."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_top_release_of_the_changelog_is_the_version() -> None:
    top = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert top is not None
    assert top[1] == __version__


def test_contributing_fits_one_screen() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 50
