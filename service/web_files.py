"""The files of `web/`, as browsers get them: each under an address that holds a hash, so that it may be kept for ever.

Small files share the hash of them all, by which their relative imports stay together; a heavy one, such as a model, has
its own and is not fetched again with the next release.
"""

import gzip
import hashlib
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from phonegrade.inference.capture_rules import capture_rules

ROOT = Path(__file__).parents[1] / "web"
LANGUAGES = ("en", "de", "fr", "es", "ja")
"""English first: it is what stands where a browser asks for none of them."""
MEDIA: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".onnx": "application/octet-stream",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
}
HEAVY = frozenset({".onnx", ".wasm"})
PACKED = frozenset({".css", ".js", ".json", ".mjs", ".svg", ".txt"})
"""What gzip makes smaller; .gz files lie packed."""
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.{1,2}/[^"']+)["']""")
_TAG = 16


class WebFile(NamedTuple):
    """One file."""

    body: bytes
    media_type: str
    sha256: str
    packed: bytes | None
    """The body after gzip; None where that gains nothing."""


class WebFiles:
    """Every file of a folder, by its path below it without `.gz`; read once."""

    def __init__(self, root: Path) -> None:
        rules = _file(capture_rules().model_dump_json().encode(), ".json")
        self._files = {**dict(_read(root)), **dict(_words(root / "words")), "capture/rules.json": rules}
        light = sorted((path, file.sha256) for path, file in self._files.items() if not _is_heavy(path))
        self.tag = hashlib.sha256(json.dumps(light).encode()).hexdigest()[:_TAG]

    def find(self, tag: str, path: str) -> WebFile | None:
        """Return a file by its address; None where there is none, and for the tag of another release."""
        file = self._files.get(path)
        return file if file is not None and tag == self._tag_of(path) else None

    def address(self, path: str) -> str:
        """Return where a file is found, below the service's root. Raises KeyError."""
        return f"/assets/{self._tag_of(path)}/{path}"

    def styles_of(self, page: str) -> tuple[str, ...]:
        """Return the addresses of the style that all pages share and, where it has one, of the page's own."""
        return tuple(self.address(path) for path in ("style.css", f"{page}/style.css") if path in self._files)

    @property
    def heavy(self) -> dict[str, str]:
        """The addresses of the heavy files, by path."""
        return {path: self.address(path) for path in sorted(self._files) if _is_heavy(path)}

    def imports_of(self, path: str) -> tuple[str, ...]:
        """Return a module and all that it imports, directly or not: what a page can ask for at once."""
        reached: dict[str, None] = {}
        waiting = [path]
        while waiting:
            module = waiting.pop()
            if module in reached or module not in self._files:
                continue
            reached[module] = None
            text = self._files[module].body.decode("utf-8")
            waiting += [
                posixpath.normpath(posixpath.join(posixpath.dirname(module), to)) for to in _IMPORT.findall(text)
            ]
        return tuple(reached)

    def word(self, page: str, language: str, key: str) -> str:
        """Return a text of a page. Raises KeyError."""
        words: dict[str, Any] = json.loads(self._files[f"words/{language}/{page}.json"].body)
        return str(words[key])

    def _tag_of(self, path: str) -> str:
        return self._files[path].sha256[:_TAG] if _is_heavy(path) else self.tag


@cache
def web_files() -> WebFiles:
    """Return the packaged files."""
    return WebFiles(ROOT)


def _is_heavy(path: str) -> bool:
    return Path(path).suffix in HEAVY


def _read(root: Path) -> Iterator[tuple[str, WebFile]]:
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root).as_posix()
        if not file.is_file() or path.startswith("words/"):
            continue
        data = file.read_bytes()
        if file.suffix == ".gz":
            path = path.removesuffix(".gz")
            body = gzip.decompress(data) if Path(path).suffix not in HEAVY else b""
            kind = MEDIA.get(Path(path).suffix)
            if kind is not None:
                yield path, WebFile(body, kind, hashlib.sha256(data).hexdigest(), data)
        elif file.suffix in MEDIA:
            yield path, _file(data, file.suffix)


def _words(folder: Path) -> Iterator[tuple[str, WebFile]]:
    """Yield, for each page and language, the texts of that page and those that all pages share."""
    texts = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}
    shared = texts.get("common", {})
    for page, own in texts.items():
        for language in LANGUAGES:
            words = {key: text[language] for key, text in {**shared, **own}.items()}
            yield f"words/{language}/{page}.json", _file(json.dumps(words, ensure_ascii=False).encode(), ".json")


def _file(data: bytes, suffix: str) -> WebFile:
    packed = gzip.compress(data, 9, mtime=0) if suffix in PACKED else None
    return WebFile(data, MEDIA[suffix], hashlib.sha256(data).hexdigest(), packed)
