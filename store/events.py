"""Events: what each fact makes known, in the CloudEvents 1.0 envelope, and never the number or the name of anyone.

What an event may hold is listed here member by member: a member that a fact gets later stays inside.
"""

import json
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field
from sqlalchemy import Connection, insert

from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import (
    OfferOutcome,
    Override,
    Qualification,
    Quote,
    QuoteEvent,
    Settlement,
)
from phonegrade.journeys.device_facts import (
    Asset,
    CustodyMove,
    ErasureCertificate,
    HandOff,
    HandOffClaim,
    Holding,
    Identifier,
    LockCheck,
)
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    Complaint,
    Dispute,
    Inspected,
    Review,
    ReviewedDefect,
    ReviewRequest,
    StoredPhoto,
    TestRun,
)
from phonegrade.journeys.fact import Fact, Utc
from phonegrade.journeys.facts import Case, ConsentChange, Visit
from phonegrade.journeys.lot_facts import Lot, LotClosed, LotItem, LotScan
from phonegrade.store.columns import new_id
from phonegrade.store.work_tables import EVENTS

MAX_BYTES = 20_000
"""What the Standard Webhooks specification recommends as a payload's limit."""
TYPE = r"^phonegrade\.[a-z_]+\.[a-z_]+\.v[1-9]$"


class CloudEvent(Strict):
    """The envelope (CloudEvents 1.0.2), with its extensions `sequence`, `correlationid` and `causationid`."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    """With `id` it is unique: `/phonegrade/TENANT`."""
    type: Annotated[str, Field(pattern=TYPE)]
    time: Utc
    """When it happened; a kiosk that was cut off reports later."""
    subject: str | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: Annotated[str, Field(pattern=r"^\d{10}$")] | None = None
    """Counts the events of a case without a gap; sorts as text."""
    correlationid: str | None = None
    """The client's own name of the whole journey."""
    causationid: str | None = None
    """The fact that led to it."""
    data: dict[str, Any]

    def text(self) -> str:
        """Return it as it is stored and sent. Raises ValueError where it is larger than 20 kB."""
        text = self.model_dump_json(exclude_none=True)
        if len(text.encode()) > MAX_BYTES:
            raise ValueError(f"event {self.type} has more than {MAX_BYTES} bytes; put the rest into a record")
        return text


class EventDraft(NamedTuple):
    """What happened, before it has its place."""

    noun_verb: str
    """Such as `offer.made`."""
    data: dict[str, Any]
    time: datetime
    causation: str | None = None


class EventPlace(NamedTuple):
    """Which case's how-manieth event it is."""

    case: str
    sequence: int
    correlation: str | None


def append_event(
    connection: Connection, tenant: str, draft: EventDraft, place: EventPlace | None, now: datetime
) -> CloudEvent:
    """Write an event in the caller's transaction; readers get it once that is kept."""
    event = CloudEvent(
        id=new_id(now),
        source=f"/phonegrade/{tenant}",
        type=f"phonegrade.{draft.noun_verb}.v1",
        time=draft.time,
        subject=None if place is None else f"cases/{place.case}",
        sequence=None if place is None else f"{place.sequence:010d}",
        correlationid=None if place is None else place.correlation,
        causationid=draft.causation,
        data=draft.data,
    )
    row = {
        "tenant": tenant,
        "id": event.id,
        "position": None,
        "type": event.type,
        "at": now,
        "case_id": None if place is None else place.case,
        "sequence": None if place is None else place.sequence,
        "envelope": event.text(),
    }
    connection.execute(insert(EVENTS).values(**row))
    return event


def event_of(fact: Fact) -> EventDraft:
    """Return the event of a fact."""
    noun_verb, members = _shown(fact)
    values = json.loads(fact.model_dump_json(include=set(members.split())))
    kind = str(type(fact).model_fields["fact"].default)
    data = {"fact": fact.id, "kind": kind, "visit": fact.visit, "supersedes": fact.supersedes, **values}
    data = {name: value for name, value in data.items() if value is not None}
    return EventDraft(noun_verb, data, fact.at, fact.id)


def _shown(fact: Fact) -> tuple[str, str]:
    """Return noun and verb of a fact's event, and the members that it shows."""
    match fact:
        case Inspected():
            verb = "inspected" if fact.problem is None else "refused"
            return f"photo.{verb}", "photo_sha256 surface problem retake_on"
        case AssessmentRevision():
            verb = "made" if fact.number == 1 else "revised"
            return f"assessment.{verb}", "number source photos device record_sha256"
        case QuoteEvent():
            return f"offer.{fact.event}", "quote"
        case OfferOutcome():
            return f"recommendation.{fact.outcome}", "offer rule arm"
        case LotScan():
            return f"lot.{fact.outcome}", "lot asset line"
        case LotClosed():
            return f"lot.{'short' if fact.short else 'closed'}", "lot received short unexpected"
        case ErasureCertificate():
            verb = "certified" if fact.revoked_at is None else "revoked"
            return f"erasure.{verb}", "asset method technique tool tool_version verification"
        case _:
            return _SHOWN[type(fact)]


_SHOWN: dict[type[Fact], tuple[str, str]] = {
    Case: ("case.opened", "journey channel asset expires_at"),
    Visit: ("case.visited", "channel site station"),
    ConsentChange: ("consent.changed", "consent"),
    Complaint: ("complaint.recorded", "symptoms incident"),
    StoredPhoto: ("photo.stored", "purpose surface sha256 retake_of degraded"),
    TestRun: ("tests.recorded", "method"),
    Dispute: ("assessment.disputed", "assessment"),
    ReviewRequest: ("review.wanted", "assessment reason due_at"),
    Review: ("review.done", "assessment request reason verdict seconds"),
    ReviewedDefect: ("defect.judged", "review surface kind"),
    Qualification: ("qualification.made", "offering result alternate valid_until"),
    Quote: ("offer.made", "assessment assessment_number amount currency valid_until"),
    Settlement: ("deal.settled", "quote amount currency"),
    Override: ("override.recorded", "rule until"),
    Asset: ("asset.described", "asset device storage_gb colour gtin"),
    Identifier: ("asset.identified", "asset kind source reads"),
    Holding: ("holding.recorded", "asset source"),
    LockCheck: ("locks.checked", "asset activation blocklist source"),
    CustodyMove: ("custody.changed", "asset to site"),
    HandOff: ("handoff.opened", "expires_at"),
    HandOffClaim: ("handoff.claimed", "hand_off"),
    Lot: ("lot.announced", "reference"),
    LotItem: ("lot.stored", "asset lot bin saleable"),
}
