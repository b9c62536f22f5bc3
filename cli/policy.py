"""`phonegrade policy`: check, read, compare and try out grading policies."""

import itertools
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich import box
from rich.table import Table

from phonegrade.assessment.request import DEFAULT_POLICY
from phonegrade.cli.console import log_line, print_result, table_console, working
from phonegrade.configs.calibration import load_calibration, shipped_calibration
from phonegrade.configs.policy import load_policy, policy_schema, shipped_policy_text
from phonegrade.core.errors import UsageError
from phonegrade.core.extras import needs_extra

policy = typer.Typer(name="policy", help="Check, read, compare and try out grading policies.", no_args_is_help=True)
PolicyFile = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped policy or a .yaml file.")]
HalfOfPhones = Annotated[
    Literal["first", "second"] | None,
    typer.Option(help="Only every other phone of the file: learn from the first half, measure on the second."),
]


@policy.command()
def check(file: PolicyFile) -> None:
    """Say whether a policy is valid; exit 2 with file, line, key and the nearest valid key where it is not."""
    found = load_policy(file)
    limits = sum(len(grade.limits) for grade in found.cosmetic.grades)
    functional = found.functional
    print_result(f"{found.name} {found.version} is valid")
    print_result(f"looks {' '.join(found.cosmetic.names)}; functions {' '.join(functional.codes.ordered)}")
    print_result(f"{limits} limits, {len(functional.gates)} gates, {len(functional.deductions)} deductions")
    print_result(f"sha256 {found.sha256}")


@policy.command()
def explain(file: PolicyFile) -> None:
    """Print a policy as tables that a person reads, every rule with its source."""
    from phonegrade.cli.policy_explain import print_policy

    print_policy(load_policy(file), table_console())


@policy.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A shipped policy or a .yaml file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    words: Annotated[bool, typer.Option("--words", help="Also compare words and sources.")] = False,
) -> None:
    """Print every value in which two policies differ, and which way."""
    from phonegrade.grading.explain.policy_diff import diff as compare

    changes = compare(load_policy(before), load_policy(after), with_words=words)
    if not changes:
        print_result("no difference")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("key", before, after, ""):
        table.add_column(heading, overflow="fold")
    for change in changes:
        table.add_row(*change)
    table_console().print(table)


@policy.command()
def simulate(
    stored: Annotated[Path, typer.Argument(metavar="STORED", help="Stored devices, .jsonl or .parquet.")],
    new: Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="The policy to try.")],
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="Compare with this policy; without it with what was stored."),
    ] = None,
    price: Annotated[float, typer.Option(min=0.0, help="Price in the best grade where none is stored.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Judge stored devices again, without photos: how many move, from which grade to which, and the value at stake."""
    from phonegrade.batch.simulate import simulate as run
    from phonegrade.cli.simulation_table import print_simulation

    old = None if against is None else load_policy(against)
    with working("Judging"):
        found = run(stored, load_policy(new), old, price)
    if as_json:
        print_result(found.model_dump_json(indent=2))
    else:
        print_simulation(found, table_console())


@policy.command()
def pack(
    stored: Annotated[Path, typer.Argument(metavar="STORED.jsonl", help="One stored device or assessment a line.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="The file to write.")],
) -> None:
    """Write stored devices as columns, which are judged again a hundred times faster."""
    from phonegrade.batch.stored_file import read_batches

    with needs_extra("batch", "policy pack", ", or use a .jsonl file"):
        from phonegrade.batch.parquet import write_parquet

        count = write_parquet(read_batches(stored), out)
    log_line(f"{count} devices in {out}")


@policy.command()
def example(
    name: Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="Who judges.")] = DEFAULT_POLICY,
    view: Annotated[Literal["customer", "clerk", "auditor"], typer.Option(help="For whom.")] = "customer",
) -> None:
    """Judge five phones that everybody knows and print what a customer, a clerk or an auditor is told."""
    from phonegrade.cli.policy_views import print_views

    print_views(load_policy(name), view, table_console())


@policy.command()
def agreement(
    known: Annotated[
        Path, typer.Argument(metavar="KNOWN.jsonl", help="Stored devices with their `true_cosmetic_grade`.")
    ],
    name: Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="Who judges.")] = DEFAULT_POLICY,
    calibration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="From `policy calibrate`, on other devices than these.")
    ] = None,
    half: HalfOfPhones = None,
) -> None:
    """Print, as JSON, how well the judge agrees with devices of known look."""
    from phonegrade.batch.labelled_pairs import labelled_pairs
    from phonegrade.grading.uncertainty.agreement import agreement as agree

    rules = load_policy(name)
    learnt = shipped_calibration(rules) if calibration is None else load_calibration(calibration)
    with working("Judging"):
        found = agree(labelled_pairs(known, rules, learnt, half), rules)
    print_result(found.model_dump_json(indent=2))


@policy.command()
def calibrate(
    known: Annotated[
        Path, typer.Argument(metavar="KNOWN.jsonl", help="Stored devices with their `true_cosmetic_grade`.")
    ],
    name: Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="Who judges.")] = DEFAULT_POLICY,
    half: HalfOfPhones = None,
) -> None:
    """Print the calibration that makes the answer sets' promise good, learnt on devices that taught no model."""
    from phonegrade.batch.labelled_pairs import learn

    with working("Judging"):
        learnt = learn(known, load_policy(name), half)
    print_result(learnt.model_dump_json())


@policy.command()
def observe(
    data: Annotated[Path, typer.Argument(metavar="SET", help="A rendered set whose rounds show all six surfaces.")],
    out: Annotated[Path, typer.Argument(metavar="KNOWN.jsonl", help="The file to write.")],
    name: Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="Whose true looks.")] = DEFAULT_POLICY,
    split: Annotated[Literal["train", "val", "test"], typer.Option(help="Of its devices.")] = "test",
    models: Annotated[Path | None, typer.Option(metavar="DIR", help="Other models than the shipped ones.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Inspect a rendered set's photos and store its devices with their true looks, for `agreement` and `calibrate`."""
    from phonegrade.core.extras import needs_extra

    with needs_extra("train", "policy observe"):
        from phonegrade.evaluation.labelled_devices import labelled_devices

    found = labelled_devices(data, split, load_policy(name), models, workers)
    first = next(found, None)
    if first is None:
        raise UsageError(
            f"{data} holds no {split} device whose rounds show all six surfaces: render with --all-surfaces"
        )
    try:
        with out.open("w", encoding="utf-8") as lines:
            count = 0
            for line in itertools.chain([first], found):
                lines.write(line + "\n")
                count += 1
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error
    log_line(f"{count} devices in {out}")


@policy.command()
def delta(
    before: Annotated[Path, typer.Argument(metavar="BEFORE.json", help="What `grade --json` told first.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER.json", help="What it told of the same phone later.")],
    by: Annotated[
        tuple[str, str], typer.Option(metavar="WHO WHO", help="Who took each: app, kiosk, warehouse or person.")
    ] = ("app", "warehouse"),
    name: Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="Who judged the second.")] = DEFAULT_POLICY,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of lines.")] = False,
) -> None:
    """Put a provisional judgement beside a verified one: how far they are apart, and why."""
    from phonegrade.cli.comparison import read_judged, told
    from phonegrade.grading.explain.comparison import compare

    found = compare(read_judged(before, by[0]), read_judged(after, by[1]), load_policy(name))
    print_result(found.model_dump_json(indent=2) if as_json else told(found))


@policy.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shipped policy.")] = DEFAULT_POLICY,
) -> None:
    """Print a shipped policy's file, to start one of your own from."""
    print_result(shipped_policy_text(name).rstrip("\n"))


@policy.command()
def schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    print_result(policy_schema().rstrip("\n"))
