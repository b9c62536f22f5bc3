"""The journeys in figures, over every case: sums that are kept, and what waits now."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from pydantic import NonNegativeFloat, NonNegativeInt
from sqlalchemy import Connection, and_, func, select

from phonegrade.core.strict import Strict
from phonegrade.journeys.evidence_facts import Review, ReviewRequest
from phonegrade.store.deliveries import backlog
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.standings import unsettled
from phonegrade.store.state_tables import CASE_STATES
from phonegrade.store.tallies import BOUNDS_S, Sum, read_tallies
from phonegrade.store.work_tables import DELIVERIES, SUBSCRIPTIONS

_OVERTURNED = ("fixed", "rejected")
_REQUESTS, _REVIEWS = BY_MODEL[ReviewRequest].table, BY_MODEL[Review].table


class FigureCount(Strict):
    """How many there are with these labels."""

    labels: dict[str, str]
    count: NonNegativeInt


class FigureTimes(Strict):
    """How long something took, as a histogram."""

    labels: dict[str, str]
    count: NonNegativeInt
    seconds: NonNegativeFloat
    """All of them together."""
    buckets: tuple[NonNegativeInt, ...]
    """How many lie up to each of `bounds_s`, and after the last all: cumulative, as Prometheus has them."""


class ReviewQueueFigure(Strict):
    """Reviews of one reason that wait for a person."""

    reason: str
    waiting: NonNegativeInt
    oldest_s: NonNegativeFloat


class Figures(Strict):
    """What holds now, and what has happened since the store began."""

    at: datetime
    bounds_s: tuple[float, ...] = BOUNDS_S
    unsettled: NonNegativeInt
    """Cases whose newest facts are not in these figures yet."""
    cases: tuple[FigureCount, ...]
    """By journey, channel and ending, `open` being none."""
    axes: tuple[FigureCount, ...]
    """Open cases by axis, state and channel."""
    steps: tuple[FigureCount, ...]
    """Open cases by journey, the step they stand at, and channel."""
    drop_off: tuple[FigureCount, ...]
    """Cases that the customer left, by journey, step, channel and how."""
    step_seconds: tuple[FigureTimes, ...]
    """Time in each step that was left, by journey, step and channel."""
    certificate_lag: tuple[FigureTimes, ...]
    """From the phone's arrival to the certificate of its erasure."""
    inspections: tuple[FigureCount, ...]
    retakes: tuple[FigureCount, ...]
    """Photos that were to be taken again, by surface and gate."""
    reviews: tuple[FigureCount, ...]
    """Verdicts by reason and verdict."""
    overturned: float | None
    """Share of verdicts that did not leave an assessment as it was; None without any."""
    review_queue: tuple[ReviewQueueFigure, ...]
    agreement: tuple[FigureCount, ...]
    """First verified grades that were the provisional one, and that were another."""
    offers: tuple[FigureCount, ...]
    recommendations: tuple[FigureCount, ...]
    hand_offs: tuple[FigureCount, ...]
    honeypots: tuple[FigureCount, ...]
    """Verdicts on planted reviews, right and wrong."""
    deliveries: tuple[FigureCount, ...]
    webhook_lag_s: NonNegativeFloat
    """Age of the oldest event that is not delivered."""


def read_figures(connection: Connection, now: datetime, tenant: str | None = None) -> Figures:
    """Return the figures of one tenant, or of all together."""
    sums = read_tallies(connection, tenant)

    def counts(figure: str, *names: str) -> tuple[FigureCount, ...]:
        return tuple(
            FigureCount(labels=dict(zip(names, one.labels, strict=True)), count=one.count)
            for one in sums.get(figure, ())
        )

    reviews = counts("reviews", "reason", "verdict")
    final = sum(one.count for one in reviews if one.labels["verdict"] != "second_opinion")
    overturned = sum(one.count for one in reviews if one.labels["verdict"] in _OVERTURNED)
    return Figures(
        at=now,
        unsettled=unsettled(connection, now),
        cases=counts("cases", "journey", "channel", "ending"),
        axes=counts("axes", "axis", "state", "channel"),
        steps=counts("steps", "journey", "step", "channel"),
        drop_off=counts("drop_off", "journey", "step", "channel", "how"),
        step_seconds=_times(sums.get("step_seconds", ()), "journey", "step", "channel"),
        certificate_lag=_times(sums.get("certificate_lag_seconds", ())),
        inspections=counts("inspections", "surface"),
        retakes=counts("retakes", "surface", "gate"),
        reviews=reviews,
        overturned=overturned / final if final else None,
        review_queue=_queue(connection, now, tenant),
        agreement=counts("grade_agreement", "agreement"),
        offers=counts("offers", "event"),
        recommendations=counts("recommendations", "rule", "outcome"),
        hand_offs=counts("hand_offs", "event"),
        honeypots=counts("honeypots", "verdict"),
        deliveries=_counts(Counter({(state,): count for state, count in backlog(connection, tenant).items()}), "state"),
        webhook_lag_s=_lag_s(connection, now, tenant),
    )


def _counts(counter: Counter[tuple[str, ...]], *names: str) -> tuple[FigureCount, ...]:
    return tuple(
        FigureCount(labels=dict(zip(names, labels, strict=True)), count=count)
        for labels, count in sorted(counter.items())
    )


def _times(sums: Iterable[Sum], *names: str) -> tuple[FigureTimes, ...]:
    """Return histograms of sums whose last label is their bucket."""
    by_labels: dict[tuple[str, ...], list[Sum]] = defaultdict(list)
    for one in sums:
        by_labels[one.labels[:-1]].append(one)
    return tuple(
        FigureTimes(
            labels=dict(zip(names, labels, strict=True)),
            count=sum(one.count for one in of),
            seconds=sum(one.total for one in of),
            buckets=tuple(
                sum(one.count for one in of if int(one.labels[-1]) <= bucket) for bucket in range(len(BOUNDS_S) + 1)
            ),
        )
        for labels, of in sorted(by_labels.items())
    )


def _queue(connection: Connection, now: datetime, tenant: str | None) -> tuple[ReviewQueueFigure, ...]:
    answered = select(_REVIEWS.c.id).where(
        _REVIEWS.c.tenant == _REQUESTS.c.tenant, _REVIEWS.c.request_id == _REQUESTS.c.id
    )
    gone = select(CASE_STATES.c.case_id).where(
        CASE_STATES.c.tenant == _REQUESTS.c.tenant, CASE_STATES.c.case_id == _REQUESTS.c.case_id
    )
    wanted = select(_REQUESTS.c.reason, func.count(), func.min(_REQUESTS.c.at)).where(~answered.exists(), gone.exists())
    if tenant is not None:
        wanted = wanted.where(_REQUESTS.c.tenant == tenant)
    rows = connection.execute(wanted.group_by(_REQUESTS.c.reason).order_by(_REQUESTS.c.reason))
    return tuple(
        ReviewQueueFigure(reason=reason, waiting=count, oldest_s=_age_s(oldest, now)) for reason, count, oldest in rows
    )


def _lag_s(connection: Connection, now: datetime, tenant: str | None) -> float:
    both = and_(SUBSCRIPTIONS.c.tenant == DELIVERIES.c.tenant, SUBSCRIPTIONS.c.id == DELIVERIES.c.subscription_id)
    waiting = select(func.min(DELIVERIES.c.at)).join(SUBSCRIPTIONS, both)
    oldest = waiting.where(DELIVERIES.c.state.in_(("waiting", "sending")), SUBSCRIPTIONS.c.state == "enabled")
    if tenant is not None:
        oldest = oldest.where(DELIVERIES.c.tenant == tenant)
    return _age_s(connection.execute(oldest).scalar(), now)


def _age_s(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
