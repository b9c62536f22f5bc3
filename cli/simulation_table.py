"""What a change of policy would do, as a person reads it."""

from rich import box
from rich.console import Console
from rich.table import Table

from phonegrade.grading.vectorised.simulation import Simulation


def print_simulation(found: Simulation, console: Console) -> None:
    """How many move and what that is worth, then every move."""
    before = "as stored" if found.before is None else f"{found.before.name} {found.before.version}"
    console.print(f"{found.devices} devices, {before} -> {found.after.name} {found.after.version}")
    console.print(f"{found.moved} move ({found.moved / max(found.devices, 1):.1%})")
    console.print(f"value: {found.gained:+,.2f} and {-found.lost:+,.2f}, together {found.gained - found.lost:+,.2f}")
    if found.grades_won or found.grades_lost:
        console.print(
            f"{found.grades_won} get a grade that had none; {found.grades_lost} lose theirs, "
            f"which was worth {found.value_withheld:,.2f}"
        )
    if found.unpriced:
        console.print(f"{found.unpriced} had no stored price")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("from", "to", "devices", "value", "such as"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("devices", "value") else "left")
    for move in found.moves:
        examples = ", ".join(move.examples)
        table.add_row(move.before, move.after, str(move.devices), f"{move.value:+,.2f}", examples)
    console.print(table)
