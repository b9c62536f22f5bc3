"""Write again what README and docs quote from the software: printed outputs, the field reference, the figure of rooms.

    python docs/refresh.py

In a page, `<!-- output: phonegrade ... -->` before a fenced block says that the block is what that command prints, and
`<!-- output -->` that it is what the Python block before it prints. `tests/test_docs.py` runs the same functions.
"""

import contextlib
import io
import os
import re
import shlex
import sys
from functools import cache
from pathlib import Path

from phonegrade.cli.main import main as phonegrade_command
from phonegrade.docs.field_reference import field_reference
from phonegrade.docs.room_figure import room_figure

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FIELDS = ROOT / "docs" / "fields.md"
ROOMS = ROOT / "docs" / "pictures" / "rooms.svg"
_COMMAND = re.compile(r"(<!-- output: (phonegrade [^\n]+?) -->\n```\w*\n)(.*?)(```)", re.DOTALL)
_PYTHON = re.compile(r"(```python\n(.*?)```\n[^`]*?<!-- output -->\n```\w*\n)(.*?)(```)", re.DOTALL)


@cache
def printed_by_command(line: str) -> str:
    """What a `phonegrade ...` line prints to stdout in the checkout's root, without spaces at the ends of its lines."""
    out = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        phonegrade_command(shlex.split(line)[1:])
    return _tidy(out.getvalue())


@cache
def printed_by_python(code: str) -> str:
    """What a Python block prints in the checkout's root."""
    out = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the lines that the README shows
    return _tidy(out.getvalue())


def refreshed(page: str) -> str:
    """The text of a page with every quoted output as it is now."""
    page = _COMMAND.sub(lambda found: found[1] + printed_by_command(found[2]) + found[4], page)
    return _PYTHON.sub(lambda found: found[1] + printed_by_python(found[2]) + found[4], page)


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
