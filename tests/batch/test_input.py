"""What a run reads: folders, archives, object stores and manifests; nothing in them stops a run."""

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.batch.input import places
from phonegrade.batch.input.folders import stock_of_folders
from phonegrade.batch.input.hashes import hash_photos
from phonegrade.batch.input.manifest import COLUMNS, stock_of_manifest, stock_of_rows
from phonegrade.batch.input.stock import Stock
from phonegrade.batch.lot.expected import compare_lot, read_expected
from phonegrade.batch.plan import plan_of
from phonegrade.core.batch_errors import ManifestError, PhotoMissingError, PhotoUnreadableError
from phonegrade.core.errors import InputError, UsageError
from phonegrade.core.vocabulary import Surface
from phonegrade.tests.batch.object_server import BUCKET, object_server
from phonegrade.tests.batch.stocks import write_stock


@pytest.fixture
def stock(tmp_path: Path) -> Path:
    return write_stock(tmp_path / "stock", 2)


@pytest.fixture
def bucket(tmp_path: Path, stock: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a store that does not answer; its objects are those of `stock`."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "k"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ):
        monkeypatch.setenv(name, value)
    places._bucket.cache_clear()
    return f"s3://{BUCKET}"


def contents(stock: Stock) -> dict[tuple[str, Surface], bytes]:
    return {(device.id, photo.surface): places.read_file(photo.location, 99) for device, photo in stock.photos()}


def test_a_folder_an_archive_and_an_object_store_hold_the_same_devices(
    stock: Path, tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "stock.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        for file in stock.rglob("*.jp*"):
            writing.write(file, file.relative_to(stock))
        writing.writestr("__MACOSX/.hidden", "x")
    for file in stock.rglob("functional.json"):
        file.unlink()
    of_folder = contents(stock_of_folders(str(stock)))
    assert len(of_folder) == 12
    assert contents(stock_of_folders(str(archive))) == of_folder
    with object_server(stock) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        assert contents(stock_of_folders(bucket)) == of_folder
        assert contents(stock_of_folders(f"{bucket}/d1")).keys() == {("d1", surface) for surface in Surface}
        with pytest.raises(PhotoMissingError):
            places.find_file(f"{bucket}/d1/none.jpg")


def test_a_store_that_does_not_answer_is_an_error_that_a_later_run_tries_again(bucket: str) -> None:
    with pytest.raises(PhotoUnreadableError, match="does not answer"):
        places.read_file(f"{bucket}/d1/front.jpg", 99)


def test_what_is_no_place_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no archive")
    for source in (tmp_path / "none", tmp_path / "none.zip", tmp_path / "x.zip", tmp_path):
        with pytest.raises(UsageError):
            stock_of_folders(str(source))


ROWS = [
    {"id": "1", "surface": "front", "photo": "d0/front.jpg", "device": "Apple iPhone 13", "price": 300.5},
    {"id": "1", "surface": "left", "photo": "d0/left.jpg", "functional": "d0/functional.json"},
    {"id": "1", "surface": "side", "photo": "d0/left.jpg"},
    {"id": "2", "surface": "front", "photo": "d1/none.jpg", "imei": "35-209900-176148-1"},
    {"id": "1", "surface": "back", "photo": "d0/back.jpg", "device": "Apple iPhone 12"},
    {"id": "3", "surface": "front"},
    {"id": "4", "imei": "12"},
    {"surface": "front", "photo": "d0/front.jpg"},
]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_bad_row_is_a_problem_with_its_line_and_stops_no_other(stock: Path, suffix: str) -> None:
    file = stock / f"list.{suffix}"
    frame = pl.DataFrame(ROWS)
    match suffix:
        case "csv":
            frame.write_csv(file)
        case "jsonl":
            file.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
        case _:
            frame.write_parquet(file)
    read = stock_of_manifest(str(file))
    first = 2 if suffix == "csv" else 1
    assert [(one.line, one.code, one.device) for one in read.problems] == [
        (first + 2, "manifest", "1"),
        (first + 3, "imei_not_used", "2"),
        (first + 4, "manifest", "1"),
        (first + 5, "manifest", "3"),
        (first + 6, "manifest", "4"),
        (first + 7, "manifest", None),
    ]
    assert list(read.devices) == ["1", "2", "3", "4"]
    assert [photo.surface for photo in read.devices["1"].photos] == ["front", "left"]
    assert read.devices["1"].price == 300.5
    assert "another value than in line" in read.problems[2].message
    assert "352099" not in str(read)
    hashed = hash_photos((photo for _, photo in read.photos()), stock / "hashes.parquet", 2)
    plan = plan_of(read, hashed, "f", (), 2)
    assert [device.id for device in plan.devices] == ["1", "2", "3", "4"]
    assert [(one.device, one.code) for one in plan.problems[6:]] == [
        ("2", "photo_missing"),
        ("3", "usage"),
        ("4", "usage"),
    ]


def test_what_is_no_manifest_is_refused_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("id,surfase,photo\n")
    with pytest.raises(
        ManifestError, match=r"list.csv:1: unknown column 'surfase'; the nearest valid one is 'surface'"
    ):
        stock_of_manifest(str(file))
    file.with_suffix(".parquet").write_bytes(b"PAR1")
    with pytest.raises(ManifestError, match="no Parquet file"):
        stock_of_manifest(str(file.with_suffix(".parquet")))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(COLUMNS), st.sampled_from(["", "1", "front", "x.jpg", "{}", "-3", "nan"]) | st.integers()
        ),
        max_size=6,
    )
)
def test_whatever_rows_say_none_stops_the_others(rows: list[dict[str, object]]) -> None:
    whole = {"id": "whole", "surface": "front", "photo": "/x/front.jpg"}
    stock = stock_of_rows(enumerate([*rows, whole], 1), "/x/list.jsonl")
    assert stock.devices["whole"].photos[-1].location == "/x/front.jpg"


def test_contents_are_read_again_only_where_a_file_has_changed(stock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from phonegrade.batch.input import hashes

    memory = stock / "hashes.parquet"

    def hashed() -> dict[str, str | InputError]:
        return hash_photos((photo for _, photo in stock_of_folders(str(stock)).photos()), memory, 2)

    first = hashed()
    read: list[str] = []
    once = hashes.hash_file
    monkeypatch.setattr(hashes, "hash_file", lambda place, most: read.append(place) or once(place, most))
    assert hashed() == first
    assert read == []
    changed = stock / "d0" / "front.jpg"
    changed.write_bytes(b"another one")
    assert hashed() != first
    assert read == [str(changed)]


def test_expected_and_received_devices_are_compared_by_id(tmp_path: Path) -> None:
    file = tmp_path / "expected.csv"
    file.write_text("id,device\na,Apple iPhone 13\nb,\n")
    assert read_expected(str(file)) == ("a", "b")
    comparison = compare_lot(("a", "b"), ("b", "c"))
    assert (comparison.expected, comparison.received) == (2, 1)
    assert (comparison.missing, comparison.unexpected, comparison.agrees) == (("a",), ("c",), False)
    file.write_text("id,surface\na,side\n")
    with pytest.raises(ManifestError, match=r"expected.csv:2: "):
        read_expected(str(file))
