"""Verbs that are imported when they are called: the list of them costs a table, not sixteen modules and their needs."""

from importlib import import_module
from typing import Any, NamedTuple

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


class Verb(NamedTuple):
    """What the list of verbs shows of one: it lives in `cli/NAME.py`, under its own name."""

    name: str
    panel: str
    help: str

    def load(self) -> Any:  # noqa: ANN401  Typer's own copy of click, or click, by its version
        """Import the verb and return it as a command or, where it has verbs of its own, as a group."""
        verb = getattr(import_module(f"phonegrade.cli.{self.name}"), self.name)
        holder = typer.Typer(add_completion=False)
        if isinstance(verb, typer.Typer):
            holder.add_typer(verb, rich_help_panel=self.panel)
        else:
            holder.command(rich_help_panel=self.panel)(verb)
        holder.callback()(lambda: None)  # makes a group even of a single command, which then has its name
        group: Any = typer.main.get_command(holder)
        return group.commands[self.name]


def lazy_group(verbs: tuple[Verb, ...]) -> type[TyperGroup]:
    """Return the class of a group of `verbs`; a verb is its line in the list of them until it is resolved."""

    class LazyGroup(TyperGroup):
        def __init__(self, **settings: Any) -> None:  # noqa: ANN401  Typer builds it
            super().__init__(**settings)
            for verb in verbs:
                self.commands[verb.name] = TyperCommand(verb.name, help=verb.help, rich_help_panel=verb.panel)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  see Verb.load
            for verb in verbs:
                if args[:1] == [verb.name]:
                    self.commands[verb.name] = verb.load()
            return super().resolve_command(ctx, args)

    return LazyGroup
