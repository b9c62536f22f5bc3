"""Write again what README and docs quote from the software: printed outputs, the field reference, the figure of rooms.

    python docs/refresh.py

In a page, `<!-- output: phonegrade ... -->` before a fenced block says that the block is what that command prints, and
`<!-- output -->` that the Python block before it prints it; `<!-- says: dark.jpg as back -->` comes before what the
software says of that picture. A shell block after `<!-- run -->` is run beforehand. All run in one scratch folder that
holds `samples/` and `docs/`. `tests/test_readme.py` calls the same functions.
"""

import atexit
import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from phonegrade.cli.main import main as phonegrade_command
from phonegrade.docs.field_reference import field_reference
from phonegrade.docs.room_figure import room_figure

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FIELDS = ROOT / "docs" / "fields.md"
ROOMS = ROOT / "docs" / "pictures" / "rooms.svg"
_COMMAND = re.compile(r"(<!-- output: (phonegrade [^\n]+?) -->\n```\w*\n)(.*?)(```)", re.DOTALL)
_PYTHON = re.compile(r"(```python\n(.*?)```\n[^`]*?<!-- output -->\n```\w*\n)(.*?)(```)", re.DOTALL)
_ANSWER = re.compile(r"(<!-- output: the sample's answer, shortened -->\n```json\n)(.*?)(```)", re.DOTALL)
_SAYS = re.compile(r"(<!-- says: (\S+) as (\w+) -->)(.*?)(<!-- end -->)")
_RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)


@cache
def scratch_folder() -> Path:
    """A folder with links to `samples/` and `docs/`, in which every block after `<!-- run -->` was run by a shell."""
    folder = tempfile.TemporaryDirectory(prefix="phonegrade-docs-")
    atexit.register(folder.cleanup)
    root = Path(folder.name)
    for name in ("samples", "docs"):
        (root / name).symlink_to(ROOT / name)
    command = root / "bin" / "phonegrade"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m phonegrade "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = os.pathsep.join([str(command.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join([str(ROOT.parent), *sys.path])}
    for page in PAGES:
        for block in _RUN.findall(page.read_text(encoding="utf-8")):
            subprocess.run(["/bin/bash", "-euo", "pipefail", "-c", block], cwd=root, env=environment, check=True)  # noqa: S603
    return root


@cache
def printed_by_command(line: str) -> str:
    """What a `phonegrade ...` line prints to stdout in the scratch folder, without spaces at the ends of its lines."""
    out = io.StringIO()
    with contextlib.chdir(scratch_folder()), contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        phonegrade_command(shlex.split(line)[1:])
    return _tidy(out.getvalue())


@cache
def printed_by_python(code: str) -> str:
    """What a Python block prints in the scratch folder."""
    out = io.StringIO()
    with contextlib.chdir(scratch_folder()), contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the lines that the README shows
    return _tidy(out.getvalue())


def refreshed(page: str) -> str:
    """The text of a page with every quoted output as it is now."""
    page = _COMMAND.sub(lambda match: match[1] + printed_by_command(match[2]) + match[4], page)
    page = _ANSWER.sub(lambda match: match[1] + shortened_answer() + match[3], page)
    page = _SAYS.sub(lambda match: match[1] + messages_of_picture(match[2], match[3]) + match[5], page)
    return _PYTHON.sub(lambda match: match[1] + printed_by_python(match[2]) + match[4], page)


@cache
def messages_of_picture(name: str, view: str) -> str:
    """The messages that a picture of docs/pictures/ gets when it is sent as `view`, or how many defects it shows."""
    line = f'phonegrade inspect --view {view} --device "iphone 13" --jsonl docs/pictures/{name}'
    answer: dict[str, Any] = json.loads(printed_by_command(line))
    count = len(answer["defects"])
    messages = [f"{flag['message']} (`{flag['code']}`)" for flag in answer["quality"]]
    return " ".join(messages) or f"Accepted; {count} defect{'s' * (count != 1)} reported."


@cache
def shortened_answer() -> str:
    """The sample's answer as JSON, with what repeats itself left out."""
    answer: dict[str, Any] = json.loads(printed_by_command("phonegrade grade samples --json"))
    decision, front = answer["decision"], answer["inspections"]["front"]
    kept = ("status", "grade", "cosmetic_grade", "reasons", "needs_review", "policy")
    short: dict[str, Any] = {
        "decision": {key: decision[key] for key in kept} | {"...": "..."},
        "device": answer["device"],
        "inspections": {
            "front": {
                "view": front["view"],
                "scale": front["scale"],
                "defects": [front["defects"][0] | {"polygon": ["..."]}, "..."],
                "...": "...",
            },
            "...": "...",
        },
    }
    short |= {key: "..." for key in answer if key not in short}
    return json.dumps(short, indent=2, ensure_ascii=False) + "\n"


def commands_of(page: str) -> list[str]:
    """Every line of a page's shell blocks, continued lines joined and comments dropped."""
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).replace("\\\n", " ")
    return [line for line in (raw.split(" #")[0].strip() for raw in shell.splitlines()) if line and line[0] != "#"]


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n") + "\n"


def main() -> None:
    """Rewrite every page, docs/fields.md and docs/pictures/rooms.svg where they differ."""
    os.environ["COLUMNS"] = "100"
    fresh = {FIELDS: field_reference(), ROOMS: room_figure()}
    fresh |= {page: refreshed(page.read_text(encoding="utf-8")) for page in PAGES if page != FIELDS}
    for file, text in fresh.items():
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            sys.stderr.write(f"wrote {file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
