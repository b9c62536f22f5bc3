"""`phonegrade journey`: check, read and try out journeys, price books and offer rules."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, assert_never

import typer

from phonegrade.cli.console import print_result, table_console
from phonegrade.configs.journey import journey_schema, load_journey, shipped_journey_text
from phonegrade.configs.offer_rules import load_offers, offers_schema
from phonegrade.configs.price_book import load_price_book
from phonegrade.core.errors import UsageError
from phonegrade.core.journey_errors import FactsError

journey = typer.Typer(
    name="journey", help="Check, read and try out journeys, price books and offer rules.", no_args_is_help=True
)
JourneyArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped journey or a .yaml file.")]
OffersArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help="Shipped offer rules or a .yaml file.")]


@journey.command()
def check(file: JourneyArgument) -> None:
    """Check that a journey is valid; exit 2 with file, line, key and the nearest valid key where it is not."""
    rules = load_journey(file)
    print_result(f"{rules.name} {rules.version} is valid")
    print_result(f"steps {' '.join(step.step for step in rules.steps)}")
    deductions = () if rules.quote is None else rules.quote.deductions
    print_result(f"{len(rules.rules)} rules, {len(rules.exclusions)} exclusions, {len(deductions)} deductions")
    print_result(f"sha256 {rules.sha256}")


@journey.command()
def explain(file: JourneyArgument) -> None:
    """Print a journey as tables that a person reads, every rule with its source and what would change it."""
    from phonegrade.cli.journey_explain import print_journey

    print_journey(load_journey(file), table_console())


@journey.command()
def simulate(
    file: JourneyArgument,
    facts: Annotated[Path, typer.Argument(metavar="FACTS.json", help="A case and its facts.")],
    now: Annotated[
        str | None, typer.Option(metavar="TIME", help="The moment to judge at, such as 2026-11-28T10:00Z; else now.")
    ] = None,
    prices: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Quote from this price book too.")] = None,
    offered: Annotated[
        str | None, typer.Option("--offers", metavar="NAME|FILE", help="Say what these rules would offer too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of lines.")] = False,
) -> None:
    """Print what a journey makes of the facts of one case: status, what is missing, what may be done, the outcome."""
    from phonegrade.cli.journey_explain import offer_lines, quote_lines, status_lines
    from phonegrade.journeys.facts import parse_facts
    from phonegrade.journeys.status import status_of

    rules, moment = load_journey(file), datetime.now(UTC) if now is None else _moment(now)
    try:
        known = parse_facts(facts.read_bytes(), str(facts))
    except OSError as error:
        raise FactsError(f"{facts}: cannot be read: {error.strerror}") from error
    if known.case.journey != rules.name:
        raise UsageError(f"{facts} is a case of journey {known.case.journey}, not of {rules.name}")
    status = status_of(known, rules, moment)
    print_result(status.model_dump_json(indent=2) if as_json else "\n".join(status_lines(status)))
    if prices is not None:
        quote = quote_lines(known, rules, load_price_book(prices), moment)
        print_result("\n".join(quote))
    if offered is not None:
        print_result("\n".join(offer_lines(known, load_offers(offered), moment)))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time; write it as 2026-11-28T10:00Z") from error
    if moment.tzinfo is None:
        raise UsageError(f"{text!r} has no time zone; write it as 2026-11-28T10:00Z")
    return moment


@journey.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shipped journey.")] = "trade_in",
) -> None:
    """Print a shipped journey's file, to start one of your own from."""
    print_result(shipped_journey_text(name).rstrip("\n"))


@journey.command()
def schema(
    of: Annotated[
        Literal["journey", "offers", "facts"], typer.Argument(help="Journeys, offer rules, or the facts of a case.")
    ] = "journey",
) -> None:
    """Print the JSON Schema of journey files, of offer rules or of a file of facts, for editors."""
    match of:
        case "journey":
            print_result(journey_schema().rstrip("\n"))
        case "offers":
            print_result(offers_schema().rstrip("\n"))
        case "facts":
            from phonegrade.journeys.facts import facts_schema

            print_result(facts_schema().rstrip("\n"))
        case _:
            assert_never(of)


@journey.command()
def offers(file: OffersArgument = "standard") -> None:
    """Check offer rules and print them as a table, the first that would be shown on top."""
    from phonegrade.cli.journey_explain import print_offers

    print_offers(load_offers(file), table_console())


@journey.command()
def prices(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A price book.")],
) -> None:
    """Check a price book: exit 2 with file and line for an unknown device, and for rows that contradict each other."""
    from phonegrade.core.devices.catalogue import catalogue

    book = load_price_book(file, {device.name for device in catalogue()})
    devices = {row.device.casefold() for row in book.rows}
    print_result(f"{len(book.rows)} prices of {len(devices)} devices in {book.currency}")
    print_result(f"sha256 {book.sha256}")
