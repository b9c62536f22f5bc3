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
GradingPolicy = Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="The policy that grades.")]
HalfOfPhones = Annotated[
    Literal["first", "second"] | None,
    typer.Option(help="Only every other phone of the file: fit on the first half, measure on the second."),
]


@policy.command()
def check(file: PolicyFile) -> None:
    """Check that a policy is valid; exit 2 with file, line, key and the nearest valid key where it is not."""
    rules = load_policy(file)
    limits = sum(len(grade.limits) for grade in rules.cosmetic.grades)
    functional = rules.functional
    print_result(f"{rules.name} {rules.version} is valid")
    print_result(
        f"cosmetic grades {' '.join(rules.cosmetic.names)}; functional grades {' '.join(functional.codes.ordered)}"
    )
    print_result(f"{limits} limits, {len(functional.gates)} gates, {len(functional.deductions)} deductions")
    print_result(f"sha256 {rules.sha256}")


@policy.command()
def explain(file: PolicyFile) -> None:
    """Print a policy as tables that a person reads, every rule with its source."""
    from phonegrade.cli.policy_explain import print_policy

    print_policy(load_policy(file), table_console())


@policy.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A shipped policy or a .yaml file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another policy.")],
    words: Annotated[bool, typer.Option("--words", help="Also compare descriptions and sources.")] = False,
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
        typer.Option(metavar="NAME|FILE", help="Compare with this policy; without it, with the stored grades."),
    ] = None,
    price: Annotated[float, typer.Option(min=0.0, help="Price in the best grade, where none is stored.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Regrade stored devices, without photos: how many change grade, from which to which, and the value at stake.

    By the limits, tests and gates alone: the odds of detections too uncertain to count, which `grade` weighs, are not.
    """
    from phonegrade.batch.stored_file import simulate as run
    from phonegrade.cli.simulation_table import print_simulation

    old = None if against is None else load_policy(against)
    with working("Grading"):
        simulation = run(stored, load_policy(new), old, price)
    if as_json:
        print_result(simulation.model_dump_json(indent=2))
    else:
        print_simulation(simulation, table_console())


@policy.command()
def pack(
    stored: Annotated[Path, typer.Argument(metavar="STORED.jsonl", help="One stored device or assessment a line.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="The file to write.")],
) -> None:
    """Write stored devices as columns, which are regraded a hundred times faster."""
    from phonegrade.batch.stored_file import read_batches

    with needs_extra("batch", "policy pack", ", or use a .jsonl file"):
        from phonegrade.batch.parquet import write_parquet

        count = write_parquet(read_batches(stored), out)
    log_line(f"{count} devices in {out}")


@policy.command()
def example(
    name: GradingPolicy = DEFAULT_POLICY,
    view: Annotated[Literal["customer", "clerk", "auditor"], typer.Option(help="Who reads it.")] = "customer",
) -> None:
    """Grade five example phones and print what a customer, a clerk or an auditor reads."""
    from phonegrade.cli.policy_views import print_views

    print_views(load_policy(name), view, table_console())


@policy.command()
def agreement(
    labelled: Annotated[
        Path, typer.Argument(metavar="LABELLED.jsonl", help="Stored devices with their `true_cosmetic_grade`.")
    ],
    name: GradingPolicy = DEFAULT_POLICY,
    calibration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="From `policy calibrate`, on other devices than these.")
    ] = None,
    half: HalfOfPhones = None,
) -> None:
    """Print, as JSON, how well a policy's grades agree with devices whose true cosmetic grade is known."""
    from phonegrade.batch.labelled_pairs import labelled_pairs
    from phonegrade.grading.uncertainty.agreement import agreement as agree

    rules = load_policy(name)
    fitted = shipped_calibration(rules) if calibration is None else load_calibration(calibration)
    with working("Grading"):
        figures = agree(labelled_pairs(labelled, rules, fitted, half), rules)
    print_result(figures.model_dump_json(indent=2))


@policy.command()
def calibrate(
    labelled: Annotated[
        Path, typer.Argument(metavar="LABELLED.jsonl", help="Stored devices with their `true_cosmetic_grade`.")
    ],
    name: GradingPolicy = DEFAULT_POLICY,
    half: HalfOfPhones = None,
) -> None:
    """Print the calibration that gives prediction sets their coverage, fitted on devices that trained no model."""
    from phonegrade.batch.labelled_pairs import learn

    with working("Grading"):
        fitted = learn(labelled, load_policy(name), half)
    print_result(fitted.model_dump_json())


@policy.command("inspect-set")
def inspect_set(
    data: Annotated[Path, typer.Argument(metavar="SET", help="A rendered set of all six surfaces of its devices.")],
    out: Annotated[Path, typer.Argument(metavar="LABELLED.jsonl", help="The file to write.")],
    name: GradingPolicy = DEFAULT_POLICY,
    split: Annotated[Literal["train", "val", "test"], typer.Option(help="Which of its devices.")] = "test",
    models: Annotated[Path | None, typer.Option(metavar="DIR", help="Other models than the shipped ones.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Inspect a rendered set and store its devices with their true cosmetic grades, for `agreement` and `calibrate`."""
    from phonegrade.core.extras import needs_extra

    with needs_extra("train", "policy inspect-set"):
        from phonegrade.evaluation.labelled_devices import labelled_devices

    devices = labelled_devices(data, split, load_policy(name), models, workers)
    first = next(devices, None)
    if first is None:
        raise UsageError(
            f"{data} holds no {split} device whose photos show all six surfaces: render with --all-surfaces"
        )
    try:
        with out.open("w", encoding="utf-8") as lines:
            count = 0
            for line in itertools.chain([first], devices):
                lines.write(line + "\n")
                count += 1
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error
    log_line(f"{count} devices in {out}")


@policy.command("compare")
def compare_assessments(
    before: Annotated[Path, typer.Argument(metavar="BEFORE.json", help="The first answer of `grade --json`.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER.json", help="A later answer for the same phone.")],
    by: Annotated[
        tuple[str, str],
        typer.Option(metavar="SOURCE SOURCE", help="Who made each: app, kiosk, store, warehouse or person."),
    ] = ("app", "warehouse"),
    name: Annotated[
        str, typer.Option("--policy", metavar="NAME|FILE", help="The policy of the second.")
    ] = DEFAULT_POLICY,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of lines.")] = False,
) -> None:
    """Compare a provisional assessment with a verified one: how far apart they are, and why."""
    from phonegrade.cli.comparison import comparison_text, read_graded
    from phonegrade.grading.explain.comparison import compare

    comparison = compare(read_graded(before, by[0]), read_graded(after, by[1]), load_policy(name))
    print_result(comparison.model_dump_json(indent=2) if as_json else comparison_text(comparison))


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
