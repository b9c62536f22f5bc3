"""Facts of one imagined case: a phone on its way from the app to the warehouse, one fact a call."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from phonegrade.configs.policy import shipped_policy
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.explain.comparison import Source
from phonegrade.grading.gradability import counted_defects
from phonegrade.grading.judge import judge
from phonegrade.journeys.deal_facts import Override, Qualification, Quote, QuoteEvent, QuoteLine, Settlement
from phonegrade.journeys.device_facts import (
    Asset,
    Custody,
    CustodyMove,
    ErasureCertificate,
    Identifier,
    LockCheck,
    Sanitiser,
)
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    CountedDefect,
    Dispute,
    Inspected,
    Review,
    ReviewRequest,
    StoredPhoto,
    TestRun,
)
from phonegrade.journeys.fact import JourneyReason
from phonegrade.journeys.facts import AnyFact, Case, CaseFacts, Channel, Visit
from phonegrade.tests.grading.builders import phone

AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


def fact_id(number: int) -> str:
    """A UUIDv7 that ends in `number`."""
    return f"01936f00-0000-7000-8000-{number:012x}"


def minutes(count: float) -> datetime:
    """That many minutes after the case was opened."""
    return AT + timedelta(minutes=count)


CASE, ASSET = fact_id(1), fact_id(2)
APP, STORE, WAREHOUSE = fact_id(11), fact_id(12), fact_id(13)
VISITS: dict[Channel, str] = {"app": APP, "store": STORE, "warehouse": WAREHOUSE}
HMAC, OTHER_HMAC = "a" * 64, "b" * 64


def of_case(number: int, at: float, on: Channel = "app") -> dict[str, Any]:
    """What a fact of the case carries: number `number`, recorded `at` minutes after the case was opened."""
    return {"id": fact_id(number), "at": minutes(at), "by": "key-1", "visit": VISITS[on], "case": CASE}


def of_asset(number: int, at: float, on: Channel = "app") -> dict[str, Any]:
    """What a fact of the phone carries."""
    return {"id": fact_id(number), "at": minutes(at), "by": "key-1", "visit": VISITS[on], "asset": ASSET}


def case(journey: str = "trade_in") -> Case:
    """Opened in the app."""
    return Case(id=CASE, at=AT, by="key-1", journey=journey, channel="app", asset=ASSET, consent=("assessment",))


def visit(channel: Channel, at: float = 0) -> Visit:
    """A visit of the case."""
    return Visit(id=VISITS[channel], at=minutes(at), by="key-1", case=CASE, channel=channel)


def asset(device: str | None = "Apple iPhone 13", storage_gb: int | None = 128, number: int = 2) -> Asset:
    """The phone, recognised."""
    return Asset(id=fact_id(number), at=AT, by="key-1", asset=ASSET, device=device, storage_gb=storage_gb)


def identifier(hmac: str = HMAC, *, confirmed: bool = True, number: int = 21, at: float = 1) -> Identifier:
    """Its IMEI, read twice."""
    confirmed_by = "customer" if confirmed else None
    return Identifier(
        **of_asset(number, at), kind="imei", hmac=hmac, last4="0017", source="ocr", reads=2, confirmed_by=confirmed_by
    )


def photo(surface: Surface, at: float = 5, number: int | None = None, on: Channel = "app", **more: Any) -> StoredPhoto:  # noqa: ANN401
    """A photo of one surface; its hash ends in its number."""
    own = 100 + list(Surface).index(surface) if number is None else number
    return StoredPhoto(
        **of_case(own, at, on), purpose="surface", surface=surface, sha256=f"{own:064x}", size_bytes=300_000, **more
    )


def inspected(of: StoredPhoto, at: float = 6, retake_on: tuple[str, ...] = (), problem: str | None = None) -> Inspected:
    """What became of a photo."""
    own = of_case(int(of.id[-12:], 16) + 1000, at)
    return Inspected(
        **own,
        photo_sha256=of.sha256,
        fingerprint="f" * 64,
        surface=of.surface,
        retake_on=retake_on,
        problem=problem,
    )


def all_pass(**results: TestResult) -> FunctionalReport:
    """Every test passes but those named; the battery is at 92 %."""
    tests = dict.fromkeys(functional_vocabulary().tests, TestResult.PASS)
    return FunctionalReport(tests={**tests, **results}, measures={"battery_health_pct": 92.0})


def diagnosed(
    report: FunctionalReport | None = None,
    at: float = 4,
    number: int = 31,
    on: Channel = "app",
    **more: Any,  # noqa: ANN401
) -> TestRun:
    """Functional tests of the whole phone."""
    return TestRun(**of_case(number, at, on), method="agent", report=report or all_pass(), **more)


def lock_check(at: float = 60, number: int = 41, **answers: Any) -> LockCheck:  # noqa: ANN401
    """Activation lock off, blocklist clear, unless stated otherwise."""
    given = {"activation": "off", "blocklist": "clear", **answers}
    return LockCheck(**of_asset(number, at, "warehouse"), source="operator", **given)


def moved(to: Custody, at: float, number: int) -> CustodyMove:
    """The phone changes hands."""
    return CustodyMove(**of_asset(number, at, "store"), to=to)


def certificate(
    started: float = 70,
    number: int = 51,
    hmac: str = HMAC,
    verification: str = "full",
    **more: Any,  # noqa: ANN401
) -> ErasureCertificate:
    """A purge of ten minutes that a person verified."""
    return ErasureCertificate(
        **of_asset(number, started + 11, "warehouse"),
        identifier_hmac=hmac,
        method=more.pop("method", "purge"),
        technique="cryptographic_erase",
        tool="eraser",
        tool_version="4.2",
        verification=verification,  # type: ignore[arg-type]  # tests pass wrong words too
        persons=(Sanitiser(name="op-7", did="sanitised"), Sanitiser(name="op-9", did="verified")),
        started_at=minutes(started),
        ended_at=minutes(started + 10),
        **more,
    )


POLICY = shipped_policy("ctia-like")
INPUTS = "c" * 64


def assessment(
    number: int = 1,
    at: float = 10,
    source: Source = "app",
    inspections: Mapping[Surface, Inspection] | None = None,
    report: FunctionalReport | None = None,
    **more: Any,  # noqa: ANN401
) -> AssessmentRevision:
    """The judge's own decision, on a defect-free phone unless stated otherwise."""
    photos = phone() if inspections is None else inspections
    decision = judge(photos, report or all_pass(), POLICY)
    return AssessmentRevision(
        **of_case(300 + number, at, "warehouse" if source == "warehouse" else "app"),
        number=number,
        source=source,
        decision=decision.model_copy(update=more),
        functional=report or all_pass(),
        counted=tuple(
            CountedDefect(id=one.id, surface=surface, kind=one.kind, zone=one.zone, length_mm=one.length_mm)
            for surface, inspection in photos.items()
            for one in counted_defects(surface, inspection, POLICY)
        ),
        photos={surface: f"{100 + list(Surface).index(surface):064x}" for surface in photos},
        record_sha256="d" * 64,
    )


def review(of: AssessmentRevision, verdict: str, at: float = 30, number: int = 81, **more: Any) -> Review:  # noqa: ANN401
    """A person's verdict on an assessment."""
    given = {"reason": "uncertain", **more}
    why = "not this phone" if verdict == "rejected" else None
    return Review(**of_case(number, at, "warehouse"), assessment=of.id, verdict=verdict, why=why, **given)  # type: ignore[arg-type]


def review_request(of: AssessmentRevision, reason: str = "uncertain", number: int = 83) -> ReviewRequest:
    """Somebody asks for a review."""
    return ReviewRequest(**of_case(number, 20), assessment=of.id, reason=reason)  # type: ignore[arg-type]


def dispute(of: AssessmentRevision, number: int = 85) -> Dispute:
    """The customer disagrees."""
    return Dispute(**of_case(number, 20), assessment=of.id, text="That scratch is dust.")


def quote(of: AssessmentRevision, at: float = 15, number: int = 91, amount: str = "300.00") -> Quote:
    """A price that holds for fourteen days."""
    line = QuoteLine(rule="price", text="Price of grade A0", amount=Decimal(amount), source="price book")
    return Quote(
        **of_case(number, at),
        assessment=of.id,
        assessment_number=of.number,
        amount=Decimal(amount),
        currency="EUR",
        lines=(line,),
        inputs_sha256=INPUTS,
        valid_until=minutes(at + 14 * 24 * 60),
    )


def answered(of: Quote, event: str = "accepted", at: float = 40, number: int = 93) -> QuoteEvent:
    """The customer's answer to a quote."""
    inputs = of.inputs_sha256 if event == "accepted" else None
    return QuoteEvent(**of_case(number, at), quote=of.id, event=event, inputs_sha256=inputs)  # type: ignore[arg-type]


def paid(of: Quote, at: float = 90, number: int = 95) -> Settlement:
    """The customer gets the money."""
    return Settlement(**of_case(number, at, "store"), quote=of.id, amount=of.amount, currency=of.currency)


def override(rule: str, number: int = 97) -> Override:
    """A named person lifts a reason."""
    return Override(**of_case(number, 95, "warehouse"), rule=rule, name="M. Meyer", reason="confirmed by telephone")


def qualified(ruleset: str, result: str = "qualified", at: float = 12, number: int = 99) -> Qualification:
    """The recorded answer of a journey's rules."""
    reason = JourneyReason(rule="otherwise", text="The phone can be traded in.", would_change="Something else.")
    return Qualification(
        **of_case(number, at),
        offering="trade_in",
        result=result,  # type: ignore[arg-type]
        reasons=(reason,),
        ruleset_sha256=ruleset,
        facts_sha256="e" * 64,
    )


def whole_trade_in(ruleset: str) -> tuple[AnyFact, ...]:
    """Every fact of a trade-in that ends with a phone that may be resold."""
    shop = assessment(2, 25, "warehouse")
    offer = quote(shop, 35)
    photos = [photo(surface) for surface in Surface]
    return (
        visit("app"),
        visit("store"),
        visit("warehouse", 20),
        asset(),
        identifier(),
        diagnosed(),
        *photos,
        *map(inspected, photos),
        lock_check(8),
        assessment(),
        qualified(ruleset),
        quote(assessment()).model_copy(update={"id": fact_id(92)}),
        shop,
        offer,
        answered(offer),
        moved("ours", 50, 61),
        certificate(),
        paid(offer),
    )


def bundle(*facts: AnyFact, journey: str = "trade_in") -> CaseFacts:
    """The case with these facts."""
    return CaseFacts(case=case(journey), facts=facts)
