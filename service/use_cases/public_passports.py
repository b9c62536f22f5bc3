"""What everybody may read of a published passport: the record, and its pictures."""

from typing import NamedTuple

from sqlalchemy import Connection

from phonegrade.core.data_errors import NotFoundError
from phonegrade.inference.photo.header import PhotoFormat, orientation, read_header
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.passport import Passport
from phonegrade.service.case_basis import policy_of
from phonegrade.service.case_store import CaseStore
from phonegrade.service.parts import Parts
from phonegrade.service.use_cases import passports
from phonegrade.service.use_cases.acting import Acting

READER = "anyone"
SIDEWAYS = 5
"""From this EXIF orientation on, height and width change places."""


class PublicPassport(NamedTuple):
    """A published passport, and where its pictures lie."""

    passport: Passport
    tenant: str
    pictures: dict[str, str]
    """Hash of each photo that it shows, by the photo's id."""


def public_passport(connection: Connection, parts: Parts, store: CaseStore, asset: str) -> PublicPassport:
    """Return the passport of a phone that is published now. Raises NotFoundError for any other."""
    phone = passports.public_phone(connection, asset)
    acting = Acting(connection, store.store.vault, store.journeys, phone.tenant, READER, store.clock())
    stored = acting.case_of_phone(asset)
    passports.check_public(acting, stored)
    passport = passports.passport(acting, stored, policy_of(stored.facts, parts), giai(parts, asset))
    return PublicPassport(passport, phone.tenant, _pictures(passport, stored.facts))


def giai(parts: Parts, asset: str) -> str | None:
    """Return a phone's GIAI; None where the operator has no GS1 company prefix."""
    prefix = parts.settings.giai_prefix
    return None if prefix is None else passports.giai_of(prefix, asset)


def shown_photo(public: PublicPassport, photo: str) -> str:
    """Return the hash of a photo that the passport shows. Raises NotFoundError for any other."""
    if photo not in public.pictures:
        raise NotFoundError(f"no photo {photo:.64}")
    return public.pictures[photo]


def sizes(public: PublicPassport, store: CaseStore) -> dict[str, tuple[int, int]]:
    """Return (height, width) in pixels of each photo as a viewer shows it, where its first bytes say so."""
    sizes_hw: dict[str, tuple[int, int]] = {}
    for photo, sha256 in public.pictures.items():
        header = read_header(store.store.blobs.get(public.tenant, sha256))
        if header.hw is None or header.format is PhotoFormat.HEIC:
            continue  # no browser but Safari shows one
        height, width = header.hw
        sizes_hw[photo] = (width, height) if orientation(header.exif) >= SIDEWAYS else (height, width)
    return sizes_hw


def _pictures(passport: Passport, facts: CaseFacts) -> dict[str, str]:
    surfaces = () if passport.grade is None else passport.grade.surfaces
    changes = () if passport.comparison is None else passport.comparison.changes
    shown = {one.photo for one in surfaces} | {photo for one in changes for photo in (one.before, one.after)}
    return {one.id: one.sha256 for one in facts.every(StoredPhoto) if one.id in shown and one.state != "erased"}
