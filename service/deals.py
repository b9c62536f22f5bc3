"""The routes of what follows a grade: hand-offs, qualifications, offers and recommendations."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from phonegrade.configs.journey_parts import StepChannel
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import OfferOutcome, Quote, Settlement
from phonegrade.journeys.fact import FactId, Utc
from phonegrade.service.assets import router as assets
from phonegrade.service.case_acting import act_once, acting
from phonegrade.service.case_parts import CasesDep, OnceDep, VersionDep
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.events import router as events
from phonegrade.service.examples import CASE_ERRORS, CASE_READ_ERRORS, SECRET_ERRORS
from phonegrade.service.keys import Scope
from phonegrade.service.use_cases import hand_offs, offers, recommending
from phonegrade.service.webhooks import router as webhooks

router = APIRouter(tags=["deals"], route_class=CaseRoute, responses=CASE_ERRORS)
CaseId = Annotated[str, Path(max_length=64, description="Of the case.")]
OfferId = Annotated[str, Path(max_length=64, description="Of the quote.")]


class OnVisit(Strict):
    """What a request without further words says."""

    visit: FactId | None = None
    """Where it is recorded; the newest on a channel of the caller's where it is left out."""


class RecommendationRequest(OnVisit):
    """Where an offer is to be shown."""

    channel: StepChannel | None = None
    """That of the visit, or of the case, where it is left out."""


@router.post(
    "/v1/cases/{case_id}/handoffs",
    status_code=201,
    summary="Hand a case to another channel",
    response_model=hand_offs.OpenedHandOff,
    responses=SECRET_ERRORS,
)
async def open_hand_off(
    case_id: CaseId, body: OnVisit, cases: CasesDep, once: OnceDep, version: VersionDep
) -> Response:
    """Answer a token of 128 bits, its QR code and two digits, for ten minutes; a newer one replaces it."""
    return await act_once(
        cases,
        once,
        body,
        lambda one: hand_offs.open_hand_off(one, case_id),
        visit=body.visit,
        version=version,
        secret_for=hand_offs.LASTS,
    )


@router.post("/v1/handoffs/claim", summary="Take a case over", response_model=hand_offs.ClaimedCase)
async def claim_hand_off(body: hand_offs.HandOffClaimRequest, cases: CasesDep, once: OnceDep) -> Response:
    """Begin a visit on the claiming channel, and answer what is left; what is there already is asked for no more."""
    cases.check_channel(body.channel)
    return await act_once(cases, once, body, lambda one: hand_offs.claim_hand_off(one, body), status=200)


@router.post(
    "/v1/cases/{case_id}/qualifications", summary="Ask the journey's rules", response_model=offers.RecordedOutcome
)
async def qualify(case_id: CaseId, body: OnVisit, cases: CasesDep, once: OnceDep, version: VersionDep) -> Response:
    """Answer qualified, unqualified, alternate or needs_person with reasons; null while something is missing."""
    return await act_once(
        cases,
        once,
        body,
        lambda one: offers.qualify(one, case_id),
        status=200,
        visit=body.visit,
        version=version,
    )


@router.post("/v1/cases/{case_id}/offers", status_code=201, summary="Quote a price", response_model=Quote)
async def make_offer(case_id: CaseId, body: OnVisit, cases: CasesDep, once: OnceDep, version: VersionDep) -> Response:
    """Answer a quote from the tenant's price book, with each deduction, until when it holds and what it rests on."""
    prices = cases.parts.deals.prices
    return await act_once(
        cases,
        once,
        body,
        lambda one: offers.offer(one, case_id, prices),
        visit=body.visit,
        version=version,
    )


@router.get("/v1/offers/uplift", summary="Does the challenger do better?", responses=CASE_READ_ERRORS)
async def uplift(
    cases: CasesDep, since: Annotated[Utc | None, Query(description="Only cases that were opened since.")] = None
) -> recommending.ChallengerUplift:
    """Answer in which share of its cases each set of offer rules had an offer accepted, and the difference's interval.

    Every case counts in the arm that its id picks, with or without an offer.
    """
    cases.caller.require(Scope.ADMIN, Scope.STORE)
    experiment = cases.parts.deals.experiment
    return await cases.read(
        lambda connection: recommending.challenger_uplift(acting(cases, connection), experiment, since)
    )


@router.get("/v1/offers/{offer_id}", summary="Read a quote", responses=CASE_READ_ERRORS)
async def read_offer(offer_id: OfferId, cases: CasesDep) -> offers.AnsweredOffer:
    """Answer a quote and what became of it."""
    return await cases.read(lambda connection: offers.find_offer(acting(cases, connection), offer_id))


@router.post("/v1/offers/{offer_id}/accept", summary="Accept a quote", response_model=offers.AnsweredOffer)
async def accept(offer_id: OfferId, body: offers.OfferAcceptance, cases: CasesDep, once: OnceDep) -> Response:
    """Accept what was shown: 412 where the assessment or the inputs' hash is another by now, or the quote expired."""
    return await act_once(cases, once, body, lambda one: offers.accept(one, offer_id, body), status=200)


@router.post("/v1/offers/{offer_id}/decline", summary="Decline a quote", response_model=offers.AnsweredOffer)
async def decline(offer_id: OfferId, body: offers.OfferDecline, cases: CasesDep, once: OnceDep) -> Response:
    """Decline a quote, and say why."""
    return await act_once(cases, once, body, lambda one: offers.decline(one, offer_id, body), status=200)


@router.post(
    "/v1/offers/{offer_id}/settlements", status_code=201, summary="Record a payment", response_model=Settlement
)
async def settle(offer_id: OfferId, body: offers.OfferPayment, cases: CasesDep, once: OnceDep) -> Response:
    """Record that the customer was paid for an accepted quote."""
    return await act_once(cases, once, body, lambda one: offers.settle(one, offer_id, body))


@router.post(
    "/v1/cases/{case_id}/recommendations", summary="Next best offers", response_model=recommending.Recommendations
)
async def recommend(case_id: CaseId, body: RecommendationRequest, cases: CasesDep, once: OnceDep) -> Response:
    """Answer what to offer now, best first; it counts as shown, and is not shown again within its cool-down."""
    experiment = cases.parts.deals.experiment
    return await act_once(
        cases,
        once,
        body,
        lambda one: recommending.recommend(one, case_id, experiment, body.channel),
        status=200,
        visit=body.visit,
    )


@router.post(
    "/v1/cases/{case_id}/recommendations/answers",
    status_code=201,
    summary="What became of an offer",
    response_model=OfferOutcome,
)
async def answer(case_id: CaseId, body: recommending.RecommendationAnswer, cases: CasesDep, once: OnceDep) -> Response:
    """Record that the customer accepted or declined an offer that was shown, and why."""
    return await act_once(cases, once, body, lambda one: recommending.answer_recommendation(one, case_id, body))


@router.get("/v1/offers", summary="Next best offers by rule", responses=CASE_READ_ERRORS)
async def summary(cases: CasesDep) -> recommending.RuleSummaries:
    """Answer, for each rule, in how many cases its offer was shown, accepted and declined, and why."""
    cases.caller.require(Scope.ADMIN, Scope.STORE)
    return await cases.read(lambda connection: recommending.summary(acting(cases, connection)))


for further in (assets, events, webhooks):
    router.include_router(further)
