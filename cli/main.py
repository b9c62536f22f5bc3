"""The `phonegrade` command: one verb a file."""

import sys
from typing import Annotated, Any

import typer
import typer.main

from phonegrade import __version__
from phonegrade.cli.console import escape_what_cannot_be_shown, log_line, print_result
from phonegrade.cli.lazy_group import Verb, lazy_group
from phonegrade.core.errors import PhonegradeError, SetupError, UsageError, full_text

EXIT_BAD_INPUT = 2
EXIT_SETUP = 3
EXIT_INTERRUPTED = 130
_PARSER_ERROR: Any = next(one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException")
"""The base of what the parser raises: Typer brings its own copy of click along, or stands on click, by its version."""

_GRADE, _TRAIN = "Grade phones", "Make the models"
VERBS = (
    Verb(
        "grade",
        _GRADE,
        "Grade one device, or the device in each of many folders; exit 1 if one of many could not be graded.",
    ),
    Verb(
        "inspect",
        _GRADE,
        "Find and measure the defects in photos; exit 1 if a photo could not be used: the others are still answered.",
    ),
    Verb("batch", _GRADE, "Grade and regrade a warehouse, on one machine or on Ray."),
    Verb(
        "identify",
        _GRADE,
        "Read numbers and model codes of phones from photos; exit 1 if a photo could not be used or is not sure.",
    ),
    Verb("serve", _GRADE, "Serve grading over HTTP; try http://127.0.0.1:8000/docs."),
    Verb(
        "work",
        _GRADE,
        "Inspect stored photos until stopped; run it on as many machines as reach the database and the photos.",
    ),
    Verb("key", _GRADE, "Make, list and revoke API keys of the service."),
    Verb("data", _GRADE, "Look after stored cases: upgrade, check, back up, forget one."),
    Verb(
        "doctor",
        _GRADE,
        "Print versions, processor, models and settings; what is not as it should be stands in red, and the exit is 1.",
    ),
    Verb("passport", _GRADE, "Check signed passports and receipts; print the key they are signed with."),
    Verb(
        "functional",
        _GRADE,
        "Turn a diagnostics report into a functional test file; what is not understood is named on stderr.",
    ),
    Verb(
        "devices",
        _GRADE,
        "Search the device catalogue: names, sizes, years and model codes; exit 2 where nothing matches.",
    ),
    Verb("schema", _GRADE, "Print the JSON Schema of an answer, of a functional test file or of a policy."),
    Verb("policy", _GRADE, "Check, read, compare and try out grading policies."),
    Verb("journey", _GRADE, "Check, read and try out journeys, price books and offer rules."),
    Verb("render", _TRAIN, "Render photos of worn phones with pixel and millimetre truth."),
    Verb(
        "train",
        _TRAIN,
        "Train locator, boundary refiner and segmenters, and export them to ONNX; a stopped run is resumed.",
    ),
    Verb(
        "evaluate",
        _TRAIN,
        "Measure models on rendered and on real photos, with 95 % intervals, and write the model card.",
    ),
    Verb("export", _TRAIN, "Export a checkpoint to ONNX; refuses where PyTorch and ONNX Runtime differ."),
    Verb(
        "compare",
        _TRAIN,
        "Measure int8 files on a rendered set's test split; those that lose nothing in paired tests are used.",
    ),
    Verb("dev", _TRAIN, "Tools between training runs: mining, calibration, tables."),
    Verb("web", _TRAIN, "Look after the parts of the pages that others wrote."),
)
"""In the order of the list; each text is the first paragraph of the verb's own help, to which a test holds it."""

app = typer.Typer(
    name="phonegrade",
    help="Finds, measures and grades the wear of used phones from photos, with evidence.",
    epilog="Exit status: 0 answered; 1 not every photo or folder could be used; 2 bad input; 3 faulty installation.",
    cls=lazy_group(VERBS),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
        if argument not in getattr(command, "commands", {}):
            break
        path.append(argument)
        _, command, _ = command.resolve_command(typer.Context(command), [argument])
    return " ".join(path)
