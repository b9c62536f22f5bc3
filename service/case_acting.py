"""A caller's use case in the one transaction of its request and its answer."""

from collections.abc import Callable
from datetime import timedelta

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import Connection

from phonegrade.journeys.fact import FactId
from phonegrade.service.case_parts import Cases, Once, content_of, stored
from phonegrade.service.case_store import of_client
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.answers import StoredAnswer


def acting(cases: Cases, connection: Connection, visit: FactId | None = None, version: int | None = None) -> Acting:
    """Return the caller in a transaction; `version` is that of the case as the caller read it."""
    return Acting(
        connection,
        cases.store.vault,
        cases.parts.journeys,
        cases.tenant,
        cases.caller.id,
        cases.parts.clock(),
        only_case=cases.caller.case,
        visit=visit,
        version=version,
        scopes=frozenset(map(str, cases.caller.scopes)),
        find_visit=cases.visit_of,
    )


async def act_once(
    cases: Cases,
    once: Once,
    body: BaseModel | None,
    work: Callable[[Acting], BaseModel],
    *,
    status: int = 201,
    visit: FactId | None = None,
    version: int | None = None,
    secret_for: timedelta | None = None,
) -> Response:
    """Answer what `work` returns, once: what it writes and the answer are kept together, or not at all.

    An answer that shows a secret is kept for `secret_for` alone, and sealed.
    """
    secret_until = None if secret_for is None else cases.parts.clock() + secret_for

    def run(connection: Connection) -> StoredAnswer:
        with of_client():
            answer = work(acting(cases, connection, visit, version))
        return stored(status, answer, secret_until=secret_until)

    return await once.answer(content_of(body, version), run)
