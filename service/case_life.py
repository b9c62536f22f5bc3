"""The store of a service with --data, from the start of the service to its end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from phonegrade.configs.journey import load_journeys
from phonegrade.core.errors import PhonegradeError
from phonegrade.service.assessments import router as assessments
from phonegrade.service.caller import Caller
from phonegrade.service.case_facts import router as facts
from phonegrade.service.case_photos import router as photos
from phonegrade.service.case_store import CaseStore
from phonegrade.service.cases import router as cases
from phonegrade.service.deal_parts import deal_parts, delivering
from phonegrade.service.deals import router as deals
from phonegrade.service.inspections import PhotoInspections
from phonegrade.service.keys import Scope
from phonegrade.service.pages import router as pages
from phonegrade.service.parts import Parts
from phonegrade.service.review_desk import router as review_desk
from phonegrade.service.reviews import router as reviews
from phonegrade.service.sessions import router as sessions
from phonegrade.store.answers import forget_answers
from phonegrade.store.principals import Principal, find_principal
from phonegrade.store.store import open_store

log = logging.getLogger(__name__)
TIDY_S = 3600.0
router = APIRouter()
router.include_router(cases)
router.include_router(photos)
router.include_router(facts)
router.include_router(assessments)
router.include_router(reviews)
router.include_router(review_desk)
router.include_router(deals)
router.include_router(sessions)
router.include_router(pages)


@asynccontextmanager
async def stored_cases(parts: Parts) -> AsyncIterator[None]:
    """Open the store for as long as the service runs. Raises UsageError, DataError or JourneyError."""
    settings = parts.settings
    with ExitStack() as stack:
        opened = open_store(settings.data or "", settings.blobs, settings.data_key)
        store = await run_in_threadpool(stack.enter_context, opened)
        deals, journeys = deal_parts(settings), load_journeys(settings.journeys_dir)
        inspections = PhotoInspections(store, parts.pool, parts.policies, settings.own_devices, utc_now)
        parts.cases = CaseStore(
            store, load_journeys(settings.journeys_dir), utc_now, inspections.wake, deal_parts(settings)
        )
        running = asyncio.create_task(inspections.run() if settings.inspect_jobs else asyncio.sleep(0))
        tidying = asyncio.create_task(_tidy(parts.cases))
        try:
            async with delivering(store, deals, journeys, utc_now, parts.metrics):
                yield
        finally:
            tidying.cancel()
            inspections.stop()
            await asyncio.wait((running,), timeout=settings.drain_s)
            running.cancel()
            parts.cases = None


async def _tidy(cases: CaseStore) -> None:
    """Forget answers to requests of more than a week ago, once an hour."""
    while True:
        try:
            await run_in_threadpool(forget_answers, cases.store.database, cases.clock())
        except PhonegradeError as error:
            log.warning("old answers are kept for now [%s]", error.code)
        await asyncio.sleep(TIDY_S)


async def stored_key(parts: Parts, text: str) -> Caller | None:
    """Return who holds a key that is kept with the cases; None for no such key."""
    cases = parts.cases
    if cases is None:
        return None
    database = cases.store.database

    def find() -> Principal | None:
        with database.read() as connection:
            return find_principal(connection, text, cases.clock())

    one = await run_in_threadpool(find)
    if one is None:
        return None
    scopes = frozenset(scope for scope in Scope if scope in one.scopes)
    return Caller(one.tenant, one.id, scopes, one.per_minute, one.case)


def utc_now() -> datetime:
    """Return the time as facts have it."""
    return datetime.now(UTC)
