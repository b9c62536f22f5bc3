"""Options of `phonegrade serve` for warehouses and people: put-away, look-ups of locks, reviews, keys in the store."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer


@dataclass(frozen=True)
class WarehouseOptions:
    """What these options say, each by the name of its setting."""

    put_away: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put phones away by these rules instead of the shipped ones.")
    ] = None
    lock_list: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Look blocklists up in this list, see `phonegrade data hash-list`."),
    ] = None
    lock_command: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="Ask this program of yours about a phone's locks.")
    ] = None
    lock_timeout: Annotated[float, typer.Option(min=0.1, help="Seconds it may take; then the answer is unknown.")] = (
        10.0
    )
    audit_share: Annotated[float, typer.Option(min=0, max=1, help="Share of cases that are reviewed at random.")] = 0.05
    honeypot_share: Annotated[float, typer.Option(min=0, max=1, help="Share of reviews that are planted ones.")] = 0.02
    stored_keys: Annotated[
        bool, typer.Option("--stored-keys", help="Only holders of keys in the store may ask, see `phonegrade key`.")
    ] = False

    def settings(self, data: str | None) -> dict[str, Any]:
        """Return the settings of a service, none but the defaults without --data unless they were given."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        given["lock_timeout_s"] = given.pop("lock_timeout")
        return given if data is not None else {name: given[name] for name in _NEED_DATA if given[name]}


_NEED_DATA = ("put_away", "lock_list", "lock_command", "stored_keys")


def with_warehouse_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take each of these as an option of its own, and get them as its argument `warehouse`."""
    hints = get_type_hints(WarehouseOptions, include_extras=True)
    own = [one for one in inspect.signature(command).parameters.values() if one.name != "warehouse"]
    further = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name])
        for one in fields(WarehouseOptions)
    ]

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401  whatever typer has read
        options = {one.name: given.pop(one.name) for one in fields(WarehouseOptions)}
        command(**given, warehouse=WarehouseOptions(**options))

    described: Any = run
    described.__signature__ = inspect.Signature([*own, *further])
    described.__annotations__ = {
        **{name: hint for name, hint in get_type_hints(command, include_extras=True).items() if name != "warehouse"},
        **hints,
    }
    return run
