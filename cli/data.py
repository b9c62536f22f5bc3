"""`phonegrade data`: look after the cases that `phonegrade serve --data` keeps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_line, print_result

data = typer.Typer(
    name="data", help="Look after stored cases: upgrade, check, back up, forget one.", no_args_is_help=True
)
DataPlace = Annotated[
    str,
    typer.Option("--data", metavar="FOLDER", envvar="PHONEGRADE_DATA", help="Where cases are kept: a folder or a URL."),
]
BlobPlace = Annotated[
    str | None,
    typer.Option("--blobs", metavar="URL", envvar="PHONEGRADE_BLOBS", help="Where photos lie, if not in the folder."),
]
KeyPlace = Annotated[
    Path | None,
    typer.Option("--data-key", metavar="FILE", help="The installation's key, if neither in the folder nor set."),
]


@data.command()
def upgrade(data: DataPlace = "data") -> None:
    """Bring the database up to this version; cases stay as they are. Make a backup before."""
    from phonegrade.store.engines import open_database
    from phonegrade.store.schema import upgrade as upgrade_schema

    database = open_database(data)
    try:
        before, after = upgrade_schema(database)
    finally:
        database.close()
    print_result(f"{after}: was there already" if before == after else f"{before or 'nothing'} -> {after}")


@data.command()
def check(
    data: DataPlace = "data",
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
    files: Annotated[bool, typer.Option("--files", help="Read every file too, and compare it with its name.")] = False,
) -> int:
    """Print how much is stored, and what is not as it should be; exit 1 if anything is not."""
    from phonegrade.store.store import open_store
    from phonegrade.store.upkeep import problems, summary

    with open_store(data, blobs, data_key) as store:
        print_result(", ".join(f"{count} {what}" for what, count in summary(store).items()))
        whole = True
        for problem in problems(store, read_files=files):
            log_line(problem)
            whole = False
    return 0 if whole else 1


@data.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new folder.")],
    data: DataPlace = "data",
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
) -> None:
    """Copy database and photos into TARGET while the service runs. Its key is not copied: keep it elsewhere."""
    from phonegrade.store.backup import backup as copy_store
    from phonegrade.store.store import open_store

    with open_store(data, blobs, data_key) as store:
        files = copy_store(store, target)
    print_result(f"{target}: the database and {files} files")
    log_line("the key is not in the backup: keep a copy of it somewhere else, or stored numbers cannot be read")


@data.command()
def forget(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The id of a case.")],
    tenant: Annotated[str, typer.Option(help="Whose case it is.")],
    data: DataPlace = "data",
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
) -> None:
    """Delete a case's photos, numbers and free texts for good; what was decided, when and by whom stays."""
    from phonegrade.store.forget import forget_case
    from phonegrade.store.store import open_store

    with open_store(data, blobs, data_key) as store:
        gone = forget_case(store.database, store.blobs, tenant, case, datetime.now(UTC))
    phone = "and its phone's numbers" if gone.phone else "its phone's numbers stay, as another case is of it"
    print_result(f"{case}: {gone.files} files, texts, {phone}")


@data.command("hash-list")
def hash_list(
    numbers: Annotated[Path, typer.Argument(metavar="NUMBERS", help="Blocked numbers, one a line; `-` reads them.")],
    tenant: Annotated[str, typer.Option(help="Whose phones it is for.")],
    data: DataPlace = "data",
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
) -> None:
    """Print a list for `serve --lock-list`: keyed hashes, which tell nobody a number. NUMBERS can then be deleted."""
    import sys

    from phonegrade.store.store import open_store

    lines = sys.stdin.readlines() if str(numbers) == "-" else numbers.read_text(encoding="utf-8").splitlines()
    with open_store(data, blobs, data_key) as store:
        typer.echo("hmac,blocklist")
        for line in filter(None, map(str.strip, lines)):
            typer.echo(f"{store.vault.hashed(tenant, line).hmac},listed")


@data.command()
def sweep(
    data: DataPlace = "data",
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
    journeys: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Journeys of your own (*.yaml), as `serve` has them.")
    ] = None,
) -> None:
    """Write the events of what the clock has ended, and count every case anew; a service does so by itself."""
    from phonegrade.configs.journey import load_journeys
    from phonegrade.store.standings import sweep as sweep_cases
    from phonegrade.store.store import open_store

    swept = 0
    with open_store(data, blobs, data_key) as store:
        known = load_journeys(journeys)
        while count := sweep_cases(store.database, known, datetime.now(UTC)):
            swept += count
    print_result(f"{swept} cases were worked out anew")


@data.command()
def prune(
    older_than: Annotated[int, typer.Option("--older-than", metavar="DAYS", min=7, help="Age of what is deleted.")],
    data: DataPlace = "data",
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
) -> None:
    """Delete old events, their deliveries, and files that forgotten cases have left; facts stay: they are the audit."""
    from phonegrade.store.files import delete_files
    from phonegrade.store.prune import prune as prune_events
    from phonegrade.store.store import open_store

    now = datetime.now(UTC)
    with open_store(data, blobs, data_key) as store:
        gone = prune_events(store.database, now - timedelta(days=older_than), now)
        files = delete_files(store.database, store.blobs)
    print_result(f"{gone.events} events, {gone.deliveries} deliveries, {len(files)} files")


@data.command("rotate-key")
def rotate_key(data: DataPlace = "data", blobs: BlobPlace = None, data_key: KeyPlace = None) -> None:
    """Seal stored secrets with a fresh key while the service runs; stopped at any moment, the next run goes on."""
    from phonegrade.store.rotate import rotate_key as seal_anew
    from phonegrade.store.store import key_place, open_store

    with open_store(data, blobs, data_key) as store:
        count = seal_anew(store.database, key_place(data, data_key))
    print_result(f"{count} secrets are sealed with a fresh key")
    log_line("copy the key to where its backup is: backups from before need the key from before")
