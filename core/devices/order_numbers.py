"""Order numbers of iPhones, such as MLPF3LL/A: beside the model they say storage and colour."""

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("order_numbers.csv")
_REGION = re.compile(r"[A-Z]{1,2}/A$")
_UNIT = re.compile(r"^[FNP](?=[A-Z0-9]{4}$)")


class Ordered(NamedTuple):
    """What an order number stands for."""

    brand: str
    model: str
    storage_gb: int
    colour: str


def by_order_number(order: str) -> Ordered | None:
    """Return what an order number stands for, with or without the region behind it; None for an unknown one.

    The first letter says how the unit was sold (M new, F refurbished, N replaced, P engraved) and changes nothing else.
    """
    plain = _REGION.sub("", order.strip().upper())
    return _orders().get(plain) or _orders().get(_UNIT.sub("M", plain))


@cache
def _orders() -> dict[str, Ordered]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {
            row["order"]: Ordered(row["brand"], row["model"], int(row["storage_gb"]), row["colour"])
            for row in csv.DictReader(lines)
        }
