"""Regrading without photos: who moves, at which value."""

import io
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.batch.lot.moves import Moves, MoveSettings, moves_of, policy_ref
from phonegrade.batch.lot.report import moves_page
from phonegrade.batch.lot.values import PriceTable
from phonegrade.batch.run_folder import RunFolder
from phonegrade.batch.stored_file import simulate
from phonegrade.configs.policy import load_policy
from phonegrade.configs.price_book import PRICE_COLUMNS, PriceBook, parse_price_book
from phonegrade.tests.batch.stocks import RUN, grade, write_stock

OLD, NEW = load_policy("ctia-like"), load_policy("marketplace")
DAY = date(2026, 11, 30)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    out = tmp_path_factory.mktemp("run")
    special = [("d1/functional.json", b"{"), ("d2/front.jpg", b"refused 2")]
    grade(write_stock(out / "stock", 4, special), out)
    return RunFolder(out / RUN)


def settings(run: RunFolder, **changed: object) -> MoveSettings:
    usual = MoveSettings(run.devices, NEW, OLD, policy_ref(OLD), policy_ref(NEW))
    return MoveSettings(**{**usual.__dict__, **changed})


def rows(moves: Moves) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(moves.parquet))


def test_every_device_is_a_row_but_those_that_nobody_could_grade(run: RunFolder) -> None:
    moves = moves_of(settings(run, typical_price=100.0), 1)
    assert rows(moves).select("id", "before", "after", "moved").rows() == [
        ("d0", "A0", "Excellent", True),
        ("d2", "retake", "retake", False),
        ("d3", "A0", "Excellent", True),
    ]
    assert (moves.left_out, moves.simulation.moved, moves.simulation.devices) == (1, 2, 3)
    assert rows(moves)["value_before"].to_list() == [100.0, None, 100.0]
    page = moves_page("lot", moves)
    assert "2 of 3 devices move" in page
    assert "<script" not in page


def test_a_run_s_devices_are_what_policy_simulate_reads_too(run: RunFolder) -> None:
    simulation = simulate(run.devices, NEW, OLD, 1.0)
    assert simulation == moves_of(settings(run), 1).simulation


def test_two_runs_are_compared_by_the_grades_that_they_gave(run: RunFolder, tmp_path: Path) -> None:
    grade(write_stock(tmp_path / "stock", 3, [("d2/functional.json", b"{}")]), tmp_path)
    later = RunFolder(tmp_path / RUN)
    compared = moves_of(settings(later, new=None, old=None, before=run.devices), 1)
    assert rows(compared).select("id", "before", "after").rows() == [
        ("d0", "A0", "A0"),
        ("d1", "not graded", "A0"),
        ("d2", "retake", "incomplete"),
    ]


def test_a_book_s_prices_are_what_moves_are_valued_by(run: RunFolder) -> None:
    heading = ",".join(PRICE_COLUMNS)
    lines = ["A,320", "Excellent,250", "B,200"]
    text = "\n".join([heading, *(f"Apple iPhone 13,,{line},EUR,2026-01-01," for line in lines)])
    prices = PriceTable(parse_price_book(text.encode(), "book.csv"), DAY)
    moves = moves_of(settings(run, prices=prices), 1)
    assert rows(moves).select("value_before", "value_after", "change").rows()[0] == (320.0, 250.0, -70.0)
    assert (moves.simulation.lost, moves.currency, moves.simulation.unpriced) == (140.0, "EUR", 0)


DEVICES, GRADES = ("Apple iPhone 13", "Apple iPhone 12", "Other"), ("A0", "A", "B1", "B")


def book_of(drawn: set[tuple[str, int | None, str]]) -> PriceBook:
    lines = [
        f"{device},{storage or ''},{name},{100 + number},EUR,2026-01-01,"
        for number, (device, storage, name) in enumerate(sorted(drawn, key=str))
    ]
    return parse_price_book("\n".join([",".join(PRICE_COLUMNS), *lines]).encode(), "book.csv")


@given(
    st.sets(st.tuples(st.sampled_from(DEVICES), st.sampled_from([None, 64, 128]), st.sampled_from(GRADES)), min_size=1),
    st.lists(
        st.tuples(st.sampled_from([None, *DEVICES]), st.sampled_from([None, 64, 256]), st.sampled_from(["A0", "B1"])),
        min_size=1,
        max_size=8,
    ),
)
def test_prices_in_columns_are_those_of_the_book(
    drawn: set[tuple[str, int | None, str]], asked: list[tuple[str | None, int | None, str]]
) -> None:
    book = book_of(drawn)
    grades = np.array([one[2] for one in asked])
    cosmetic = np.array([one[2][:1] for one in asked])
    device = pl.Series([one[0] for one in asked], dtype=pl.String)
    storage = pl.Series([one[1] for one in asked], dtype=pl.Int64)
    amounts = PriceTable(book, DAY).amounts(device, storage, (grades, cosmetic))
    for (name, storage_gb, combined), amount in zip(asked, amounts, strict=True):
        row = None if name is None else book.price(name, storage_gb, (combined, combined[:1]), DAY)
        assert np.isnan(amount) if row is None else amount == float(row.amount)
