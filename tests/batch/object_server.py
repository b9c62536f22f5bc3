"""An object store for tests: the part of S3 that reads and lists, over HTTP on this machine."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "stock"


@contextmanager
def object_server(folder: Path) -> Iterator[int]:
    """Serve the files of a folder as the objects of `BUCKET`, and yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            _, _, key = unquote(parts.path).lstrip("/").partition("/")
            if key:
                self._object(folder / key)
            else:
                self._list(parse_qs(parts.query).get("prefix", [""])[0])

        do_HEAD = do_GET  # noqa: N815

        def _object(self, file: Path) -> None:
            data = file.read_bytes() if file.is_file() else None
            self._answer(404 if data is None else 200, data or b"", "image/jpeg")

        def _list(self, prefix: str) -> None:
            files = sorted(file for file in folder.rglob("*") if file.is_file())
            keys = [(file.relative_to(folder).as_posix(), file.stat().st_size) for file in files]
            objects = "".join(
                f"<Contents><Key>{escape(key)}</Key><Size>{size}</Size><ETag>&quot;{size}&quot;</ETag>"
                "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
                for key, size in keys
                if key.startswith(prefix)
            )
            body = (
                f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>"
            )
            self._answer(200, body.encode(), "application/xml")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
