"""What a change of policy would do, as a table."""

from rich import box
from rich.console import Console
from rich.table import Table

from phonegrade.grading.vectorised.simulation import Simulation


def print_simulation(simulation: Simulation, console: Console) -> None:
    """Print how many devices change grade and the value at stake, then every change."""
    before = "as stored" if simulation.before is None else f"{simulation.before.name} {simulation.before.version}"
    console.print(f"{simulation.devices} devices, {before} -> {simulation.after.name} {simulation.after.version}")
    console.print(f"{simulation.moved} move ({simulation.moved / max(simulation.devices, 1):.1%})")
    gained, lost = simulation.gained, simulation.lost
    console.print(f"value: {gained:+,.2f} and {-lost:+,.2f}, together {gained - lost:+,.2f}")
    if simulation.grades_won or simulation.grades_lost:
        console.print(
            f"{simulation.grades_won} get a grade that had none; {simulation.grades_lost} lose theirs, "
            f"which had a value of {simulation.value_withheld:,.2f}"
        )
    if simulation.unpriced:
        console.print(f"{simulation.unpriced} had no stored price")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("from", "to", "devices", "value", "such as"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("devices", "value") else "left")
    for move in simulation.moves:
        examples = ", ".join(move.examples)
        table.add_row(move.before, move.after, str(move.devices), f"{move.value:+,.2f}", examples)
    console.print(table)
