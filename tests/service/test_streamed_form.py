"""Forms read as they arrive: what is in them comes out whatever the chunks, and what will be refused is not read."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.core.errors import (
    BodyTooLargeError,
    ClientTooSlowError,
    DuplicatePhotoError,
    ImageTooLargeError,
    PhonegradeError,
    TooManyPhotosError,
    UsageError,
)
from phonegrade.service.streamed_form import Arrived, FilePart, Form, FormRules, read_form

RULES = FormRules(("front", "back"), ("functional",), ("device", "policy"))
Files = list[tuple[str, tuple[str, bytes]]]


def encoded(files: Files, data: dict[str, str] | None = None) -> tuple[str, bytes]:
    """Content-Type and body as a client sends them."""
    request = httpx.Request("POST", "http://service/", files=files, data=data)
    return request.headers["content-type"], request.read()


def into(arrived: list[FilePart]) -> Arrived:
    """What appends each file to `arrived`."""

    async def arrive(part: FilePart, form: Form) -> None:
        arrived.append(part)

    return arrive


def read(content_type: str, chunks: Iterable[bytes], rules: FormRules = RULES) -> tuple[Form, list[FilePart]]:
    """The form, and the files in the order in which they were handed on."""
    arrived: list[FilePart] = []

    async def body() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    form = asyncio.run(read_form(content_type, body(), rules, into(arrived)))
    return form, arrived


@given(
    st.lists(st.tuples(st.sampled_from(["front", "back"]), st.binary(max_size=300)), max_size=5),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.integers(1, 80),
)
def test_what_was_sent_comes_out_in_any_chunks(photos: list[tuple[str, bytes]], device: str, step: int) -> None:
    files = [(name, ("a b;c.jpg", data)) for name, data in photos]
    content_type, body = encoded([*files, ("functional", ("t.json", b"{}"))], {"device": device})
    form, arrived = read(content_type, [body[at : at + step] for at in range(0, len(body), step)])
    assert [(part.part, part.data) for part in arrived] == [*photos, ("functional", b"{}")]
    assert form.texts == {"device": device}
    assert all(part.filename == "a b;c.jpg" for part in arrived[:-1])


def test_a_photo_is_handed_on_before_the_next_has_come() -> None:
    content_type, body = encoded([("front", ("f.jpg", b"x" * 1000)), ("back", ("b.jpg", b"y" * 1000))])
    half = body.index(b"y" * 10)
    counts: list[int] = []

    async def main() -> None:
        arrived: list[FilePart] = []

        async def chunks() -> AsyncIterator[bytes]:
            yield body[:half]
            counts.append(len(arrived))
            yield body[half:]

        await read_form(content_type, chunks(), RULES, into(arrived))

    asyncio.run(main())
    assert counts == [1]


def test_a_name_in_filename_star_is_understood() -> None:
    body = (
        b"--b\r\nContent-Disposition: form-data; name=\"front\"; filename*=UTF-8''%e2%82%ac.jpg\r\n\r\nx\r\n--b--\r\n"
    )
    form, _ = read("multipart/form-data; boundary=b", [body])
    assert form.files == [FilePart("front", "€.jpg", b"x")]


FRONT = ("front", ("f.jpg", b"x"))


@pytest.mark.parametrize(
    ("files", "data", "rules", "error", "text"),
    [
        ([("side", ("s.jpg", b"x"))], {}, {}, UsageError, "unknown part 'side'; the parts are front, back"),
        ([], {"front": "text"}, {}, UsageError, "front must be a file"),
        ([("functional", ("t", b"{}")), ("functional", ("u", b"{}"))], {}, {}, UsageError, "functional was sent twice"),
        ([FRONT, FRONT], {}, {"photos_once": True}, DuplicatePhotoError, "send one photo"),
        ([FRONT, FRONT], {}, {"max_photos": 1}, TooManyPhotosError, "at most 1 photos"),
        ([("front", ("f.jpg", b"x" * 11))], {}, {"max_file_bytes": 10}, ImageTooLargeError, "over 10 bytes"),
        ([("front", ("f.jpg", b"x" * 99))], {}, {"max_body_bytes": 100}, BodyTooLargeError, "over 100 bytes"),
        ([FRONT], {"device": "x" * 10_001}, {}, UsageError, "device is over 10000 bytes"),
    ],
)
def test_what_will_be_refused_is_refused_by_name(
    files: Files, data: dict[str, str], rules: dict[str, int], error: type[PhonegradeError], text: str
) -> None:
    content_type, body = encoded(files or [("back", ("b.jpg", b""))], data)
    limited = FormRules(RULES.photos, RULES.files, RULES.texts, **rules)  # type: ignore[arg-type]
    with pytest.raises(error, match=re.escape(text)):
        read(content_type, [body], limited)


@pytest.mark.parametrize("content_type", ["application/json", "", "multipart/form-data", "text/plain; boundary=b"])
def test_a_body_that_is_no_form_is_answered_with_what_to_send(content_type: str) -> None:
    with pytest.raises(UsageError, match=r"send a form .* such as curl -F front=@front\.jpg"):
        read(content_type, [b"{}"])


@pytest.mark.parametrize("cut", [10, 100, 200])
def test_an_upload_that_was_cut_off_is_refused(cut: int) -> None:
    content_type, body = encoded([("front", ("f.jpg", b"x" * 100))])
    with pytest.raises(UsageError, match=r"cut off|cannot be read"):
        read(content_type, [body[:cut]])


def test_an_upload_that_stops_is_ended() -> None:
    content_type, body = encoded([FRONT])

    async def stalled() -> AsyncIterator[bytes]:
        yield body[:20]
        await asyncio.sleep(60)

    async def main() -> None:
        await read_form(content_type, stalled(), FormRules(("front",), idle_s=0.05), into([]))

    with pytest.raises(ClientTooSlowError, match=r"at most 0\.05 s without a byte"):
        asyncio.run(main())
