"""From a model code or name to the catalogue's devices, with storage and colour where the code says them."""

from typing import NamedTuple

from phonegrade.core.devices.catalogue import by_model_code, devices_named
from phonegrade.core.devices.order_numbers import by_order_number
from phonegrade.recognition.parsing import CodeKind

_SHORTEST_CODE = 4


class MeantModel(NamedTuple):
    """What a code means."""

    devices: tuple[str, ...] = ()
    """Names of the catalogue."""
    storage_gb: int | None = None
    colour: str | None = None


def meant_by(kind: CodeKind, code: str) -> MeantModel:
    """Return what a code or a model's name means; nothing where no table knows it.

    Codes come first: what a settings page calls a name may be one.
    """
    if kind == "order_number":
        ordered = by_order_number(code)
        if ordered is None:
            return MeantModel()
        return MeantModel((f"{ordered.brand} {ordered.model}",), ordered.storage_gb, ordered.colour)
    if kind == "model_name":
        devices = devices_named(code) if len(code) <= 200 else ()
        return MeantModel(tuple(device.name for device in devices) if len(devices) == 1 else ())
    known = by_model_code(code) if len(code) >= _SHORTEST_CODE else ()
    return MeantModel(tuple(device.name for device in known))
