"""Every part of the pages that others wrote is listed with its version, its licence and its hash."""

import gzip
import hashlib
import json

import pytest

from phonegrade.cli.web import MANIFEST, PARTS, VENDOR, part_file
from phonegrade.service.web_files import web_files

LISTED = json.loads((VENDOR / MANIFEST).read_text(encoding="utf-8"))


def test_the_manifest_lists_the_parts_of_the_command() -> None:
    versions = [(one["package"], one["version"], one["licence"], list(one["files"])) for one in LISTED]
    assert versions == [(one.package, one.version, one.licence, list(one.files.values())) for one in PARTS]


def test_every_vendored_file_is_listed_as_it_lies() -> None:
    listed = {name: sha256 for one in LISTED for name, sha256 in one["files"].items()}
    licences = {one["licence_text"] for one in LISTED}
    there = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.iterdir()}
    assert set(there) == {MANIFEST, *listed, *licences}
    assert {name: there[name] for name in listed} == listed


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one["package"])
def test_the_licence_is_there_in_full(one: dict[str, str]) -> None:
    words = {"MIT": "Permission is hereby granted", "ISC": "Permission to use, copy", "Apache-2.0": "Apache License"}
    assert words[one["licence"]] in gzip.decompress((VENDOR / one["licence_text"]).read_bytes()).decode()


def test_no_file_is_larger_than_may_be_committed() -> None:
    assert max(file.stat().st_size for file in VENDOR.iterdir()) < 12_000_000


def test_modules_import_their_neighbours_by_place() -> None:
    source = b'import{h as n}from"preact";import"preact/hooks";import("./x.js")\n//# sourceMappingURL=a.map\n'
    assert part_file(source, "a.js") == b'import{h as n}from"./preact.js";import"./preact-hooks.js";import("./x.js")\n'


def test_every_import_of_a_page_leads_to_a_file() -> None:
    files = web_files()
    for page in ("home", "capture"):
        modules = files.imports_of(f"{page}/main.js")
        assert f"{page}/main.js" in modules
        assert "vendor/preact.js" in modules
        assert all(files.find(files.tag, path) is not None for path in modules)
