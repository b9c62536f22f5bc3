"""The phones of a tenant's cases as a warehouse reads them: their photos of surfaces, tests and model."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.evidence import device_of, report_of
from phonegrade.journeys.evidence_facts import StoredPhoto, TestRun
from phonegrade.journeys.facts import CaseFacts
from phonegrade.store.blobs import blob_path
from phonegrade.store.case_search import CaseFilter, search_cases
from phonegrade.store.cases import load_case
from phonegrade.store.store import Store

PAGE = 200


class CasePhone(NamedTuple):
    """The phone of one case."""

    case: str
    device: str | None
    functional: str | None
    """Its test results as JSON; None where no test was recorded."""
    photos: tuple[tuple[Surface, str], ...]
    """Surface and SHA-256 of every photo that is still there, oldest first."""


def phones_of_cases(store: Store, tenant: str, journey: str | None = None) -> Iterator[CasePhone]:
    """Yield the phone of every case of a tenant that has a photo of a surface, newest case first."""
    before = None
    while True:
        with store.database.read() as connection:
            page = search_cases(connection, tenant, CaseFilter(journey=journey), before, PAGE)
            phones = [_phone(load_case(connection, tenant, line.case.id).facts) for line in page]
        yield from (phone for phone in phones if phone.photos)
        if len(page) < PAGE:
            return
        before = page[-1].case.id


def photo_location(blobs: str, tenant: str, sha256: str) -> str:
    """Return where a stored photo lies: a path for the files of file:///FOLDER, else a URL."""
    parts = urlsplit(blobs)
    below = blob_path(tenant, sha256)
    return str(Path(unquote(parts.path)) / below) if parts.scheme == "file" else f"{blobs.rstrip('/')}/{below}"


def _phone(facts: CaseFacts) -> CasePhone:
    asset = device_of(facts)
    photos = [one for one in facts.current(StoredPhoto) if one.surface is not None and one.state != "erased"]
    return CasePhone(
        case=facts.case.id,
        device=None if asset is None else asset.device,
        functional=report_of(facts).model_dump_json() if facts.current(TestRun) else None,
        photos=tuple((one.surface, one.sha256) for one in photos if one.surface is not None),
    )
