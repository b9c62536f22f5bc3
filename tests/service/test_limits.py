"""The limit on a request's body."""

from collections.abc import Iterator

from fastapi import FastAPI, UploadFile
from fastapi.testclient import TestClient

from phonegrade.service.limits import BodyLimit

LIMIT = 10_000


def _app(reached: list[int]) -> FastAPI:
    app = FastAPI()

    @app.post("/")
    async def root(photo: UploadFile) -> int:
        reached.append(1)
        return len(await photo.read())

    app.add_middleware(BodyLimit, max_bytes=LIMIT)
    return app


def test_an_announced_length_over_the_limit_is_refused_before_the_parser() -> None:
    reached: list[int] = []
    answer = TestClient(_app(reached)).post("/", files={"photo": b"x" * LIMIT})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"
    assert not reached


def test_a_streamed_body_is_counted_though_it_announces_nothing() -> None:
    def stream() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="photo"; filename="x"\r\n\r\n'
        for _ in range(20):
            yield b"x" * 1000
        yield b"\r\n--b--\r\n"

    reached: list[int] = []
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = TestClient(_app(reached)).post("/", content=stream(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"
    assert not reached


def test_a_body_within_the_limit_passes_untouched() -> None:
    answer = TestClient(_app([])).post("/", files={"photo": b"x" * 5000})
    assert answer.json() == 5000
