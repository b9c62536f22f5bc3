"""`phonegrade passport`: checks signed passports and receipts, and prints the key that this installation signs with."""

import json
from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_line, print_result
from phonegrade.cli.data import BlobPlace, DataPlace, KeyPlace
from phonegrade.core.errors import UsageError

passport = typer.Typer(
    name="passport",
    help="Check signed passports and receipts; print the key they are signed with.",
    no_args_is_help=True,
)


@passport.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What /p/ASSET or a kiosk's receipt gives as JSON.")],
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="The issuer's public key; without it, the one in the file counts.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the record too.")] = False,
) -> None:
    """Check a signed record without asking anybody; a file that differs by one byte is refused with exit 2."""
    from phonegrade.journeys.signed_record import check_record

    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error
    checked = check_record(data, key)
    print_result(
        f"as it was signed: {checked.record.get('kind', 'record')} of {checked.record.get('asset', 'no phone')}"
    )
    print_result(f"key {checked.key}")
    if key is None:
        log_line("the key is the file's own: compare it with the one that the issuer publishes, or give it as --key")
    if show:
        print_result(json.dumps(checked.record, indent=1, ensure_ascii=False))


@passport.command("key")
def print_key(data: DataPlace = "data", blobs: BlobPlace = None, data_key: KeyPlace = None) -> None:
    """Print the public key that this installation signs with; publish it where buyers look."""
    from phonegrade.journeys.signed_record import public_key
    from phonegrade.store.store import open_store

    with open_store(data, blobs, data_key) as store:
        print_result(public_key(store.vault.signing_seed()))
