"""A case in the words of TM Forum's open APIs, for systems that speak them; it does not conform to any of them.

Resource (TMF639), product offering qualification (TMF679) and process flow (TMF701), version 5's names: no CTK was run,
there is no PATCH, no paging by offset, and no @type. Numbers of the phone are named by their last four characters.
"""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from phonegrade.configs.journey import Journey
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import Qualification
from phonegrade.journeys.decide import Outcome
from phonegrade.journeys.device_facts import CustodyMove, Identifier
from phonegrade.journeys.evidence import current_assessment, device_of, identity_of
from phonegrade.journeys.fact import FactId, Utc
from phonegrade.journeys.facts import CaseFacts, Visit
from phonegrade.journeys.status import CaseStatus, open_steps

FlowState = Literal["active", "hold", "completed", "cancelled"]
"""What TMF701 recommends."""
_OVER = ("declined", "expired")


class _Tmf(Strict):
    """Names as TM Forum spells them."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class TmfCharacteristic(_Tmf):
    """A name and its value."""

    name: str
    value: str


class TmfIdentifier(_Tmf):
    """A number of the phone, by its last four characters."""

    owner: str
    external_identifier_type: str
    id: str


class TmfParty(_Tmf):
    """Somebody, by a name of the operator's own."""

    id: str
    role: str


class TmfChannel(_Tmf):
    """Where the case was."""

    name: str


class TmfPlace(_Tmf):
    """Where the phone is."""

    name: str
    role: str


class TmfResource(_Tmf):
    """The phone (TMF639, PhysicalResource)."""

    id: FactId
    name: str | None
    category: Literal["device"] = "device"
    external_identifier: tuple[TmfIdentifier, ...]
    resource_characteristic: tuple[TmfCharacteristic, ...]
    place: tuple[TmfPlace, ...]
    related_party: tuple[TmfParty, ...]


class TmfReason(_Tmf):
    """Why."""

    code: str
    label: str


class TmfOffering(_Tmf):
    """What a customer gets who qualifies."""

    id: str


class TmfAlternate(_Tmf):
    """What they may get instead."""

    id: str
    alternate_product_offering: TmfOffering


class TmfQualificationItem(_Tmf):
    """The one offering of a case."""

    id: Literal["1"] = "1"
    state: Literal["acknowledged", "inProgress", "done"]
    qualification_item_result: Literal["qualified", "unqualified", "alternate"] | None
    """None while something is missing, and where a person has to decide, for which TMF679 has no word."""
    product_offering: TmfOffering
    eligibility_result_reason: tuple[TmfReason, ...]
    alternate_product_offering_proposal: tuple[TmfAlternate, ...]


class TmfQualification(_Tmf):
    """Whether the case qualifies (TMF679, CheckProductOfferingQualification)."""

    id: FactId
    """Of the recorded qualification; the case's own before there is one."""
    state: Literal["acknowledged", "inProgress", "done"]
    expiration_date: Utc | None
    channel: tuple[TmfChannel, ...]
    related_party: tuple[TmfParty, ...]
    check_product_offering_qualification_item: tuple[TmfQualificationItem, ...]


class TmfSpecification(_Tmf):
    """The journey's file."""

    id: str
    name: str
    version: str


class TmfTask(_Tmf):
    """A step of the journey (TMF701, TaskFlow)."""

    id: str
    state: FlowState
    """`hold`: other steps come first; `cancelled`: it would change nothing any more."""
    is_mandatory: bool
    characteristic: tuple[TmfCharacteristic, ...]
    """What is left."""
    channel: tuple[TmfChannel, ...]


class TmfRelated(_Tmf):
    """Something that the flow is about."""

    id: FactId
    role: str


class TmfFlow(_Tmf):
    """The case on its journey (TMF701, ProcessFlow)."""

    id: FactId
    href: str
    state: FlowState
    """`hold`: a person has to decide."""
    process_flow_date: Utc
    process_flow_specification_ref: TmfSpecification
    channel: tuple[TmfChannel, ...]
    characteristic: tuple[TmfCharacteristic, ...]
    related_entity: tuple[TmfRelated, ...]
    related_party: tuple[TmfParty, ...]
    task_flow: tuple[TmfTask, ...]


class TmfCase(_Tmf):
    """A case in TM Forum's words; not conformant to them."""

    resource: TmfResource | None
    """None while no phone is known."""
    product_offering_qualification: TmfQualification
    process_flow: TmfFlow


def tmf_case(facts: CaseFacts, journey: Journey, status: CaseStatus, now: datetime) -> TmfCase:
    """Return a case in TM Forum's words; `status` is what `status_of` says of it now."""
    return TmfCase(
        resource=None if facts.case.asset is None else _resource(facts.case.asset, facts, status),
        product_offering_qualification=_qualification(facts, status),
        process_flow=_flow(facts, journey, status, now),
    )


def _resource(asset: FactId, facts: CaseFacts, status: CaseStatus) -> TmfResource:
    device, graded, moved = device_of(facts), current_assessment(facts), facts.latest(CustodyMove)
    known: dict[str, object] = {
        "storageGb": None if device is None else device.storage_gb,
        "colour": None if device is None else device.colour,
        "combinedGrade": None if graded is None else graded.decision.grade,
        "evidence": status.evidence,
        "identity": identity_of(facts),
        "custody": status.custody,
        "resale": status.resale.state,
    }
    numbers = {(one.kind, one.last4) for one in facts.current(Identifier)}
    return TmfResource(
        id=asset,
        name=None if device is None else device.device,
        external_identifier=tuple(
            TmfIdentifier(owner="phonegrade", external_identifier_type=kind, id=f"*{last4}")
            for kind, last4 in sorted(numbers)
        ),
        resource_characteristic=_characteristics(known),
        place=() if moved is None or moved.site is None else (TmfPlace(name=moved.site, role=moved.to),),
        related_party=_parties(facts),
    )


def _qualification(facts: CaseFacts, status: CaseStatus) -> TmfQualification:
    outcome, recorded = status.outcome, facts.latest(Qualification)
    result = _result(outcome)
    state: Literal["acknowledged", "inProgress", "done"] = "inProgress" if result is None else "done"
    if outcome.result is None and status.evidence == "empty":
        state = "acknowledged"
    alternate = outcome.alternate
    item = TmfQualificationItem(
        state=state,
        qualification_item_result=result,
        product_offering=TmfOffering(id=outcome.offering),
        eligibility_result_reason=tuple(TmfReason(code=one.rule, label=one.text) for one in outcome.reasons),
        alternate_product_offering_proposal=()
        if alternate is None
        else (TmfAlternate(id="1", alternate_product_offering=TmfOffering(id=alternate)),),
    )
    return TmfQualification(
        id=facts.case.id if recorded is None else recorded.id,
        state=state,
        expiration_date=outcome.valid_until,
        channel=_channels(facts),
        related_party=_parties(facts),
        check_product_offering_qualification_item=(item,),
    )


def _result(outcome: Outcome) -> Literal["qualified", "unqualified", "alternate"] | None:
    return None if outcome.result == "needs_person" else outcome.result


def _flow(facts: CaseFacts, journey: Journey, status: CaseStatus, now: datetime) -> TmfFlow:
    left, case = open_steps(facts, journey, now), facts.case
    following = {one.step for one in status.next}
    leads_away = status.outcome.result in ("unqualified", "alternate")
    tasks = tuple(
        TmfTask(
            id=step.step,
            state=_task_state(bool(left[step.step]), step.step in following, leads_away or status.expired),
            is_mandatory=not step.optional,
            characteristic=tuple(TmfCharacteristic(name="left", value=one) for one in left[step.step]),
            channel=tuple(TmfChannel(name=one) for one in step.channels),
        )
        for step in journey.steps
    )
    return TmfFlow(
        id=case.id,
        href=f"/v1/cases/{case.id}",
        state=_flow_state(tasks, status),
        process_flow_date=case.at,
        process_flow_specification_ref=TmfSpecification(id=journey.sha256, name=journey.name, version=journey.version),
        channel=_channels(facts),
        characteristic=_characteristics({"evidence": status.evidence, "deal": status.deal, "custody": status.custody}),
        related_entity=() if case.asset is None else (TmfRelated(id=case.asset, role="resource"),),
        related_party=_parties(facts),
        task_flow=tasks,
    )


def _task_state(is_open: bool, is_next: bool, is_over: bool) -> FlowState:
    if not is_open:
        return "completed"
    if is_next:
        return "active"
    return "cancelled" if is_over else "hold"


def _flow_state(tasks: tuple[TmfTask, ...], status: CaseStatus) -> FlowState:
    if all(task.state == "completed" for task in tasks if task.is_mandatory):
        return "completed"
    if status.expired or status.custody == "returned" or status.deal in _OVER:
        return "cancelled"
    waits = status.evidence in ("needs_person", "disputed") or status.outcome.result == "needs_person"
    return "hold" if waits else "active"


def _channels(facts: CaseFacts) -> tuple[TmfChannel, ...]:
    names = dict.fromkeys((facts.case.channel, *(visit.channel for visit in facts.every(Visit))))
    return tuple(TmfChannel(name=name) for name in names)


def _parties(facts: CaseFacts) -> tuple[TmfParty, ...]:
    reference = facts.case.customer_ref
    return () if reference is None else (TmfParty(id=reference, role="customer"),)


def _characteristics(known: dict[str, object]) -> tuple[TmfCharacteristic, ...]:
    return tuple(TmfCharacteristic(name=name, value=str(value)) for name, value in known.items() if value is not None)
