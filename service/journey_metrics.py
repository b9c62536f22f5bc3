"""The journeys in figures for Prometheus, as they are when they are asked for: read from the store at each scrape."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from phonegrade.core.errors import PhonegradeError
from phonegrade.store.engines import Database
from phonegrade.store.figures import FigureCount, Figures, FigureTimes, read_figures
from phonegrade.store.tallies import BOUNDS_S

_GAUGES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("cases", "cases", "Cases that are kept.", ("journey", "channel", "ending")),
    ("case_axis", "axes", "Open cases by axis and state.", ("axis", "state", "channel")),
    ("case_step", "steps", "Open cases by the step they stand at.", ("journey", "step", "channel")),
    ("case_drop_off", "drop_off", "Cases that customers left.", ("journey", "step", "channel", "how")),
    ("webhook_deliveries", "deliveries", "Deliveries by state.", ("state",)),
)
_COUNTERS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("photo_inspections", "inspections", "Inspections of stored photos.", ("surface",)),
    ("retakes", "retakes", "Photos that were to be taken again.", ("surface", "gate")),
    ("reviews", "reviews", "Verdicts of people.", ("reason", "verdict")),
    ("grade_agreement", "agreement", "First verified grades against provisional ones.", ("agreement",)),
    ("offers", "offers", "Quotes, and what became of them.", ("event",)),
    ("recommendations", "recommendations", "Next best offers.", ("rule", "outcome")),
    ("hand_offs", "hand_offs", "Hand-offs.", ("event",)),
    ("honeypots", "honeypots", "Verdicts on planted reviews.", ("verdict",)),
)
_HISTOGRAMS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("case_step_seconds", "step_seconds", "Time in a step that was left.", ("journey", "step", "channel")),
    ("certificate_lag_seconds", "certificate_lag", "From a phone's arrival to its erasure's certificate.", ()),
)
_Family = type[GaugeMetricFamily] | type[CounterMetricFamily]


class JourneyCollector(Collector):
    """Figures over all tenants, without a tenant's name."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def collect(self) -> Iterator[Metric]:
        """Yield every figure; none where the database is busy, which must not take the others away."""
        try:
            with self._database.read() as connection:
                figures = read_figures(connection, self._clock())
        except PhonegradeError:
            return
        yield from families(figures)


def families(figures: Figures) -> Iterator[Metric]:
    """Yield figures as Prometheus has them."""
    for name, member, text, labels in _GAUGES:
        yield _counted(GaugeMetricFamily, name, text, labels, getattr(figures, member))
    for name, member, text, labels in _COUNTERS:
        yield _counted(CounterMetricFamily, name, text, labels, getattr(figures, member))
    for name, member, text, labels in _HISTOGRAMS:
        yield _histogram(name, text, labels, getattr(figures, member))
    waiting = GaugeMetricFamily(
        "phonegrade_reviews_waiting", "Reviews that a person has yet to do.", labels=("reason",)
    )
    age = GaugeMetricFamily("phonegrade_review_age_seconds", "Age of the oldest of them.", labels=("reason",))
    for one in figures.review_queue:
        waiting.add_metric((one.reason,), one.waiting)
        age.add_metric((one.reason,), one.oldest_s)
    yield waiting
    yield age
    yield GaugeMetricFamily("phonegrade_cases_unsettled", "Cases not counted anew yet.", figures.unsettled)
    lag = "Age of the oldest event that is not delivered."
    yield GaugeMetricFamily("phonegrade_webhook_lag_seconds", lag, figures.webhook_lag_s)


def _counted(family: _Family, name: str, text: str, labels: tuple[str, ...], counts: Iterable[FigureCount]) -> Metric:
    metric = family(f"phonegrade_{name}", text, labels=labels)
    for one in counts:
        metric.add_metric([one.labels[label] for label in labels], one.count)
    return metric


def _histogram(name: str, text: str, labels: tuple[str, ...], times: Iterable[FigureTimes]) -> Metric:
    metric = HistogramMetricFamily(f"phonegrade_{name}", text, labels=labels)
    bounds = (*(str(bound) for bound in BOUNDS_S), "+Inf")
    for one in times:
        buckets = list(zip(bounds, map(float, one.buckets), strict=True))
        metric.add_metric([one.labels[label] for label in labels], buckets, one.seconds)
    return metric
