"""The page /docs as a browser gets it."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from phonegrade.configs.policy import shipped_policies
from phonegrade.core.vocabulary import Surface
from phonegrade.serve import create_app
from phonegrade.service.forms import GRADE_FILES, GRADE_PHOTOS, GRADE_TEXTS, INSPECT_PHOTO, INSPECT_TEXTS
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos, second_shots

Fields = dict[str, dict[str, str | None]]


class _Forms(HTMLParser):
    """Collects the fields of each form by name, and what the labels of the page are for."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Fields] = {}
        self.labels: set[str | None] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        match tag:
            case "form":
                self.forms[str(values["action"])] = {}
            case "label":
                self.labels.add(values["for"])
            case "input" | "select":
                self.forms[next(reversed(self.forms))][str(values["name"])] = values


@pytest.fixture(scope="module")
def page(client: TestClient) -> _Forms:
    parsed = _Forms()
    parsed.feed(client.get("/docs").text)
    return parsed


def test_the_forms_hold_every_part_of_the_routes_and_nothing_else(page: _Forms) -> None:
    assert set(page.forms["/v1/grade"]) == {*GRADE_PHOTOS, *GRADE_FILES, *GRADE_TEXTS}
    assert set(page.forms["/v1/inspect"]) == {*INSPECT_PHOTO, *INSPECT_TEXTS}


def test_every_surface_takes_several_files_and_one_photo_is_required_to_inspect(page: _Forms) -> None:
    grade, inspect = page.forms["/v1/grade"], page.forms["/v1/inspect"]
    assert all(grade[surface]["type"] == "file" and "multiple" in grade[surface] for surface in GRADE_PHOTOS)
    assert "multiple" not in grade["functional"]
    assert "required" in inspect["photo"]
    assert inspect["min_confidence"]["type"] == "number"


def test_every_field_has_a_label_and_an_id_of_its_own(page: _Forms) -> None:
    fields = [field["id"] for form in page.forms.values() for field in form.values()]
    assert set(fields) == page.labels
    assert len(page.ids) == len(set(page.ids))


def test_every_shipped_policy_can_be_chosen(client: TestClient) -> None:
    text = client.get("/docs").text
    assert all(f">{name}</option>" in text for name in shipped_policies())


def test_only_the_page_s_own_style_and_script_may_run(client: TestClient) -> None:
    answer = client.get("/docs")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.search(r"\son\w+=|\sstyle=|\ssrc=|innerHTML", answer.text)


def test_behind_a_proxy_the_forms_post_to_the_public_path(settings: ServiceSettings) -> None:
    app = create_app(settings)
    with TestClient(app, root_path="/grading") as client:
        parsed = _Forms()
        parsed.feed(client.get("/docs").text)
    assert set(parsed.forms) == {"/grading/v1/grade", "/grading/v1/identify", "/grading/v1/inspect"}


def test_what_the_grade_form_sends_is_graded(client: TestClient) -> None:
    photos = [(surface.value, (f"{surface}.jpg", data)) for surface, data in device_photos().items()]
    photos.append(("front", ("front-2.jpg", second_shots()[Surface.FRONT])))
    answer = client.post("/v1/grade", files=photos, data={"policy": "ctia-like", "asset": "A-1"})
    assert answer.status_code == 200
    assert {"decision", "device", "flags"} <= set(answer.json())
