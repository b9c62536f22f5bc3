"""What devices fetch at their grades by a price book, many at once: as `PriceBook.price` finds it, in columns."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from phonegrade.configs.price_book import PriceBook
from phonegrade.core.arrays import Floats


class PriceTable:
    """The prices of one day."""

    def __init__(self, book: PriceBook, day: date) -> None:
        rows = [row for row in book.rows if row.holds_on(day)]
        self.currency = book.currency
        self._prices = pl.DataFrame(
            {
                "device": [row.key[0] for row in rows],
                "storage_gb": [row.storage_gb for row in rows],
                "grade": [row.grade for row in rows],
                "amount": [float(row.amount) for row in rows],
            },
            schema={"device": pl.String, "storage_gb": pl.Int64, "grade": pl.String, "amount": pl.Float64},
        )

    def amounts(self, device: pl.Series, storage_gb: pl.Series, grades: Sequence[NDArray[np.str_]]) -> Floats:
        """Return (N,) the price of each device: of the first of its `grades`, each (N,), that has one; NaN for none.

        Its own storage comes before any storage; a null device has no price.
        """
        asked = pl.DataFrame({"device": device.str.to_lowercase(), "storage_gb": storage_gb.cast(pl.Int64)})
        amounts = pl.Series("amount", [None] * len(asked), dtype=pl.Float64)
        for grade in grades:
            named = asked.with_columns(pl.Series("grade", grade.astype(object), dtype=pl.String))
            own = self._joined(named, self._prices.filter(pl.col("storage_gb").is_not_null()), "storage_gb")
            every = self._joined(named, self._prices.filter(pl.col("storage_gb").is_null()).drop("storage_gb"))
            for known in (own, every):
                amounts = amounts.fill_null(known)
        return amounts.fill_null(np.nan).to_numpy()

    @staticmethod
    def _joined(asked: pl.DataFrame, prices: pl.DataFrame, *further: str) -> pl.Series:
        return asked.join(prices, on=["device", "grade", *further], how="left", maintain_order="left")["amount"]
