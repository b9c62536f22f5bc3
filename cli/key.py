"""`phonegrade key`: make, list and revoke API keys, in a file or among the stored cases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from phonegrade.cli.data import BlobPlace, KeyPlace
from phonegrade.core.errors import UsageError
from phonegrade.core.problems import every_problem
from phonegrade.service.keys import DEFAULT_TENANT, ApiKey, NewKey, Scope, new_key, read_keys, write_keys

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phonegrade.store.principals import Principal

key = typer.Typer(name="key", help="Make, list and revoke API keys of the service.", no_args_is_help=True)
KeyFile = Annotated[Path, typer.Option("--file", metavar="FILE", help="Where the hashes of keys are kept.")]
KeyStore = Annotated[
    str | None,
    typer.Option("--data", metavar="FOLDER", help="Keep it among the stored cases instead: a folder or a URL."),
]
Tenant = Annotated[str, typer.Option(help="Whose cases it opens, in a service with --data.")]
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
    tenant: Tenant = DEFAULT_TENANT,
    data: KeyStore = None,
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
) -> None:
    """Make a key, print it once, and add its hash to FILE, or to the store that --data names."""
    scopes = tuple(dict.fromkeys(scope or (Scope.GRADE, Scope.READ)))
    try:
        made = new_key(name, scopes, per_minute, None if expires is None else expires.date(), tenant)
    except ValidationError as error:
        raise UsageError(every_problem(error, "the key")) from error
    if data is not None:
        with _stored(data, blobs, data_key) as write:
            typer.echo(write(lambda connection: _add(connection, made, expires)))
        return
    keys = read_keys(file) if file.exists() else ()
    if any(one.name == name for one in keys):
        raise UsageError(f"{file} has a key of {name!r} already: revoke it first, or choose another name")
    write_keys(file, (*keys, made.stored))
    typer.echo(made.text)


@key.command("list")
def list_keys(
    file: KeyFile = KEYS,
    tenant: Tenant = DEFAULT_TENANT,
    data: KeyStore = None,
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
) -> None:
    """Print who holds a key, for what, how often and until when; of a store, the keys of one tenant that count."""
    if data is None:
        lines = [_line(one) for one in read_keys(file)]
    else:
        from phonegrade.store.principals import principals

        with _stored(data, blobs, data_key) as write:
            known = write(lambda connection: "\n".join(_lines(principals(connection, tenant))))
        lines = known.splitlines()
    for line in lines:
        typer.echo(line)


@key.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key no longer counts.")],
    file: KeyFile = KEYS,
    tenant: Tenant = DEFAULT_TENANT,
    data: KeyStore = None,
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
) -> None:
    """Take a key out of FILE, which a running service notices within seconds, or out of the store, at once."""
    if data is not None:
        from phonegrade.store.principals import revoke_named

        with _stored(data, blobs, data_key) as write:
            count = write(lambda connection: str(revoke_named(connection, tenant, name, datetime.now(UTC))))
        if count == "0":
            raise UsageError(f"{tenant} has no key of {name!r} that counts; `phonegrade key list` names them")
        return
    keys = read_keys(file)
    left = tuple(one for one in keys if one.name != name)
    if len(left) == len(keys):
        raise UsageError(f"{file} has no key of {name!r}; it has those of {', '.join(one.name for one in keys)}")
    write_keys(file, left)


@contextmanager
def _stored(
    data: str, blobs: str | None, data_key: Path | None
) -> "Iterator[Callable[[Callable[[Connection], str]], str]]":
    """Yield what does something in one transaction of the store."""
    from phonegrade.store.store import open_store

    with open_store(data, blobs, data_key) as store:

        def write(work: "Callable[[Connection], str]") -> str:
            with store.database.write() as connection:
                return work(connection)

        yield write


def _add(connection: "Connection", made: NewKey, expires: datetime | None) -> str:
    """Store a key like the one that was made, and return its text. Raises UsageError for a name that is taken."""
    from phonegrade.store.principals import add_principal, principals

    key, now = made.stored, datetime.now(UTC)
    if any(one.name == key.name and _is_live_key(one) for one in principals(connection, key.tenant)):
        raise UsageError(f"{key.tenant} has a key of {key.name!r} already: revoke it first, or choose another name")
    until = None if expires is None else expires.replace(tzinfo=UTC)
    scopes = tuple(map(str, key.scopes))
    return add_principal(
        connection, key.tenant, key.name, scopes, now, per_minute=key.per_minute, expires_at=until
    ).text


def _is_live_key(one: "Principal") -> bool:
    """Return whether it is somebody's own key, and not a customer's for one case, and was not revoked."""
    return one.kind == "key" and one.case is None and one.revoked_at is None


def _lines(known: "list[Principal]") -> Iterator[str]:
    for one in known:
        if _is_live_key(one) and (one.expires_at is None or datetime.now(UTC) < one.expires_at):
            until = "" if one.expires_at is None else f" until {one.expires_at:%Y-%m-%d}"
            yield f"{one.name} of {one.tenant}: {' '.join(one.scopes)}, {one.per_minute} a minute{until} ({one.id})"


def _line(one: ApiKey) -> str:
    until = "" if one.expires is None else f" until {one.expires}"
    tenant = "" if one.tenant == DEFAULT_TENANT else f" of {one.tenant}"
    return f"{one.name}{tenant}: {' '.join(one.scopes)}, {one.per_minute} a minute{until} ({one.id})"
