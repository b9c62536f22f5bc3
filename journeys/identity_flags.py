"""Where what was read from a phone contradicts what it is said to be: for a person to look into."""

from typing import Literal

from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Asset, Identifier, ModelReading
from phonegrade.journeys.evidence import AGREEING_READS, AT_HAND
from phonegrade.journeys.fact import AssetFact, FactId
from phonegrade.journeys.facts import CaseFacts

FlagCode = Literal["tac_mismatch", "model_mismatch"]


class IdentityFlag(Strict):
    """Something about the phone's identity that a person is to look into; it decides nothing by itself."""

    code: FlagCode
    text: str
    """What contradicts what, and what to do; holds no number."""
    evidence: tuple[FactId, ...]
    """The reading and, where there is one, the description that it contradicts."""


def identity_flags(facts: CaseFacts) -> tuple[IdentityFlag, ...]:
    """Return what a person is to look into, until somebody with the phone at hand describes it after that reading."""
    described = facts.latest(Asset)
    named = None if described is None else described.device
    flags = []
    for reading in facts.current(ModelReading):
        devices = reading.devices
        if named is None or not devices or reading.reads < AGREEING_READS or named in devices:
            continue
        if not _is_answered(reading, described, facts):
            text = (
                f"the photo shows model code {reading.code}, {' or '.join(devices)}, and the case says {named}: "
                "look at the phone and record what it is"
            )
            flags.append(_flag("model_mismatch", text, reading, described))
    for number in facts.current(Identifier):
        if number.suggested is None or named in (None, number.suggested):
            continue
        if not _is_answered(number, described, facts):
            text = (
                f"phones with this type allocation code were {number.suggested} so far, and the case says {named}: "
                "look at the phone and record what it is"
            )
            flags.append(_flag("tac_mismatch", text, number, described))
    return tuple(flags)


def _is_answered(reading: AssetFact, described: Asset | None, facts: CaseFacts) -> bool:
    at_hand = described is not None and facts.channel_of(described) in AT_HAND
    return at_hand and described is not None and described.at > reading.at


def _flag(code: FlagCode, text: str, reading: AssetFact, described: Asset | None) -> IdentityFlag:
    return IdentityFlag(code=code, text=text, evidence=(reading.id, *(() if described is None else (described.id,))))
