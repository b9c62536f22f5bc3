"""Hand-off: a case goes from one channel to another by a token that works once, and asks for nothing twice."""

import hashlib
import io
import secrets
from datetime import timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from phonegrade.core.extras import needs_extra
from phonegrade.core.journey_errors import HandOffError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import HandOff, HandOffClaim
from phonegrade.journeys.fact import FactId, Label, Utc
from phonegrade.journeys.facts import Channel, Visit
from phonegrade.journeys.hand_off import refuse_claim
from phonegrade.journeys.status import CaseStatus, status_of
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.columns import new_id
from phonegrade.store.fact_tables import BY_MODEL

LASTS = timedelta(minutes=10)
TOKEN_BYTES = 16
"""128 bits."""
_HAND_OFFS = BY_MODEL[HandOff].table
_DARK = "#000000"


class OpenedHandOff(Strict):
    """What the first screen shows; the token is shown this once."""

    id: FactId
    token: str
    code: str
    """Two digits that must stand on both screens."""
    expires_at: Utc
    qr_svg: str
    """The token as a QR code (ISO/IEC 18004, error correction M), an SVG to be put into a page."""


class HandOffClaimRequest(Strict):
    """What the other channel sends."""

    token: Annotated[str, Field(min_length=1, max_length=64)]
    code: Annotated[str, Field(pattern=r"^\d{2}$")]
    channel: Channel
    site: Label | None = None
    station: Label | None = None
    operator: Label | None = None


class ClaimedCase(Strict):
    """The case as it goes on: what is left is in `status.missing` and `status.next`."""

    case: FactId
    journey: str
    visit: FactId
    """The claiming channel's visit, which further facts name."""
    status: CaseStatus


def open_hand_off(acting: Acting, case_id: str) -> OpenedHandOff:
    """Offer a case to another channel; an earlier offer of the case stops working. Raises NotFoundError."""
    stored = acting.load(case_id)
    token, code = secrets.token_hex(TOKEN_BYTES), f"{secrets.randbelow(100):02d}"
    hand_off = HandOff(
        **acting.of_case(stored.facts),
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
        code=code,
        expires_at=acting.now + LASTS,
    )
    acting.add(stored, hand_off)
    return OpenedHandOff(
        id=hand_off.id, token=token, code=code, expires_at=hand_off.expires_at, qr_svg=qr_svg(token, "Hand-off")
    )


def claim_hand_off(acting: Acting, claim: HandOffClaimRequest) -> ClaimedCase:
    """Take a case over on another channel. Raises HandOffError for a token or code that is wrong, used or too old."""
    digest = hashlib.sha256(claim.token.encode()).hexdigest()
    wanted = select(_HAND_OFFS.c.id, _HAND_OFFS.c.case_id).where(
        _HAND_OFFS.c.tenant == acting.tenant, _HAND_OFFS.c.token_sha256 == digest
    )
    row = acting.connection.execute(wanted).one_or_none()
    if row is None or acting.only_case not in (None, row.case_id):
        raise HandOffError("token and code do not belong together; read both again from the other screen")
    stored = acting.load(row.case_id)
    hand_off = stored.facts.by_id(HandOff, row.id)
    if hand_off is None:
        raise HandOffError("token and code do not belong together; read both again from the other screen")
    refuse_claim(hand_off, stored.facts, acting.now, claim.token, claim.code)
    visit = Visit(
        id=new_id(acting.now),
        at=acting.now,
        by=acting.by,
        case=row.case_id,
        channel=claim.channel,
        site=claim.site,
        station=claim.station,
        operator=claim.operator,
    )
    claimed = HandOffClaim(
        id=new_id(acting.now), at=acting.now, by=acting.by, visit=visit.id, case=row.case_id, hand_off=hand_off.id
    )
    facts = acting.add(stored, visit, claimed)
    status = status_of(facts, acting.journey_of(facts), acting.now)
    return ClaimedCase(case=row.case_id, journey=facts.case.journey, visit=visit.id, status=status)


def qr_svg(text: str, title: str) -> str:
    """Return `text` as a QR code in SVG, with a title for who cannot see it. Raises SetupError without segno."""
    with needs_extra("platform", "with --data"):
        import segno
    svg = io.BytesIO()
    segno.make_qr(text, error="m").save(
        svg, kind="svg", border=4, dark=_DARK, light="#ffffff", title=title, xmldecl=False, svgns=True, omitsize=True
    )
    return svg.getvalue().decode("utf-8")
