"""The route of functional tests: in our vocabulary, or as another diagnostics tool wrote them."""

import base64
import binascii
from typing import Annotated, Literal, Self, cast

from fastapi import APIRouter, Response
from pydantic import Field, model_validator
from sqlalchemy import Connection

from phonegrade.core.errors import UsageError
from phonegrade.core.functional.diagnostics import Imported
from phonegrade.core.functional.report import FunctionalReport, TestName
from phonegrade.core.journey_errors import FactsError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Identifier
from phonegrade.journeys.evidence_facts import TestRun
from phonegrade.journeys.fact import FactId, Label, Text
from phonegrade.journeys.facts import CaseFacts
from phonegrade.service.case_facts import RECORDED, of_case
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, VersionDep, content_of, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import of_client
from phonegrade.service.cases import CaseId, RecordedFact
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.tasks import ImportTests
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import add_facts

router = APIRouter(tags=["facts of a case"], route_class=CaseRoute, responses=RECORDED)


class ForeignReport(Strict):
    """The report of another diagnostics tool as it wrote it, CSV or JSON; see `phonegrade functional`."""

    base64: Annotated[str, Field(min_length=4, max_length=940_000)]
    name: Label = "report"
    """Of the file, for messages."""


class NewTestRun(Strict):
    """Results of functional tests, and why others could not be run."""

    method: Literal["browser", "import", "operator", "agent"]
    report: FunctionalReport | None = None
    foreign: ForeignReport | None = None
    """Instead of `report`."""
    why_not: dict[TestName, Text] = Field(default_factory=dict)
    visit: FactId | None = None

    @model_validator(mode="after")
    def _has_one_report(self) -> Self:
        if (self.report is None) == (self.foreign is None):
            raise ValueError("give exactly one of report and foreign")
        return self


class RecordedTests(RecordedFact):
    """Tests that were recorded, and what was not understood of another tool's report."""

    not_understood: tuple[str, ...] = ()
    """Names that are no test or measure known here; they count as not run."""
    odd: tuple[str, ...] = ()
    """Values of known measures that are not figures; they count as not measured."""


@router.post(
    "/v1/cases/{case_id}/tests", status_code=201, summary="Record functional tests", response_model=RecordedTests
)
async def add_tests(
    case_id: CaseId, body: NewTestRun, cases: CasesDep, once: OnceDep, version: VersionDep, parts: PartsDep
) -> Response:
    """Record results; a test that could not be run stays not run, with its reason.

    Another tool's report is read as `phonegrade functional` reads it. One that names another phone's IMEI is refused,
    and no report's IMEI is kept: record it as an identifier.
    """
    imported = await _imported(body, parts)

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        _refuse_other_phone(imported.report, facts, cases)
        foreign = body.foreign is not None
        report = imported.report.model_copy(update={"imei": None}) if foreign else imported.report
        with of_client():
            fact = TestRun(
                **of_case(cases, facts, body.visit),
                method=body.method,
                report=report,
                why_not={**imported.why_not, **body.why_not},
            )
        added = add_facts(connection, cases.store.vault, cases.tenant, case_id, [fact], fact.at, version=version)
        lost = imported.not_understood
        answer = RecordedTests(id=fact.id, version=added.version, not_understood=lost, odd=imported.odd)
        return stored(201, answer, added.version)

    return await once.answer(content_of(body, version), work)


async def _imported(body: NewTestRun, parts: Parts) -> Imported:
    """Return the results; another tool's file is read in a worker. Raises UsageError, FunctionalError."""
    if body.foreign is None:
        return Imported(report=body.report or FunctionalReport(), not_understood=())
    try:
        data = base64.b64decode(body.foreign.base64, validate=True)
    except binascii.Error as error:
        raise UsageError("foreign.base64 is not base64 (RFC 4648, section 4)") from error
    return cast(Imported, await parts.pool.run(ImportTests(body.foreign.name), data, reserved=True, urgent=True))


def _refuse_other_phone(report: FunctionalReport, facts: CaseFacts, cases: Cases) -> None:
    """Raise FactsError, without either number, where a report is of another phone than the case's."""
    if report.imei is None:
        return
    known = {one.hmac for one in facts.current(Identifier) if one.kind in ("imei", "imei2")}
    if known and cases.store.vault.hashed(cases.tenant, report.imei).hmac not in known:
        raise FactsError("the report names another IMEI than the case's phone has; check which phone it is of")
