"""What a deal needs beside the store: prices, offer rules, where webhooks may go; and what runs while it is open."""

import shlex
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi.concurrency import run_in_threadpool

from phonegrade.configs.journey import Journey
from phonegrade.configs.offer_rules import load_offers
from phonegrade.configs.put_away_rules import PutAwayRules, load_put_away, shipped_put_away
from phonegrade.journeys.next_best import Experiment
from phonegrade.service.journey_metrics import JourneyCollector
from phonegrade.service.lock_lookup import CommandLookup, ListLookup, LockLookup, LockLookups
from phonegrade.service.metrics import Metrics
from phonegrade.service.settings import ServiceSettings
from phonegrade.service.sweeper import Sweeper
from phonegrade.service.use_cases.offers import PriceBooks
from phonegrade.service.webhook_sender import WebhookSender
from phonegrade.store.store import Store
from phonegrade.store.webhooks import WebhookRules


@dataclass(frozen=True)
class DealParts:
    """Built when the service starts."""

    prices: PriceBooks = field(default_factory=PriceBooks)
    experiment: Experiment = field(default_factory=lambda: Experiment(load_offers("standard")))
    webhooks: WebhookRules = field(default_factory=WebhookRules)
    put_away: PutAwayRules = field(default_factory=shipped_put_away)
    locks: LockLookups = field(default_factory=LockLookups)


def deal_parts(settings: ServiceSettings) -> DealParts:
    """Return the parts that the settings name. Raises PriceBookError or OffersError for files that are not valid."""
    challenger = None if settings.challenger is None else load_offers(settings.challenger)
    return DealParts(
        PriceBooks(settings.prices),
        Experiment(load_offers(settings.offers), challenger, settings.challenger_share),
        WebhookRules(
            hosts=settings.webhook_hosts,
            allow_http=settings.webhook_http,
            private_hosts=settings.webhook_private_hosts,
        ),
        shipped_put_away() if settings.put_away is None else load_put_away(settings.put_away),
        _lookups(settings),
    )


def _lookups(settings: ServiceSettings) -> LockLookups:
    sources: list[LockLookup] = []
    if settings.lock_list is not None:
        sources.append(ListLookup(settings.lock_list, lambda: datetime.now(UTC)))
    if settings.lock_command is not None:
        sources.append(CommandLookup(shlex.split(settings.lock_command), settings.lock_timeout_s))
    return LockLookups(tuple(sources))


@asynccontextmanager
async def delivering(
    store: Store,
    deals: DealParts,
    journeys: Mapping[str, Journey],
    metrics: Metrics,
    clock: Callable[[], datetime],
    case_clock: Callable[[], datetime],
) -> AsyncIterator[None]:
    """Send webhooks, sweep what the clock changes, and let /metrics have the figures, while the body runs.

    `clock` is what receivers see, `case_clock` what facts and figures have.
    """
    collector = JourneyCollector(store.database, case_clock)
    sweeper = Sweeper(store.database, journeys, case_clock)
    sender = WebhookSender(store, deals.webhooks, clock)
    metrics.registry.register(collector)
    sender.start()
    sweeper.start()
    try:
        yield
    finally:
        await run_in_threadpool(sweeper.close)
        await run_in_threadpool(sender.close)
        metrics.registry.unregister(collector)
