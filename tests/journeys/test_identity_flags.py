"""What was read from a phone against what it is said to be: a flag until somebody with the phone at hand has looked."""

import pytest

from phonegrade.journeys.device_facts import Identifier, ModelReading
from phonegrade.journeys.identity_flags import identity_flags
from phonegrade.tests.journeys.builders import asset, bundle, fact_id, identifier, of_asset, visit


def read_model(*devices: str, reads: int = 2, at: float = 5) -> ModelReading:
    return ModelReading(**of_asset(70, at), code="A2633", devices=devices, source="ocr", reads=reads, photo=fact_id(71))


def suggesting(device: str | None) -> Identifier:
    return identifier().model_copy(update={"suggested": device})


@pytest.mark.parametrize(
    ("reading", "codes"),
    [
        (read_model("Apple iPhone 12"), ["model_mismatch"]),
        (read_model("Apple iPhone 12", reads=1), []),
        (read_model("Apple iPhone 12", "Apple iPhone 13"), []),
        (read_model("Apple iPhone 13"), []),
        (read_model(), []),
        (suggesting("Apple iPhone 12"), ["tac_mismatch"]),
        (suggesting("Apple iPhone 13"), []),
        (suggesting(None), []),
    ],
)
def test_what_contradicts_the_named_device_is_a_flag(reading: ModelReading | Identifier, codes: list[str]) -> None:
    facts = bundle(visit("app"), asset("Apple iPhone 13"), reading)
    flags = identity_flags(facts)
    assert [one.code for one in flags] == codes
    assert all(one.evidence[0] == reading.id for one in flags)


def test_without_a_named_device_nothing_is_contradicted() -> None:
    assert identity_flags(bundle(visit("app"), asset(None), read_model("Apple iPhone 12"))) == ()


@pytest.mark.parametrize(("channel", "count"), [("app", 1), ("store", 0)])
def test_only_somebody_with_the_phone_at_hand_ends_a_flag(channel: str, count: int) -> None:
    described = asset("Apple iPhone 13").model_copy(update=of_asset(72, 9, channel))  # type: ignore[arg-type]
    facts = bundle(visit("app"), visit("store"), read_model("Apple iPhone 12"), described)
    assert len(identity_flags(facts)) == count
