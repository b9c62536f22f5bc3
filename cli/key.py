"""`phonegrade key`: make, list and revoke API keys."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from phonegrade.core.errors import UsageError
from phonegrade.core.problems import every_problem
from phonegrade.service.keys import DEFAULT_TENANT, ApiKey, Scope, new_key, read_keys, write_keys

key = typer.Typer(name="key", help="Make, list and revoke API keys of the service.", no_args_is_help=True)
KeyFile = Annotated[Path, typer.Option("--file", metavar="FILE", help="Where the hashes of keys are kept.")]
KEYS = Path("keys.yaml")


@key.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who holds it, such as kiosk-7.")],
    file: KeyFile = KEYS,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may ask for; say it again for more. Without it grade and read.")
    ] = None,
    per_minute: Annotated[int, typer.Option(min=1, help="Requests a minute of each scope.")] = 120,
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day on which it no longer counts.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Whose cases it opens, in a service with --data.")] = DEFAULT_TENANT,
) -> None:
    """Make a key, print it once, and add its hash to FILE."""
    keys = read_keys(file) if file.exists() else ()
    if any(one.name == name for one in keys):
        raise UsageError(f"{file} has a key of {name!r} already: revoke it first, or choose another name")
    scopes = tuple(dict.fromkeys(scope or (Scope.GRADE, Scope.READ)))
    try:
        made = new_key(name, scopes, per_minute, None if expires is None else expires.date(), tenant)
    except ValidationError as error:
        raise UsageError(every_problem(error, "the key")) from error
    write_keys(file, (*keys, made.stored))
    typer.echo(made.text)


@key.command("list")
def list_keys(file: KeyFile = KEYS) -> None:
    """Print who holds a key, for what, how often and until when."""
    for one in read_keys(file):
        typer.echo(_line(one))


@key.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key no longer counts.")], file: KeyFile = KEYS
) -> None:
    """Take a key out of FILE; a running service notices within seconds."""
    keys = read_keys(file)
    left = tuple(one for one in keys if one.name != name)
    if len(left) == len(keys):
        raise UsageError(f"{file} has no key of {name!r}; it has those of {', '.join(one.name for one in keys)}")
    write_keys(file, left)


def _line(one: ApiKey) -> str:
    until = "" if one.expires is None else f" until {one.expires}"
    tenant = "" if one.tenant == DEFAULT_TENANT else f" of {one.tenant}"
    return f"{one.name}{tenant}: {' '.join(one.scopes)}, {one.per_minute} a minute{until} ({one.id})"
