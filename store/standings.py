"""Keeping what is derived beside the facts: where each case stands, and the events of what no fact states.

A change of a case marks it as stale in its own transaction. Where the writer knows the journeys, as a service does, it
is worked out again before that transaction ends (`settling`); what others write, and what the clock alone changes, is
found by `sweep`. Either way the case is locked, so that the resale gate's every change and every lapse is one event.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update

from phonegrade.configs.journey import Journey
from phonegrade.journeys.device_facts import ErasureCertificate
from phonegrade.journeys.erasure import came_in_at, erasure_of
from phonegrade.journeys.evidence import current_assessment
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.lapses import Lapse, lapses_of
from phonegrade.journeys.revisions import revision_before
from phonegrade.journeys.standing import DROPPED, CaseStanding, standing_of
from phonegrade.store.cases import lock_case, note_events
from phonegrade.store.engines import ChangedCases, Database, insert_if_absent
from phonegrade.store.events import EventDraft
from phonegrade.store.reading import load_facts
from phonegrade.store.standing_counts import moved
from phonegrade.store.state_tables import CASE_STATES, TIMED_EVENTS
from phonegrade.store.tallies import Increment, add_tallies, timed

AT_ONCE = 200
"""Cases that one sweep takes up."""


def settling(journeys: Mapping[str, Journey]) -> Callable[[Connection, ChangedCases], None]:
    """Return what a database does with the cases that a transaction has changed, before it ends."""

    def settle_all(connection: Connection, changed: ChangedCases) -> None:
        for (tenant, case_id), now in sorted(changed.items()):
            settle(connection, tenant, case_id, journeys, now)

    return settle_all


def sweep(database: Database, journeys: Mapping[str, Journey], now: datetime, limit: int = AT_ONCE) -> int:
    """Work out the cases that are stale or that the clock may have changed, and return how many there were."""
    rows: set[tuple[str, str]] = set()
    with database.read() as connection:
        for condition in _waiting(now):
            wanted = select(CASE_STATES.c.tenant, CASE_STATES.c.case_id).where(condition)
            rows |= {(tenant, case_id) for tenant, case_id in connection.execute(wanted.limit(limit - len(rows)))}
    for tenant, case_id in sorted(rows):
        with database.write() as connection:
            settle(connection, tenant, case_id, journeys, now)
    return len(rows)


def settle(
    connection: Connection, tenant: str, case_id: str, journeys: Mapping[str, Journey], now: datetime
) -> CaseStanding | None:
    """Work out where a case stands, and write what has changed; None for a case that is forgotten.

    A case on a journey that this process does not have stays as it was.
    """
    case = lock_case(connection, tenant, case_id)
    own = and_(CASE_STATES.c.tenant == tenant, CASE_STATES.c.case_id == case_id)
    row = connection.execute(select(CASE_STATES).where(own)).one_or_none()
    journey = None if case is None else journeys.get(case.journey)
    if case is None or row is None or journey is None:
        connection.execute(update(CASE_STATES).where(own).values(stale=False, due_at=None))
        return None
    facts = load_facts(connection, tenant, case)
    standing = standing_of(facts, journey, now)
    if standing.ending in DROPPED and row.step is not None:  # where the customer left, whatever lapses afterwards
        standing = standing._replace(step=row.step, channel=row.channel)
    drafts = [*_gate_event(row, facts, standing, now), *_lapsed(connection, tenant, facts, journey, now)]
    note_events(connection, tenant, case_id, drafts, now)
    tallies, values = _counted(row, facts, journey, standing, now)
    lapsed = [Increment(*_LAPSE_FIGURES[one.noun_verb]) for one in drafts if one.noun_verb in _LAPSE_FIGURES]
    words = _words(standing)
    moves = moved(dict(row._mapping), {"journey": case.journey, **words})
    add_tallies(connection, tenant, [*tallies, *lapsed, *moves], now)
    connection.execute(update(CASE_STATES).where(own).values(**words, **values))
    return standing


_LAPSE_FIGURES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "offer.expired": ("offers", ("expired",)),
    "handoff.expired": ("hand_offs", ("expired",)),
}


def _words(standing: CaseStanding) -> dict[str, Any]:
    return {
        "channel": standing.channel,
        "step": standing.step,
        "ending": standing.ending,
        "evidence": standing.evidence,
        "deal": standing.deal,
        "custody": standing.custody,
        "outcome": standing.outcome,
        "resale": standing.gate.state,
        "stale": False,
        "due_at": standing.due_at,
    }


def _gate_event(row: Row[Any], facts: CaseFacts, standing: CaseStanding, now: datetime) -> list[EventDraft]:
    """Return the event of the resale gate where it has opened or closed; a case begins with a closed one."""
    if row.resale == standing.gate.state:
        return []
    data = {"asset": facts.case.asset, "reasons": [reason.rule for reason in standing.gate.reasons]}
    cause = facts.facts[-1].id if row.stale and facts.facts else None
    return [EventDraft(f"resale.{standing.gate.state}", data, now, cause)]


def _lapsed(connection: Connection, tenant: str, facts: CaseFacts, journey: Journey, now: datetime) -> list[EventDraft]:
    return [
        EventDraft(lapse.noun_verb, lapse.data, lapse.at, lapse.subject)
        for lapse in lapses_of(facts, journey, now)
        if _is_new(connection, tenant, lapse, now)
    ]


def _is_new(connection: Connection, tenant: str, lapse: Lapse, now: datetime) -> bool:
    row = {"tenant": tenant, "noun_verb": lapse.noun_verb, "subject_id": lapse.subject, "at": now}
    return insert_if_absent(connection, TIMED_EVENTS, row)


def _counted(
    row: Row[Any], facts: CaseFacts, journey: Journey, standing: CaseStanding, now: datetime
) -> tuple[list[Increment], dict[str, Any]]:
    """Return what the change counts for, and what is noted so that it is counted once."""
    tallies: list[Increment] = []
    values: dict[str, Any] = {}
    if row.step != standing.step:
        moment = max(row.step_at, standing.since if row.stale else now)
        if row.step is not None:
            seconds = (moment - row.step_at).total_seconds()
            tallies.append(timed("step_seconds", (row.journey, row.step, row.channel), seconds))
            values["step_at"] = moment
    assessment = current_assessment(facts)
    if standing.evidence == "verified" and assessment is not None and row.agreed_id is None:
        values["agreed_id"] = assessment.id
        before = revision_before(assessment, facts)
        if before is not None and not before.at_hand:
            same = before.decision.grade == assessment.decision.grade
            tallies.append(Increment("grade_agreement", ("same" if same else "changed",)))
    if row.erased_id is None and journey.needs.erasure is not None:
        certificate = erasure_of(facts, journey.needs.erasure, now).certificate
        came = came_in_at(facts)
        if certificate is not None and came is not None:
            values["erased_id"] = certificate.id
            tallies.append(timed("certificate_lag_seconds", (), _lag_s(certificate, came)))
    return tallies, values


def _lag_s(certificate: ErasureCertificate, came: datetime) -> float:
    """Return how long a phone was with us before its erasure was certified."""
    return (certificate.at - came).total_seconds()


def unsettled(connection: Connection, now: datetime) -> int:
    """Return how many cases wait to be worked out; one that waits for both reasons counts twice."""
    counts = (select(func.count()).select_from(CASE_STATES).where(condition) for condition in _waiting(now))
    return sum(int(connection.execute(one).scalar_one()) for one in counts)


def _waiting(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return both conditions of a case that is to be worked out; each has an index of its own."""
    return CASE_STATES.c.stale, and_(CASE_STATES.c.due_at.is_not(None), CASE_STATES.c.due_at < now)
