"""Passports: publishing one, withdrawing it, and finding what is public. Nothing is public until somebody says so."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from phonegrade.configs.policy import Policy
from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import ForbiddenError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Publication
from phonegrade.journeys.evidence import current_assessment
from phonegrade.journeys.fact import FactId
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.passport import Passport
from phonegrade.journeys.passport_of import GradedRecord, passport_of
from phonegrade.journeys.revisions import GradeDelta, delta_of, revision_before
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.cases import StoredCase
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.records import get_assessment
from phonegrade.store.tables import CASES, PHONES

_PUBLICATIONS = BY_MODEL[Publication].table
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VARIABLE_BITS = 122
"""Of a UUIDv7: version and variant are always the same."""
_REFERENCE_LENGTH = 21
"""Digits to the base of 62 that hold them; with a prefix of nine a GIAI has its thirty characters."""


class PublicationRequest(Strict):
    """Whether everybody may read the passport from now on."""

    public: bool
    visit: FactId | None = None


class PublicPhone(NamedTuple):
    """A phone whose passport may be read by everybody."""

    tenant: str
    asset: str


def publish(acting: Acting, asset: str, request: PublicationRequest) -> Publication:
    """Publish or withdraw a passport. Raises NotFoundError, and ForbiddenError for a customer's link."""
    acting = acting.at(request.visit)
    stored = acting.case_of_phone(asset)
    if acting.only_case is not None:
        raise ForbiddenError("a customer's link publishes no passport")
    acting.check_step(stored.facts, "release", "store", "warehouse")
    publication = Publication(**acting.of_phone(stored.facts), public=request.public)
    acting.add(stored, publication)
    return publication


def public_phone(connection: Connection, asset: str) -> PublicPhone:
    """Return whose phone this is, if its passport was ever published under this id. Raises NotFoundError.

    Whether it still is public is in the phone's facts: `check_public`.
    """
    wanted = select(_PUBLICATIONS.c.tenant).where(_PUBLICATIONS.c.asset_id == asset).distinct()
    tenants = connection.execute(wanted).scalars().all()
    if len(tenants) != 1:
        raise _none(asset)
    return PublicPhone(tenants[0], asset)


def check_public(acting: Acting, stored: StoredCase) -> None:
    """Raise NotFoundError unless the passport of a case's phone is public now, and the phone is not forgotten."""
    facts = stored.facts
    last = facts.latest(Publication)
    forgotten = select(PHONES.c.forgotten_at).where(PHONES.c.tenant == acting.tenant, PHONES.c.id == facts.case.asset)
    case = select(CASES.c.forgotten_at).where(CASES.c.tenant == acting.tenant, CASES.c.id == facts.case.id)
    gone = [acting.connection.execute(one).scalar() is not None for one in (forgotten, case)]
    if last is None or not last.public or any(gone):
        raise _none(facts.case.asset or "")


def passport(acting: Acting, stored: StoredCase, policy: Policy, giai: str | None) -> Passport:
    """Return the passport of the phone of a case now. Raises NotFoundError for a case without a phone."""
    facts = stored.facts
    if facts.case.asset is None:
        raise NotFoundError(f"case {facts.case.id} has no phone yet")
    revision = current_assessment(facts)
    if revision is None:
        return passport_of(facts, acting.journey_of(facts), acting.now, None, None, giai)
    record = get_assessment(acting.connection, acting.tenant, revision.record_sha256)
    graded = GradedRecord(record.inspections, record.versions.models, record.versions.phonegrade)
    return passport_of(facts, acting.journey_of(facts), acting.now, graded, _delta(acting, facts, policy), giai)


def _delta(acting: Acting, facts: CaseFacts, policy: Policy) -> GradeDelta | None:
    after = current_assessment(facts)
    before = None if after is None or not after.at_hand else revision_before(after, facts)
    if after is None or before is None or before.at_hand:
        return None
    records = [get_assessment(acting.connection, acting.tenant, one.record_sha256) for one in (before, after)]
    return delta_of(before, after, facts, (records[0].inspections, records[1].inspections), policy)


def giai_of(prefix: str, asset: str) -> str:
    """Return the GIAI (GS1 application identifier 8004) of a phone: company prefix, and its id to the base of 62."""
    whole = UUID(asset).int
    number = (whole >> 80 << 74) | ((whole >> 64 & 0xFFF) << 62) | (whole & (1 << 62) - 1)
    digits = ""
    for _ in range(_REFERENCE_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return prefix + digits


def asset_of_giai(prefix: str, giai: str) -> str:
    """Return the phone's id. Raises NotFoundError for a GIAI that is none of ours."""
    reference = giai.removeprefix(prefix)
    if not giai.startswith(prefix) or len(reference) != _REFERENCE_LENGTH or not set(reference) <= set(_DIGITS):
        raise _none(giai)
    number = 0
    for digit in reference:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    if number >> _VARIABLE_BITS:
        raise _none(giai)
    high, middle, low = number >> 74, number >> 62 & 0xFFF, number & (1 << 62) - 1
    return str(UUID(int=high << 80 | 7 << 76 | middle << 64 | 2 << 62 | low))


def _none(asset: str) -> NotFoundError:
    return NotFoundError(f"no public passport of {asset:.64}; whoever sells the phone can publish it")
