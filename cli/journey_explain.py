"""A journey as the tables that a person reads, and the status of a case as lines."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from phonegrade.configs.condition import Span, When
from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import PriceDeduction
from phonegrade.configs.offer_rules import OfferRules
from phonegrade.configs.policy_part import PolicyPart
from phonegrade.configs.price_book import PriceBook
from phonegrade.journeys.fact import JourneyReason
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.next_best import Experiment, recommendations
from phonegrade.journeys.quotes import make_quote
from phonegrade.journeys.status import CaseStatus

_NO_ID = "00000000-0000-7000-8000-000000000000"
"""Of a quote that is only shown."""


def print_journey(journey: Journey, console: Console) -> None:
    """Print needs, steps, rules, exclusions, deductions and the resale gate; every entry with its source."""
    console.print(Text(f"{journey.name} {journey.version}", style="bold"))
    console.print(journey.description)
    console.print(f"an outcome holds for {journey.valid_days} days; sha256 {journey.sha256}")
    needs = ((name, getattr(journey.needs, name)) for name in type(journey.needs).model_fields)
    rows = [(name, _values(part), part.source) for name, part in needs if part is not None]
    _print(console, "Needs", ("need", "what", "source"), rows)
    steps = [
        (
            f"{step.step}{' (optional)' if step.optional else ''}",
            ", ".join(step.after),
            ", ".join(step.channels),
            ", ".join(step.scopes),
            step.source,
        )
        for step in journey.steps
    ]
    _print(console, "Steps", ("step", "after", "channels", "scopes", "source"), steps)
    _print_rules(journey, console)
    _print_money(journey, console)


def _print_rules(journey: Journey, console: Console) -> None:
    default = journey.otherwise
    rules = [
        (rule.rule, condition_words(rule.when), _outcome(rule.outcome, rule.alternate), rule.would_change, rule.source)
        for rule in journey.rules
    ]
    rules.append(("otherwise", "", default.outcome, default.would_change, default.source))
    columns = ("rule", "when", "outcome", "would change", "source")
    _print(console, "Rules, the first that applies decides", columns, rules)
    if journey.exclusions:
        rows = [(one.rule, condition_words(one.when), one.would_change, one.source) for one in journey.exclusions]
        _print(console, "Not covered", ("rule", "when", "would change", "source"), rows)


def _print_money(journey: Journey, console: Console) -> None:
    if journey.quote is not None:
        heading = f"Deductions, one for each part; a quote holds for {journey.quote.valid_days} days"
        deductions = journey.quote.deductions
        rows = [(one.rule, one.part, condition_words(one.when), _price(one), one.source) for one in deductions]
        _print(console, heading, ("rule", "part", "when", "less", "source"), rows)
    if journey.resale is not None:
        lifted = [(", ".join(journey.resale.overridable), journey.resale.source)]
        _print(console, "Resale", ("reasons that a named person may lift", "source"), lifted)


def print_offers(rules: OfferRules, console: Console) -> None:
    """Print offer rules, the greatest priority first."""
    console.print(Text(f"{rules.name} {rules.version}", style="bold"))
    console.print(rules.description)
    console.print(f"at most {rules.at_most} at once; sha256 {rules.sha256}")
    rows = [
        (
            str(rule.priority),
            rule.rule,
            rule.offer,
            condition_words(rule.when),
            f"{rule.cool_down_days} days{', with consent' if rule.needs_consent else ''}",
            rule.source,
        )
        for rule in sorted(rules.offers, key=lambda rule: -rule.priority)
    ]
    _print(console, "Offers", ("priority", "rule", "offer", "when", "again after", "source"), rows)


def condition_words(when: When) -> str:
    """Return a condition in words, such as "owned months 24 to 36 and eligible upgrade"."""
    return " and ".join(_condition(when, name) for name in when.given)


def _condition(when: When, name: str) -> str:
    value, words = getattr(when, name), "failed test" if name == "tests" else name.replace("_", " ")
    match value:
        case Span():
            return f"{words} {value.description}"
        case PolicyPart():
            return f"{words} {_values(value)}"
        case tuple():
            return f"{words} {' or '.join(map(str, value))}"
        case bool():
            return words if value else f"not {words}"
        case _:
            return f"{words} {value}{'' if name != 'measure' else f' below {when.below:g}'}"


def status_lines(status: CaseStatus) -> list[str]:
    """Return the status of a case as lines of text."""
    lines = [
        f"evidence {status.evidence}, deal {status.deal}, custody {status.custody}, identity {status.identity}"
        f"{', expired' if status.expired else ''}",
        f"{status.outcome.offering}: {_outcome(status.outcome.result or 'waits', status.outcome.alternate)}",
        *(line for reason in status.outcome.reasons for line in _reason(reason)),
        *(f"not covered: {reason.text}" for reason in status.outcome.exclusions),
    ]
    if status.missing:
        lines.append("missing:")
        lines += [f"  {part.text}" for part in status.missing]
        lines += [f"    {test}: {why}" for part in status.missing for test, why in part.why_not.items()]
    lines.append(f"next: {', '.join(step.step for step in status.next) or 'nothing'}")
    lines.append(f"resale: {status.resale.state}")
    lines += [f"  {reason.rule}: {reason.text}" for reason in status.resale.reasons]
    lines += [
        f"  lifted by {one.override.name}: {one.reason.rule} ({one.override.reason})" for one in status.resale.lifted
    ]
    return lines


def quote_lines(facts: CaseFacts, journey: Journey, book: PriceBook, now: datetime) -> list[str]:
    """Return the quote that would be made now as lines of text. Raises NoPriceError where there is none."""
    quote = make_quote(facts, journey, book, now, fact_id=_NO_ID, by="simulation", visit=None)
    rows = [f"  {line.amount:>10} {line.rule}: {line.text}" for line in quote.lines]
    return [f"quote {quote.amount} {quote.currency} until {quote.valid_until:%Y-%m-%d}", *rows]


def offer_lines(facts: CaseFacts, rules: OfferRules, now: datetime) -> list[str]:
    """Return what would be offered now, on the channel where the case was opened, as lines of text."""
    offers = recommendations(facts, Experiment(rules), facts.case.channel, now)
    return [f"offer {one.offer}: {one.reason.text} [{one.reason.rule}]" for one in offers] or ["offer nothing"]


def _reason(reason: JourneyReason) -> list[str]:
    evidence = f" [{', '.join(reason.evidence)}]" if reason.evidence else ""
    return [f"  {reason.rule}: {reason.text}{evidence}", f"    would change: {reason.would_change}"]


def _outcome(result: str, alternate: str | None) -> str:
    return result if alternate is None else f"{result} ({alternate})"


def _price(one: PriceDeduction) -> str:
    return f"{one.share:.0%} of the price" if one.share is not None else f"{one.amount}"


def _values(part: PolicyPart) -> str:
    """Return the values of a part that differ from what is left out, in words."""
    given = {key: getattr(part, key) for key in type(part).model_fields if key in part.model_fields_set}
    return "; ".join(f"{key.replace('_', ' ')} {_value(value)}" for key, value in given.items() if key != "source")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _print(console: Console, heading: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    console.print()
    console.print(Text(heading, style="bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "rule")
    for row in rows:
        table.add_row(*row)
    console.print(table)
