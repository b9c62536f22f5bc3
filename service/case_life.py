"""The store of a service with --data, from the start of the service to its end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from phonegrade.configs.journey import load_journeys
from phonegrade.core.errors import PhonegradeError
from phonegrade.service.assessments import router as assessments
from phonegrade.service.caller import Caller
from phonegrade.service.capture_links import router as capture_links
from phonegrade.service.case_facts import router as facts
from phonegrade.service.case_photos import router as photos
from phonegrade.service.case_pictures import router as pictures_router
from phonegrade.service.case_store import CaseStore
from phonegrade.service.case_tests import router as tests
from phonegrade.service.cases import router as cases
from phonegrade.service.deal_parts import deal_parts, delivering
from phonegrade.service.deals import router as deal_routes
from phonegrade.service.inspections import PhotoInspections
from phonegrade.service.keys import Scope
from phonegrade.service.lots import router as lots
from phonegrade.service.pages import router as pages
from phonegrade.service.parts import Parts
from phonegrade.service.pictures import Pictures
from phonegrade.service.reviews import router as reviews
from phonegrade.service.sessions import router as sessions
from phonegrade.store.answers import forget_answers
from phonegrade.store.files import delete_files
from phonegrade.store.principals import Principal, find_principal
from phonegrade.store.standings import settling
from phonegrade.store.store import open_store

log = logging.getLogger(__name__)
TIDY_S = 3600.0
router = APIRouter()
router.include_router(cases)
router.include_router(photos)
router.include_router(pictures_router)
router.include_router(facts)
router.include_router(tests)
router.include_router(assessments)
router.include_router(reviews)
router.include_router(deal_routes)
router.include_router(lots)
router.include_router(capture_links)
router.include_router(sessions)
router.include_router(pages)


@asynccontextmanager
async def stored_cases(parts: Parts) -> AsyncIterator[None]:
    """Open the store for as long as the service runs. Raises UsageError, DataError or JourneyError."""
    settings = parts.settings
    with ExitStack() as stack:
        opened = open_store(settings.data or "", settings.blobs, settings.data_key)
        plain = await run_in_threadpool(stack.enter_context, opened)
        deals, journeys = deal_parts(settings), load_journeys(settings.journeys_dir)
        store = replace(plain, database=replace(plain.database, settle=settling(journeys)))
        inspections = PhotoInspections(store, parts.pool, parts.policies, settings.own_devices, utc_now)
        pictures = Pictures(store.blobs, parts.pool)
        parts.cases = CaseStore(store, journeys, utc_now, inspections.wake, pictures, deals)
        running = asyncio.create_task(inspections.run() if settings.inspect_jobs else asyncio.sleep(0))
        tidying = asyncio.create_task(_tidy(parts.cases))
        try:
            async with delivering(store, deals, journeys, parts.metrics, utc_now, lambda: _now(parts)):
                yield
        finally:
            tidying.cancel()
            inspections.stop()
            await asyncio.wait((running,), timeout=settings.drain_s)
            running.cancel()
            parts.cases = None


async def _tidy(cases: CaseStore) -> None:
    """Forget answers to requests of more than a week ago, and files that a forgotten case has left, once an hour."""
    while True:
        try:
            await run_in_threadpool(forget_answers, cases.store.database, cases.clock())
            await run_in_threadpool(delete_files, cases.store.database, cases.store.blobs)
        except PhonegradeError as error:
            log.warning("what is old is kept for now [%s]", error.code)
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


def _now(parts: Parts) -> datetime:
    """Return the time by the clock that the routes have."""
    return utc_now() if parts.cases is None else parts.cases.clock()


def utc_now() -> datetime:
    """Return the time as facts have it."""
    return datetime.now(UTC)
