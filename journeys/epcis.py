"""A phone's way as EPCIS 2.0 events: an export in GS1's words, for systems that read those; not certified by anyone.

One ObjectEvent a step. A phone is `urn:uuid:` and the id that it has here: no number of it, no customer, no person and
no price is in a document. A site is the operator's own word, under `urn:phonegrade:site:`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from phonegrade.journeys.device_facts import Custody, CustodyMove, ErasureCertificate
from phonegrade.journeys.evidence_facts import AssessmentRevision
from phonegrade.journeys.fact import Fact
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.lot_facts import LotItem, LotScan

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
EpcisEvent = dict[str, Any]
_MOVES: Mapping[Custody, tuple[str, str, str]] = {
    "customer": ("OBSERVE", "shipping", "returned"),
    "in_transit": ("OBSERVE", "shipping", "in_transit"),
    "ours": ("OBSERVE", "receiving", "in_progress"),
    "returned": ("OBSERVE", "shipping", "returned"),
    "sold": ("OBSERVE", "retail_selling", "retail_sold"),
    "recycled": ("DELETE", "destroying", "destroyed"),
}
"""Action, business step and disposition (Core Business Vocabulary 2.0) of each change of custody."""


def phone_events(facts: CaseFacts, scans: Iterable[LotScan]) -> list[EpcisEvent]:
    """Return the events of a phone, oldest first: custody, scans, put-away, verified inspections and erasure."""
    asset = facts.case.asset
    if asset is None:
        return []
    events = [
        *_custody(facts, asset),
        *lot_events(scans, facts.current(LotItem), asset),
        *(_inspected(one, asset) for one in facts.current(AssessmentRevision) if one.at_hand),
        *(_erased(one, asset) for one in facts.every(ErasureCertificate)),
    ]
    return sorted(events, key=_order)


def lot_events(scans: Iterable[LotScan], items: Iterable[LotItem], asset: str | None = None) -> list[EpcisEvent]:
    """Return the events of a lot, oldest first; a scan of a phone that is not known is no event of a phone.

    `asset` is the id that the phone of all of them goes by, where they are of one phone.
    """
    events = [
        *(_scanned(one, asset or one.asset) for one in scans if one.asset is not None),
        *(_stored(one, asset or one.asset) for one in items),
    ]
    return sorted(events, key=_order)


def epcis_document(events: list[EpcisEvent], created: datetime) -> dict[str, Any]:
    """Return an EPCISDocument (JSON-LD) of events."""
    return {
        "@context": [CONTEXT, {"phonegrade": "urn:phonegrade:"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _moment(created),
        "epcisBody": {"eventList": events},
    }


def _custody(facts: CaseFacts, asset: str) -> Iterator[EpcisEvent]:
    begun = False
    for move in facts.current(CustodyMove):
        action, step, disposition = _MOVES[move.to]
        if move.to == "ours" and not begun:
            action, begun = "ADD", True  # the phone enters our books
        yield _event(move, asset, action, step, disposition, site=move.site)


def _scanned(scan: LotScan, asset: str | None) -> EpcisEvent:
    return _event(scan, asset or "", "OBSERVE", "receiving", "in_progress", lot=scan.lot)


def _stored(item: LotItem, asset: str) -> EpcisEvent:
    disposition = "sellable_not_accessible" if item.saleable else "non_sellable_other"
    return _event(item, asset, "OBSERVE", "storing", disposition, site=item.site, lot=item.lot)


def _inspected(revision: AssessmentRevision, asset: str) -> EpcisEvent:
    return _event(revision, asset, "OBSERVE", "inspecting", "in_progress")


def _erased(certificate: ErasureCertificate, asset: str) -> EpcisEvent:
    if certificate.revoked_at is not None:
        return _event(certificate, asset, "OBSERVE", "holding", "non_conformant")
    event = _event(certificate, asset, "OBSERVE", "inspecting", "conformant")
    return {**event, "certificationInfo": [f"urn:uuid:{certificate.id}"]}


def _event(
    fact: Fact,
    asset: str,
    action: str,
    step: str,
    disposition: str,
    *,
    site: str | None = None,
    lot: str | None = None,
) -> EpcisEvent:
    event: EpcisEvent = {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:{fact.id}",
        "eventTime": _moment(fact.at),
        "eventTimeZoneOffset": "+00:00",
        "epcList": [f"urn:uuid:{asset}"],
        "action": action,
        "bizStep": step,
        "disposition": disposition,
    }
    if site is not None:
        event["bizLocation"] = {"id": f"urn:phonegrade:site:{quote(site, safe='')}"}
    if lot is not None:
        event["bizTransactionList"] = [{"type": "recadv", "bizTransaction": f"urn:uuid:{lot}"}]
    return event


def _order(event: EpcisEvent) -> tuple[str, str]:
    return event["eventTime"], event["eventID"]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
