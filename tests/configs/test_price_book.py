"""Price books: every problem has its line, and no two rows contradict each other."""

from datetime import date
from decimal import Decimal

import pytest

from phonegrade.configs.price_book import PriceBook, parse_price_book
from phonegrade.core.journey_errors import PriceBookError

HEADING = "device,storage_gb,grade,amount,currency,valid_from,valid_until"


def book(*rows: str, heading: str = HEADING) -> PriceBook:
    return parse_price_book("\n".join([heading, *rows]).encode(), "prices.csv", ["Apple iPhone 13", "Apple iPhone 12"])


def test_the_row_of_the_storage_and_the_day_counts() -> None:
    prices = book(
        "Apple iPhone 13,128,B1,250,EUR,2026-01-01,2026-01-31",
        "apple iphone 13,128,B1,240,EUR,2026-02-01,",
        "Apple iPhone 13,,B,200.50,EUR,2026-01-01,",
    )
    assert prices.currency == "EUR"

    def amount(storage: int | None, day: date) -> Decimal | None:
        row = prices.price("Apple iPhone 13", storage, ("B1", "B"), day)
        return None if row is None else row.amount

    assert amount(128, date(2026, 1, 31)) == 250
    assert amount(128, date(2026, 2, 1)) == 240
    assert amount(256, date(2026, 2, 1)) == Decimal("200.50")
    assert amount(None, date(2025, 2, 1)) is None


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            ("Apple iPhone 31,128,B,1,EUR,2026-01-01,",),
            "prices.csv:2: device: unknown 'Apple iPhone 31'; the nearest is",
        ),
        (("Apple iPhone 13,128,B,1,EUR,2026-01-01",), "prices.csv:2: 6 cells, but the heading has 7"),
        (("Apple iPhone 13,128,B,-1,EUR,2026-01-01,",), "prices.csv:2: amount: "),
        (("Apple iPhone 13,128,B,1,euro,2026-01-01,",), "prices.csv:2: currency: "),
        (("Apple iPhone 13,128,B,1,EUR,2026-01-05,2026-01-01",), "valid_until 2026-01-01 is before valid_from"),
        (
            ("Apple iPhone 13,128,B,1,EUR,2026-01-01,", "", "Apple iPhone 13,128,C,1,USD,2026-01-01,"),
            "prices.csv:4: currency: USD, but line 2 has EUR",
        ),
        (
            ("Apple iPhone 13,128,B,10,EUR,2026-01-01,", "APPLE iPhone 13,128,B,12,EUR,2026-03-01,"),
            "prices.csv:3: APPLE iPhone 13, 128 GB, B costs 10 and 12 on 2026-03-01; the other is line 2",
        ),
        (
            ("Apple iPhone 13,,B,10,EUR,2026-03-01,2026-03-09", "Apple iPhone 13,,B,10,EUR,2026-01-01,2026-03-01"),
            "prices.csv:3: Apple iPhone 13, any storage, B is given twice on 2026-03-01; the other is line 2",
        ),
        ((), "prices.csv: holds no price"),
    ],
)
def test_a_problem_names_file_and_line(rows: tuple[str, ...], problem: str) -> None:
    with pytest.raises(PriceBookError) as refused:
        book(*rows)
    assert problem in str(refused.value)


def test_a_heading_is_complete_and_known() -> None:
    with pytest.raises(PriceBookError, match=r"prices.csv:1: unknown column 'storage'; the nearest .* 'storage_gb'"):
        book(heading=HEADING.replace("storage_gb", "storage"))
    with pytest.raises(PriceBookError, match="missing valid_until"):
        book(heading=HEADING.removesuffix(",valid_until"))
    with pytest.raises(PriceBookError, match="not UTF-8"):
        parse_price_book(b"\xff\xfe", "prices.csv")
