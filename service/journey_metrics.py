"""The journeys in figures as they are when they are asked for: read from the store at each scrape."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Column, Connection, Table, func, select

from phonegrade.configs.journey import Journey
from phonegrade.core.errors import PhonegradeError
from phonegrade.journeys.deal_facts import OfferOutcome, Quote, QuoteEvent
from phonegrade.journeys.device_facts import HandOff, HandOffClaim
from phonegrade.journeys.evidence_facts import Review, ReviewRequest
from phonegrade.journeys.status import CaseStatus, status_of
from phonegrade.store.cases import load_case
from phonegrade.store.deliveries import backlog
from phonegrade.store.engines import Database
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.tables import CASES
from phonegrade.store.work_tables import DELIVERIES, SUBSCRIPTIONS

NEWEST = 2000
"""Cases whose axes are counted; older ones are counted by journey and channel alone."""
AT_ONCE = 200
"""Cases that one scrape may work out; the next goes on."""
_Axes = tuple[tuple[str, str], ...]


class JourneyCollector(Collector):
    """Figures over all tenants, without a tenant's name."""

    def __init__(self, database: Database, journeys: Mapping[str, Journey], clock: Callable[[], datetime]) -> None:
        self._database, self._journeys, self._clock = database, journeys, clock
        self._known: dict[tuple[str, str], tuple[int, _Axes]] = {}

    def collect(self) -> Iterator[Metric]:
        """Yield every figure; none where the database is busy, which must not take the others away."""
        try:
            with self._database.read() as connection:
                yield from list(self._figures(connection))
        except PhonegradeError:
            return

    def _figures(self, connection: Connection) -> Iterator[Metric]:
        now = self._clock()
        yield _counted(connection, "cases", "Cases that are kept.", CASES, "journey", "channel")
        axes = GaugeMetricFamily(
            "phonegrade_case_axis", "The newest cases by axis and state.", labels=("axis", "state")
        )
        for (axis, state), count in sorted(self._axes(connection, now).items()):
            axes.add_metric((axis, state), count)
        yield axes
        offers = CounterMetricFamily("phonegrade_offers", "Quotes, and what became of them.", labels=("event",))
        offers.add_metric(("made",), _count(connection, BY_MODEL[Quote].table))
        for event, count in _by(connection, BY_MODEL[QuoteEvent].table.c.event):
            offers.add_metric((event,), count)
        yield offers
        shown = CounterMetricFamily("phonegrade_recommendations", "Next best offers.", labels=("rule", "outcome"))
        outcomes = BY_MODEL[OfferOutcome].table.c
        for rule, outcome, count in _by(connection, outcomes.rule, outcomes.outcome):
            shown.add_metric((rule, outcome), count)
        yield shown
        handed = CounterMetricFamily("phonegrade_hand_offs", "Hand-offs.", labels=("event",))
        handed.add_metric(("opened",), _count(connection, BY_MODEL[HandOff].table))
        handed.add_metric(("claimed",), _count(connection, BY_MODEL[HandOffClaim].table))
        yield handed
        yield from _reviews(connection, now)
        yield from _webhooks(connection, now)

    def _axes(self, connection: Connection, now: datetime) -> Counter[tuple[str, str]]:
        """Return how many of the newest cases are in each state; what has not changed is not worked out again."""
        newest = select(CASES.c.tenant, CASES.c.id, CASES.c.version).where(CASES.c.forgotten_at.is_(None))
        rows = connection.execute(newest.order_by(CASES.c.id.desc()).limit(NEWEST)).all()
        left = AT_ONCE
        fresh: dict[tuple[str, str], tuple[int, _Axes]] = {}
        for tenant, case_id, version in rows:
            known = self._known.get((tenant, case_id))
            if (known is None or known[0] != version) and left > 0:
                left -= 1
                facts = load_case(connection, tenant, case_id).facts
                journey = self._journeys.get(facts.case.journey)
                known = (version, () if journey is None else _axes_of(status_of(facts, journey, now)))
            if known is not None:
                fresh[tenant, case_id] = known
        self._known = fresh
        return Counter(axis for _, axes in fresh.values() for axis in axes)


def _axes_of(status: CaseStatus) -> _Axes:
    return (
        ("evidence", status.evidence),
        ("deal", status.deal),
        ("custody", status.custody),
        ("outcome", status.outcome.result or "waiting"),
        ("resale", status.resale.state),
    )


def _reviews(connection: Connection, now: datetime) -> Iterator[Metric]:
    requests, reviews = BY_MODEL[ReviewRequest].table, BY_MODEL[Review].table
    answered = select(reviews.c.id).where(reviews.c.tenant == requests.c.tenant, reviews.c.request_id == requests.c.id)
    waiting = select(func.count(), func.min(requests.c.at)).select_from(requests).where(~answered.exists())
    count, oldest = connection.execute(waiting).one()
    yield GaugeMetricFamily("phonegrade_reviews_waiting", "Reviews that a person has yet to do.", count)
    yield GaugeMetricFamily("phonegrade_review_age_seconds", "Age of the oldest of them.", _age_s(oldest, now))


def _webhooks(connection: Connection, now: datetime) -> Iterator[Metric]:
    states = GaugeMetricFamily("phonegrade_webhook_deliveries", "Deliveries by state.", labels=("state",))
    for state, count in sorted(backlog(connection).items()):
        states.add_metric((state,), count)
    yield states
    both = (SUBSCRIPTIONS.c.tenant == DELIVERIES.c.tenant) & (SUBSCRIPTIONS.c.id == DELIVERIES.c.subscription_id)
    waiting = select(func.min(DELIVERIES.c.at)).join(SUBSCRIPTIONS, both)
    oldest = waiting.where(DELIVERIES.c.state.in_(("waiting", "sending")), SUBSCRIPTIONS.c.state == "enabled")
    age_s = _age_s(connection.execute(oldest).scalar(), now)
    yield GaugeMetricFamily("phonegrade_webhook_lag_seconds", "Age of the oldest event that is not delivered.", age_s)


def _age_s(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _by(connection: Connection, *columns: Column[Any]) -> list[Any]:
    return list(connection.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns)))


def _counted(connection: Connection, name: str, text: str, table: Table, *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"phonegrade_{name}", text, labels=labels)
    for *values, count in _by(connection, *(table.c[label] for label in labels)):
        family.add_metric(tuple(values), count)
    return family
