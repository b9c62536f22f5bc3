"""`phonegrade web`: looks after the parts of the pages that others wrote."""

import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from importlib.metadata import files as installed_files
from pathlib import Path
from typing import NamedTuple

import typer

from phonegrade.cli.console import print_result
from phonegrade.core.errors import UsageError
from phonegrade.core.files import atomic_write, write_text

web = typer.Typer(name="web", help="Look after the parts of the pages that others wrote.", no_args_is_help=True)
VENDOR = Path(__file__).parents[1] / "web" / "vendor"
MANIFEST = "manifest.json"


class VendoredPart(NamedTuple):
    """A package of the npm registry, and what of it the pages use."""

    package: str
    version: str
    licence: str
    """By its SPDX name."""
    files: Mapping[str, str]
    """What a file of the package is called in `web/vendor/`; .gz packs it."""
    notices_from: tuple[str, ...] = ()
    """Files of the installed Python package `onnxruntime`, where the npm package has no text of its licence."""


PARTS = (
    VendoredPart(
        "preact", "11.2.0", "MIT", {"dist/preact.mjs": "preact.js", "hooks/dist/hooks.mjs": "preact-hooks.js"}
    ),
    VendoredPart("@preact/signals-core", "1.14.5", "MIT", {"dist/signals-core.mjs": "signals-core.js"}),
    VendoredPart("@preact/signals", "2.11.4", "MIT", {"dist/signals.mjs": "signals.js"}),
    VendoredPart("htm", "3.1.1", "Apache-2.0", {"dist/htm.mjs": "htm.js"}),
    VendoredPart("idb", "8.0.4", "ISC", {"build/index.js": "idb.js"}),
    VendoredPart(
        "onnxruntime-web",
        "1.30.0",
        "MIT",
        {
            "dist/ort.wasm.min.mjs": "ort.wasm.min.mjs",
            "dist/ort-wasm-simd-threaded.mjs": "ort-wasm-simd-threaded.mjs",
            "dist/ort-wasm-simd-threaded.wasm": "ort-wasm-simd-threaded.wasm.gz",
        },
        notices_from=("LICENSE", "ThirdPartyNotices.txt"),
    ),
)
OURS = {
    "preact": "./preact.js",
    "preact/hooks": "./preact-hooks.js",
    "@preact/signals-core": "./signals-core.js",
}
"""Names that the parts import one another by, and where they lie here: without an import map, which a strict
Content-Security-Policy would need a hash for."""
_IMPORT = re.compile(r"""(\bfrom|\bimport)(\s*)(["'])(@?[a-z][^"']*)\3""")
_SOURCE_MAP = re.compile(rb"\n?//# sourceMappingURL=[^\n]*\n?$")


@web.command()
def vendor() -> None:
    """Fetch the vendored parts of the pages again, with `npm pack`, and write their manifest."""
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError("npm is not installed; on Debian: sudo apt-get install npm")
    VENDOR.mkdir(exist_ok=True)
    manifest = [_vendor(part, npm) for part in PARTS]
    _forget_others(manifest)
    write_text(VENDOR / MANIFEST, json.dumps([one._asdict() for one in manifest], indent=1) + "\n")
    for entry in manifest:
        print_result(f"{entry.package} {entry.version}: {', '.join(entry.files)}")


class _Entry(NamedTuple):
    """A line of the manifest."""

    package: str
    version: str
    licence: str
    licence_text: str
    files: dict[str, str]
    """SHA-256 by name."""


def _vendor(part: VendoredPart, npm: str) -> _Entry:
    members = _fetched(part, npm)
    licence = _licence(part, members)
    hashes = {}
    for source, name in part.files.items():
        data = part_file(members[source], name)
        with atomic_write(VENDOR / name) as unfinished:
            unfinished.write_bytes(data)
        hashes[name] = hashlib.sha256(data).hexdigest()
    return _Entry(part.package, part.version, part.licence, licence, hashes)


def part_file(data: bytes, name: str) -> bytes:
    """Return a file as it is vendored: importing its neighbours by their place, without a source map, packed if .gz."""
    if name.endswith(".gz"):
        return gzip.compress(data, 9, mtime=0)
    text = _SOURCE_MAP.sub(b"\n", data).decode("utf-8")
    return _IMPORT.sub(lambda match: f"{match[1]}{match[2]}{match[3]}{OURS[match[4]]}{match[3]}", text).encode("utf-8")


def _fetched(part: VendoredPart, npm: str) -> dict[str, bytes]:
    """Return the files of a package by their path in it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", "--pack-destination", folder, f"{part.package}@{part.version}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  npm, by its own path
        packed = sorted(Path(folder).glob("*.tgz"))
        if done.returncode or len(packed) != 1:
            raise UsageError(f"npm pack {part.package}@{part.version}: {done.stderr.strip()[-300:]}")
        with tarfile.open(fileobj=io.BytesIO(packed[0].read_bytes())) as archive:
            opened = {one.name.partition("/")[2]: archive.extractfile(one) for one in archive if one.isfile()}
            return {name: file.read() for name, file in opened.items() if file is not None}


def _licence(part: VendoredPart, members: Mapping[str, bytes]) -> str:
    """Write what a part's licence wants to go with it, and return the file's name."""
    name = f"{part.package.replace('@', '').replace('/', '-')}.licence.txt"
    if part.notices_from:
        by_name = {one.name: one for one in installed_files("onnxruntime") or () if one.name in part.notices_from}
        text = "\n\n".join(by_name[one].read_text(encoding="utf-8") for one in part.notices_from)
    else:
        text = members["LICENSE"].decode("utf-8")
    with atomic_write(VENDOR / f"{name}.gz") as unfinished:
        unfinished.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    return f"{name}.gz"


def _forget_others(manifest: list[_Entry]) -> None:
    """Delete what no part has any more."""
    kept = {MANIFEST, *(name for entry in manifest for name in (entry.licence_text, *entry.files))}
    for file in VENDOR.iterdir():
        if file.name not in kept:
            file.unlink()
