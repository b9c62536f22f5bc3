"""The `phonegrade` command: one verb a file."""

import sys
from typing import Annotated, Any

import typer

from phonegrade import __version__
from phonegrade.cli.compare import compare
from phonegrade.cli.console import complain, escape_what_cannot_be_shown, say
from phonegrade.cli.devices import devices
from phonegrade.cli.evaluate import evaluate
from phonegrade.cli.export import export
from phonegrade.cli.functional import functional
from phonegrade.cli.grade import grade
from phonegrade.cli.inspect import inspect
from phonegrade.cli.policy import policy
from phonegrade.cli.render import render
from phonegrade.cli.schema import schema
from phonegrade.cli.serve import serve
from phonegrade.cli.train import train
from phonegrade.core.errors import PhonegradeError, SetupError, UsageError, full_text

EXIT_BAD_INPUT = 2
EXIT_SETUP = 3
EXIT_INTERRUPTED = 130
_PARSER_ERROR: Any = next(one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException")
"""The base of what the parser raises: Typer brings its own copy of click along, or stands on click, by its version."""

app = typer.Typer(
    name="phonegrade",
    help="Finds, measures and grades the wear of used phones from photos, with evidence.",
    epilog="Exit status: 0 answered; 1 inspect could not use every photo; 2 bad input; 3 the installation is at fault.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(rich_help_panel="Look and judge")(grade)
app.command(rich_help_panel="Look and judge")(inspect)
app.command(rich_help_panel="Look and judge")(serve)
app.command(rich_help_panel="Look and judge")(functional)
app.command(rich_help_panel="Look and judge")(devices)
app.command(rich_help_panel="Look and judge")(schema)
app.add_typer(policy, rich_help_panel="Look and judge")
app.command(rich_help_panel="Make the models")(render)
app.command(rich_help_panel="Make the models")(train)
app.command(rich_help_panel="Make the models")(evaluate)
app.command(rich_help_panel="Make the models")(export)
app.command(rich_help_panel="Make the models")(compare)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"phonegrade {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Runs the command with `arguments`, those of the process by default; exits with the status told in --help.

    Every error is one line, `error [code]: ...`, be it found by the command line's parser or by us.
    """
    escape_what_cannot_be_shown()
    try:
        status = app(arguments, prog_name="phonegrade", standalone_mode=False)
    except PhonegradeError as error:
        complain(f"error [{error.code}]: {full_text(error)}")
        sys.exit(EXIT_SETUP if isinstance(error, SetupError) else EXIT_BAD_INPUT)
    except _PARSER_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            complain(error.format_message())
        else:
            where = getattr(getattr(error, "ctx", None), "command_path", "phonegrade")
            said = error.format_message()
            end = "" if said.endswith((".", "?")) else "."
            complain(f"error [{UsageError.code}]: {said}{end} See {where} --help.")
        sys.exit(EXIT_BAD_INPUT)
    except typer.Abort:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)
