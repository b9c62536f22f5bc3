"""Journeys and offer rules as files: strict, with errors that name file, line, key and the nearest word."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

import phonegrade.configs.journey as journey_module
from phonegrade.configs.journey import (
    JOURNEY_SCHEMA_FILE,
    journey_schema,
    load_journey,
    load_journeys,
    parse_journey,
    shipped_journey,
    shipped_journey_text,
    shipped_journeys,
)
from phonegrade.configs.offer_rules import OFFERS_SCHEMA_FILE, load_offers, offers_schema, parse_offers, shipped_offers
from phonegrade.core.journey_errors import JourneyError, OffersError

FOLDER = Path(journey_module.__file__).parent
TRADE_IN, CARE = shipped_journey_text("trade_in"), shipped_journey_text("care")


def test_four_journeys_ship() -> None:
    assert shipped_journeys() == ("care", "insurance", "trade_in", "warranty")
    assert all(shipped_journey(name).name == name for name in shipped_journeys())


@pytest.mark.parametrize("name", shipped_journeys())
def test_every_alternate_is_a_journey_or_a_service_that_is_named_in_words(name: str) -> None:
    services = {"repair", "recycling", "battery_replacement"}
    alternates = {rule.alternate for rule in shipped_journey(name).rules if rule.alternate is not None}
    assert alternates <= {*shipped_journeys(), *services}


@pytest.mark.parametrize("name", shipped_journeys())
def test_tests_that_a_rule_waits_for_are_tests_that_the_journey_asks_for(name: str) -> None:
    journey = shipped_journey(name)
    asked = set(() if journey.needs.tests is None else journey.needs.tests.names)
    waited = {test for rule in journey.rules if rule.unknown == "wait" for test in rule.when.tests}
    assert waited <= asked


def test_a_folder_of_journeys_replaces_shipped_ones_by_name(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(CARE.replace("version: 1.0.0", "version: 9.9.9"), encoding="utf-8")
    journeys = load_journeys(tmp_path)
    assert sorted(journeys) == list(shipped_journeys())
    assert (journeys["care"].version, journeys["warranty"].version) == ("9.9.9", "1.0.0")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "outcome: needs_person",
            "outcome: needs_a_person",
            "unknown value 'needs_a_person'; the nearest valid one is",
        ),
        ("    outcome: unqualified", "    outcom: unqualified", "unknown key; the nearest valid one is 'outcome'"),
        ("when: {tests: [power_on]}", "when: {test: [power_on]}", "unknown key; the nearest valid one is 'tests'"),
        ("when: {tests: [power_on]}", "when: {tests: [poweron]}", "the nearest valid one is 'power_on'"),
        ("when: {tests: [power_on]}", "when: {}", "a condition that asks for nothing would always apply"),
        ("after: [accept]", "after: [acept]", "unknown value 'acept'; the nearest valid one is 'accept'"),
        ("after: [consent]", "after: [settle]", "unknown value 'settle'; the nearest valid one is 'consent'"),
        ("alternate: recycling", "alternate: null", "alternate is empty"),
        ("    share: 0.3", "    shares: 0.3", "unknown key; the nearest valid one is 'share'"),
        ('activation: ["on"]', "activation: [on]", "cannot be yes"),
        ("overridable: [identity_unconfirmed,", "overridable: [erasure_missing,", "unknown value 'erasure_missing'"),
        ("rule: dead", "rule: listed", "there is a rule listed already"),
    ],
)
def test_a_problem_names_file_line_key_and_the_nearest_word(old: str, new: str, problem: str) -> None:
    assert old in TRADE_IN
    with pytest.raises(JourneyError) as refused:
        parse_journey(TRADE_IN.replace(old, new, 1).encode(), "own.yaml")
    line = TRADE_IN[: TRADE_IN.index(old)].count("\n") + 1
    message = str(refused.value)
    assert problem in message
    assert message.startswith("own.yaml:")
    assert abs(int(message.split(":")[1]) - line) <= 2, (message, line)


def test_a_need_without_its_step_and_a_step_without_its_need_are_refused() -> None:
    no_step = CARE.replace("  - step: complain\n", "  - step: assess\n").replace("[complain", "[assess")
    with pytest.raises(JourneyError, match=r"needs.complaint: no step complain would ever ask for it"):
        parse_journey(no_step.encode(), "own.yaml")
    need = "  complaint:\n    source: triage begins with what the customer says\n"
    assert need in CARE
    with pytest.raises(JourneyError, match=r"complain needs `needs.complaint`, which is missing"):
        parse_journey(CARE.replace(need, "").encode(), "own.yaml")


def test_an_unknown_name_leads_to_the_nearest() -> None:
    with pytest.raises(JourneyError, match="unknown journey 'trade-in'; the nearest is 'trade_in'"):
        load_journey("trade-in")
    with pytest.raises(OffersError, match="unknown offers 'standart'; the nearest is 'standard'"):
        load_offers("standart")
    with pytest.raises(JourneyError, match="cannot be read"):
        load_journey("nowhere.yaml")


def test_the_published_schemas_are_what_the_command_prints() -> None:
    journeys = (FOLDER / "journeys" / JOURNEY_SCHEMA_FILE).read_text(encoding="utf-8")
    offers = (FOLDER / "offers" / OFFERS_SCHEMA_FILE).read_text(encoding="utf-8")
    assert journeys == journey_schema(), "phonegrade journey schema > configs/journeys/journey.schema.json"
    assert offers == offers_schema(), "phonegrade journey schema offers > configs/offers/offers.schema.json"


@pytest.mark.parametrize(
    ("kind", "name"),
    [*(("journeys", name) for name in shipped_journeys()), *(("offers", name) for name in shipped_offers())],
)
def test_a_shipped_file_fits_its_schema(kind: str, name: str) -> None:
    text = (FOLDER / kind / f"{name}.yaml").read_text(encoding="utf-8")
    file, schema = {
        "journeys": (JOURNEY_SCHEMA_FILE, journey_schema()),
        "offers": (OFFERS_SCHEMA_FILE, offers_schema()),
    }[kind]
    jsonschema.Draft202012Validator(json.loads(schema)).validate(yaml.safe_load(text))
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={file}"


def test_offer_rules_are_as_strict() -> None:
    text = (FOLDER / "offers" / "standard.yaml").read_text(encoding="utf-8")
    with pytest.raises(OffersError, match=r"own.yaml:\d+: offers.0.cool_down: unknown key; .* 'cool_down_days'"):
        parse_offers(text.replace("cool_down_days: 7", "cool_down: 7", 1).encode(), "own.yaml")
    with pytest.raises(OffersError, match="there is a rule cracked already"):
        parse_offers(text.replace("rule: worn_battery", "rule: cracked").encode(), "own.yaml")
