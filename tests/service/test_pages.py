"""Pages and their files: open to all, kept for ever by their hash, and allowed to load nothing from elsewhere."""

import gzip
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from phonegrade.service.keys import Scope
from phonegrade.service.pages import PAGES
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.web_files import LANGUAGES, web_files
from phonegrade.tests.service.case_client import case_service, role


@pytest.fixture(scope="module")
def client(settings: ServiceSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with case_service(settings, tmp_path_factory.mktemp("pages"), role("admin", Scope.ADMIN)) as (_, (admin,)):
        yield admin.client


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:href|src|data-words)="(/[^"]+)"', html)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_key_and_holds_no_script_of_its_own(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert re.findall(r"<script(?![^>]*\bsrc=)", answer.text) == []
    assert " style=" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", PAGES)
def test_everything_that_a_page_names_is_there_for_ever(client: TestClient, path: str) -> None:
    named = addresses(client.get(path).text)
    assert len(named) > 8
    for one in named:
        answer = client.get(one)
        assert answer.status_code == 200, one
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert client.get(one, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_file_of_another_release_is_not_mixed_with_this_one(client: TestClient) -> None:
    assert client.get("/assets/0123456789abcdef/style.css").json()["code"] == "not_found"
    assert client.get(f"/assets/{web_files().tag}/../../keys.yaml").status_code in (401, 404)
    assert client.get(f"/assets/{web_files().tag}/%2e%2e/%2e%2e/pyproject.toml").json()["code"] == "not_found"


def test_webassembly_is_sent_packed_as_it_lies_or_plain_to_who_cannot_unpack(client: TestClient) -> None:
    address = web_files().heavy["vendor/ort-wasm-simd-threaded.wasm"]
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert (answer.headers["content-encoding"], answer.headers["content-type"]) == ("gzip", "application/wasm")
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert plain.content.startswith(b"\0asm")


@pytest.mark.parametrize(
    ("headers", "query", "language"),
    [
        ({}, "", "en"),
        ({"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}, "", "de"),
        ({"Accept-Language": "it, fr;q=0.4, en;q=0.3"}, "", "fr"),
        ({"Accept-Language": "ja;q=0, es;q=abc, en"}, "", "en"),
        ({"Accept-Language": "de", "Cookie": "phonegrade_language=ja"}, "", "ja"),
        ({"Cookie": "phonegrade_language=xx"}, "?lang=es", "es"),
    ],
)
def test_a_page_speaks_the_readers_language(
    client: TestClient, headers: dict[str, str], query: str, language: str
) -> None:
    assert f'<html lang="{language}"' in client.get(f"/{query}", headers=headers).text


def test_a_pages_texts_are_one_file_for_each_language(client: TestClient) -> None:
    titles = set()
    for language in LANGUAGES:
        texts = client.get(web_files().address(f"words/{language}/home.json")).json()
        assert {"common.retry", "home.title"} <= set(texts)
        titles.add(texts["common.retry"])
    assert len(titles) == len(LANGUAGES)
