"""What the photos of a case are inspected and graded by: its device, as known now, and its policy."""

from sqlalchemy import Connection

from phonegrade.assessment.request import DEFAULT_POLICY
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import Device, find_device
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.evidence import device_of
from phonegrade.journeys.evidence_facts import Inspected, StoredPhoto
from phonegrade.journeys.facts import CaseFacts
from phonegrade.service.case_parts import Cases
from phonegrade.service.inspections import Basis, ask_for_inspection
from phonegrade.service.parts import Parts
from phonegrade.store.cases import load_case


def policy_of(facts: CaseFacts, parts: Parts) -> Policy:
    """Return the case's policy. Raises PolicyError where this service no longer has it."""
    return parts.policies.get(facts.case.policy or DEFAULT_POLICY)


def device_in(facts: CaseFacts, parts: Parts) -> Device | None:
    """Return the device that the case's phone is; None where nobody has named one."""
    asset = device_of(facts)
    return None if asset is None or asset.device is None else find_device(asset.device, parts.settings.own_devices)


def basis_of(facts: CaseFacts, surface: Surface, parts: Parts) -> Basis:
    """Return what a photo of a surface is inspected by now."""
    return Basis(surface, device_in(facts, parts), policy_of(facts, parts))


def surface_photos(facts: CaseFacts) -> tuple[StoredPhoto, ...]:
    """Return the photos of surfaces that are still there, oldest first."""
    return tuple(one for one in facts.current(StoredPhoto) if one.surface is not None and one.state != "erased")


def inspected_on(facts: CaseFacts, photo: StoredPhoto, basis: Basis) -> Inspected | None:
    """Return the newest inspection of a photo on a basis, one that could use it first; None where it still waits."""
    answers = [
        one
        for one in facts.current(Inspected)
        if one.photo_sha256 == photo.sha256 and one.fingerprint.startswith(basis.prefix)
    ]
    return max(answers, key=lambda one: (one.problem is None, one.order), default=None)


def inspect_again(connection: Connection, cases: Cases, case_id: str, parts: Parts) -> None:
    """Ask for what the photos show under the case's device as it is now."""
    facts = load_case(connection, cases.tenant, case_id).facts
    for photo in surface_photos(facts):
        if photo.surface is not None:
            basis = basis_of(facts, photo.surface, parts)
            ask_for_inspection(connection, cases.tenant, photo, basis, cases.parts.clock())
