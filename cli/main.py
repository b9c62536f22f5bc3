"""The `phonegrade` command: one verb a file."""

import sys
from typing import Annotated, Any

import typer
import typer.main

from phonegrade import __version__
from phonegrade.cli.compare import compare
from phonegrade.cli.console import escape_what_cannot_be_shown, log_line, print_result
from phonegrade.cli.dev import dev
from phonegrade.cli.devices import devices
from phonegrade.cli.doctor import doctor
from phonegrade.cli.evaluate import evaluate
from phonegrade.cli.export import export
from phonegrade.cli.functional import functional
from phonegrade.cli.grade import grade
from phonegrade.cli.inspect import inspect
from phonegrade.cli.key import key
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

_GRADE, _TRAIN = "Grade phones", "Make the models"

app = typer.Typer(
    name="phonegrade",
    help="Finds, measures and grades the wear of used phones from photos, with evidence.",
    epilog="Exit status: 0 answered; 1 not every photo or folder could be used; 2 bad input; 3 faulty installation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(rich_help_panel=_GRADE)(grade)
app.command(rich_help_panel=_GRADE)(inspect)
app.command(rich_help_panel=_GRADE)(serve)
app.add_typer(key, rich_help_panel=_GRADE)
app.command(rich_help_panel=_GRADE)(doctor)
app.command(rich_help_panel=_GRADE)(functional)
app.command(rich_help_panel=_GRADE)(devices)
app.command(rich_help_panel=_GRADE)(schema)
app.add_typer(policy, rich_help_panel=_GRADE)
app.command(rich_help_panel=_TRAIN)(render)
app.command(rich_help_panel=_TRAIN)(train)
app.command(rich_help_panel=_TRAIN)(evaluate)
app.command(rich_help_panel=_TRAIN)(export)
app.command(rich_help_panel=_TRAIN)(compare)
app.add_typer(dev, rich_help_panel=_TRAIN)


def _version(wanted: bool) -> None:
    if wanted:
        print_result(f"phonegrade {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Run the command with `arguments`, those of the process by default; exit with the status that --help explains.

    Every error is one line, `error [code]: ...`, whether the command line's parser found it or we did; bad usage leads
    to the help of the command.
    """
    escape_what_cannot_be_shown()
    try:
        status = app(arguments, prog_name="phonegrade", standalone_mode=False)
    except UsageError as error:
        log_line(_usage_line(str(error), _command_path(sys.argv[1:] if arguments is None else arguments)))
        sys.exit(EXIT_BAD_INPUT)
    except PhonegradeError as error:
        log_line(f"error [{error.code}]: {full_text(error)}")
        sys.exit(EXIT_SETUP if isinstance(error, SetupError) else EXIT_BAD_INPUT)
    except _PARSER_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            log_line(error.format_message())
        else:
            command = getattr(getattr(error, "ctx", None), "command_path", "phonegrade")
            log_line(_usage_line(error.format_message(), command))
        sys.exit(EXIT_BAD_INPUT)
    except typer.Abort:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)


def _usage_line(message: str, command: str) -> str:
    end = "" if message.endswith((".", "?")) else "."
    return f"error [{UsageError.code}]: {message}{end} See {command} --help."


def _command_path(arguments: list[str]) -> str:
    """Return the command that `arguments` name, such as `phonegrade policy check`."""
    command: Any = typer.main.get_command(app)
    path = ["phonegrade"]
    for argument in arguments:
        command = getattr(command, "commands", {}).get(argument)
        if command is None:
            break
        path.append(argument)
    return " ".join(path)
