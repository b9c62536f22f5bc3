"""`phonegrade journey`: what a person who writes journeys, prices and offers sees."""

import json
from pathlib import Path

import jsonschema
import pytest

from phonegrade.configs.journey import journey_schema, shipped_journey_text, shipped_journeys
from phonegrade.configs.offer_rules import offers_schema
from phonegrade.journeys.facts import CaseFacts
from phonegrade.tests.cli.conftest import Run
from phonegrade.tests.journeys.builders import case, whole_trade_in

SAMPLES = Path(__file__).parents[2] / "samples" / "journeys"
AT = ("--now", "2026-11-28T11:00Z")


@pytest.mark.parametrize("name", shipped_journeys())
def test_a_shipped_journey_is_valid_and_explained_with_every_rule_and_source(run: Run, name: str) -> None:
    assert run("journey", "check", name).out.startswith(f"{name} 1.0.0 is valid\n")
    explained = "".join(run("journey", "explain", name).out.split())
    lines = shipped_journey_text(name).splitlines()
    rules = [line.split(": ", 1)[1] for line in lines if line.strip().startswith("- rule:")]
    assert rules
    assert [rule for rule in rules if rule not in explained] == []


def test_a_mistake_is_one_line_with_file_line_and_key(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(shipped_journey_text("care").replace("outcome: needs_person", "outcom: needs_person", 1))
    refused = run("journey", "check", own)
    assert refused.status == 2
    assert refused.err.startswith(f"error [journey_file]: {own}:")
    assert "the nearest valid one is 'outcome'" in refused.err


def test_the_sample_case_is_simulated(run: Run) -> None:
    answer = run("journey", "simulate", "care", SAMPLES / "care.json", *AT).out
    assert "advice: alternate (repair)" in answer
    assert "fault_confirmed: A function complained about fails its test. [loudspeaker]" in answer
    assert "would change: The test passes when it is repeated." in answer
    status = json.loads(run("journey", "simulate", "care", SAMPLES / "care.json", *AT, "--json").out)
    assert status["outcome"]["alternate"] == "repair"
    assert status["resale"]["state"] == "blocked"


def test_a_quote_is_simulated_from_a_price_book(run: Run, tmp_path: Path) -> None:
    facts = [fact for fact in whole_trade_in("0" * 64) if fact.fact not in ("quote", "quote_event", "settlement")]
    file = tmp_path / "facts.json"
    file.write_text(CaseFacts(case=case(), facts=tuple(facts)).model_dump_json(), encoding="utf-8")
    answer = run("journey", "simulate", "trade_in", file, *AT, "--prices", SAMPLES / "prices.csv").out
    assert "quote 330.00 EUR until 2026-12-12" in answer
    assert run("journey", "simulate", "trade_in", file, *AT, "--offers", "standard").out.endswith("offer nothing\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("simulate", "trade_in", SAMPLES / "care.json"), "is a case of journey care, not of trade_in"),
        (("simulate", "care", "nowhere.json"), "nowhere.json: cannot be read"),
        (("simulate", "care", SAMPLES / "prices.csv"), "prices.csv: facts: Invalid JSON"),
        (("simulate", "care", SAMPLES / "care.json", "--now", "soon"), "'soon' is not a time"),
        (("simulate", "care", SAMPLES / "care.json", "--now", "2026-11-28T11:00"), "has no time zone"),
        (("check", "traid_in"), "the nearest is 'trade_in'"),
        (("prices", SAMPLES / "care.json"), "care.json:1: "),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(run: Run, arguments: tuple[object, ...], problem: str) -> None:
    refused = run("journey", *arguments)
    assert refused.status == 2
    assert problem in refused.err
    assert len(refused.err.strip().splitlines()) == 1


def test_files_schemas_prices_and_offers_are_printed(run: Run) -> None:
    assert run("journey", "show").out == shipped_journey_text("trade_in")
    assert run("journey", "schema").out == journey_schema()
    assert run("journey", "schema", "offers").out == offers_schema()
    jsonschema.Draft202012Validator(json.loads(run("journey", "schema", "facts").out)).validate(
        json.loads((SAMPLES / "care.json").read_text(encoding="utf-8"))
    )
    assert "6 prices of 1 devices in EUR" in run("journey", "prices", SAMPLES / "prices.csv").out
    offers = run("journey", "offers").out
    assert offers.index("cracked_and_insured") < offers.index("worn_battery") < offers.index("insurable")
