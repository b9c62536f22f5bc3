"""`phonegrade identify`: photos of numbers in, what each says about which phone it is out."""

from typing import Annotated

import typer
from rich import box
from rich.table import Table

from phonegrade.cli.console import print_result, table_console, watched
from phonegrade.cli.inspect import Photos, error_line
from phonegrade.cli.photo_files import photo_files, read_named_file
from phonegrade.core.errors import InputError, full_text
from phonegrade.core.photo_file import PhotoFile
from phonegrade.recognition.identification import Identification, ReadValue

EXIT_NOT_SURE = 1


def identify(
    photos: Photos,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON line a photo, with numbers in full and their crops.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Numbers in full in the table, not their last four.")] = False,
    only_barcodes: Annotated[
        bool, typer.Option("--only-barcodes", help="Do not read print, which takes longer.")
    ] = False,
    threads: Annotated[int, typer.Option(min=1, help="Threads for one photo.")] = 2,
) -> None:
    """Read numbers and model codes of phones from photos; exit 1 if a photo could not be used or is not sure.

    A number is accepted where two reads agree and every check holds; anything else is for a person to confirm.
    """
    from phonegrade.recognition.identify import identify as identify_photo
    from phonegrade.recognition.readers import PrintReader, print_available

    reader = PrintReader(threads) if print_available() and not only_barcodes else None
    table, all_sure = _table(), True
    files = photo_files(photos)
    for file in watched(files, len(files), "Reading"):
        try:
            answer = identify_photo(PhotoFile(file, read_named_file(file)), reader)
        except InputError as error:
            all_sure = False
            if jsonl:
                print_result(error_line(file, error.code, str(error)))
            else:
                table.add_row(file, f"error [{error.code}]", "", full_text(error))
            continue
        all_sure = all_sure and bool(answer.accepted)
        if jsonl:
            print_result(answer.model_dump_json())
        else:
            _add_rows(table, file, answer, show)
    if not jsonl:
        table_console().print(table)
    if not all_sure:
        raise typer.Exit(EXIT_NOT_SURE)


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("photo", "what", "where in the photo", "read"):
        table.add_column(heading, overflow="fold")
    return table


def _add_rows(table: Table, file: str, answer: Identification, show: bool) -> None:
    for number in answer.numbers:
        slot = "" if number.slot is None else f" {number.slot}"
        value = number.value if show else f"…{number.last4}"
        what = f"{number.kind}{slot} {value}" if number.verdict != "unusable" else f"{number.kind}{slot}"
        table.add_row(file, what, _place(number), number.advice)
    for model in answer.models:
        table.add_row(file, model.code, _place(model), model.advice)
    table.add_row(file, answer.device or "", "", answer.advice)


def _place(value: ReadValue) -> str:
    left, top, width, height = value.crop
    return f"{width:.0f} x {height:.0f} at {left:.0f}, {top:.0f}"
