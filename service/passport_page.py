"""The page of a passport: drawn here and not by a script, so that it prints, and is read without JavaScript."""

import json
from functools import cache
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from phonegrade.core.functional.report import functional_vocabulary
from phonegrade.core.inspection import Point
from phonegrade.journeys.passport import Passport, PassportTests
from phonegrade.service.web_files import LANGUAGES, ROOT, web_files

_PAGE = "passport"
_ORDER = ("fail", "pass", "not_testable", "not_run", "not_applicable")
"""What is wrong stands first."""


class PageOfPassport(NamedTuple):
    """What a page shows."""

    passport: Passport
    signed: bytes
    """The signed record, which the page's own figures come from too."""
    address: str
    """Of the page itself."""
    qr: str
    """SVG of a code that leads there."""
    sizes: dict[str, tuple[int, int]]
    """(height, width) in pixels of each photo."""


class ResultLine(NamedTuple):
    """Tests of one result."""

    result: str
    names: tuple[str, ...]


def passport_html(page: PageOfPassport | None, language: str, root: str) -> str:
    """Return the page in a language; None is a passport that is not there, or not published."""
    files = web_files()
    signed = {} if page is None else json.loads(page.signed)
    return _template().render(
        page=page,
        passport=None if page is None else page.passport,
        key=signed.get("key", ""),
        signature=signed.get("signature", ""),
        tests=() if page is None else test_lines(page.passport.tests),
        display=functional_vocabulary().display_name,
        unit=lambda name: functional_vocabulary().measures[name].unit,
        points=points,
        language=language,
        languages=LANGUAGES,
        root=root,
        styles=[root + path for path in files.styles_of(_PAGE)],
        icon=root + files.address("icon.svg"),
        t=lambda key, **values: files.word(_PAGE, language, key).format(**values),
    )


def test_lines(tests: PassportTests) -> tuple[ResultLine, ...]:
    """Return the tests by result, what is wrong first; those that nobody ran are left out."""
    by_result: dict[str, list[str]] = {}
    for name in functional_vocabulary().tests:
        result = "not_testable" if name in tests.not_testable else str(tests.results.get(name, ""))
        if result:
            by_result.setdefault(result, []).append(functional_vocabulary().display_name(name))
    return tuple(ResultLine(one, tuple(by_result[one])) for one in _ORDER if one in by_result)


def points(outline: tuple[Point, ...]) -> str:
    """Return an outline as an SVG polygon has it."""
    return " ".join(f"{x:g},{y:g}" for x, y in outline)


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(ROOT), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("passport/page.html.j2")
