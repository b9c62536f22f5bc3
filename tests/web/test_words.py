"""Every text of the pages is there in all languages, with the same placeholders, and none is left over."""

import json
import re
from pathlib import Path

import pytest

from phonegrade.service.pages import PAGES
from phonegrade.service.web_files import LANGUAGES, ROOT

Text = str | dict[str, str]
CATALOGUE: dict[str, dict[str, dict[str, Text]]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "words").glob("*.json"))
}
CODE = [file for file in sorted((*ROOT.rglob("*.js"), *ROOT.rglob("*.html.j2"))) if "vendor" not in file.parts]
_USED = re.compile(r"""\bt\(\s*['"`]([a-z_0-9]+\.[a-z_0-9.]*[a-z0-9])['"`]""")
_QUOTED = re.compile(r"""['"`]([a-z_0-9]+\.[a-z_0-9.]*)(?:\$\{|['"`])""")


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def placeholders(text: Text) -> set[str]:
    return {name for form in forms(text) for name in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("page", CATALOGUE)
def test_no_language_lacks_a_text_or_a_placeholder(page: str) -> None:
    for key, texts in CATALOGUE[page].items():
        assert sorted(texts) == sorted(LANGUAGES), key
        assert all(form.strip() for text in texts.values() for form in forms(text)), key
        assert {frozenset(placeholders(text)) for text in texts.values()} == {frozenset(placeholders(texts["en"]))}, key


@pytest.mark.parametrize("page", CATALOGUE)
def test_a_text_with_plural_forms_has_the_form_for_every_other_number(page: str) -> None:
    for key, texts in CATALOGUE[page].items():
        assert all("other" in text for text in texts.values() if isinstance(text, dict)), key


def test_every_page_has_its_title_and_no_key_stands_twice() -> None:
    keys = [key for texts in CATALOGUE.values() for key in texts]
    assert len(keys) == len(set(keys))
    assert {f"{page}.title" for page in PAGES.values()} <= set(keys)


@pytest.mark.parametrize("file", CODE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_text_that_code_shows_is_in_the_catalogue_of_its_page(file: Path) -> None:
    page = file.relative_to(ROOT).parts[0]
    known = {**CATALOGUE["common"], **CATALOGUE.get(page, {})}
    assert set(_USED.findall(file.read_text(encoding="utf-8"))) - set(known) == set()


def test_no_text_is_left_over() -> None:
    printed = ROOT.parent / "service" / "receipt_pdf.py"
    quoted = {text for file in (*CODE, printed) for text in _QUOTED.findall(file.read_text(encoding="utf-8"))}
    beginnings = tuple(text for text in quoted if text.endswith((".", "_")))
    titles = {f"{page}.title" for page in PAGES.values()} | {"common.no_script"}
    keys = {key for texts in CATALOGUE.values() for key in texts}
    assert {key for key in keys - quoted - titles if not key.startswith(beginnings)} == set()


def test_what_the_camera_says_has_at_most_six_words() -> None:
    spoken = {
        key: texts for key, texts in CATALOGUE["capture"].items() if key.startswith(("capture.say_", "capture.show_"))
    }
    assert len(spoken) > 15
    for key, texts in spoken.items():
        for language in LANGUAGES:
            text = texts[language]
            assert isinstance(text, str), key
            assert len(text.split()) <= 6, (key, language)
            assert len(text) <= 32, (key, language)
