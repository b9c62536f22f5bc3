"""What decides what photos show: models, code, libraries and catalogue. Results of two of them are never mixed."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from phonegrade import __version__
from phonegrade.core.batch_errors import OtherFingerprintError, OutputError
from phonegrade.core.errors import ModelFileError
from phonegrade.core.files import write_durably
from phonegrade.core.strict import Strict
from phonegrade.inference.inspector import SHIPPED

ROOT = Path(__file__).parents[1]
_INSPECTS = ("core/**/*.py", "inference/**/*.py", "assessment/inspect_photos.py", "assessment/duplicates.py")
_DECIDES = ("core/**/*", "grading/**/*.py", "assessment/*.py", "configs/*.py", "batch/device_work.py")
_CATALOGUE = ("core/devices/*.csv", "core/devices/*.yaml")
_LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "pillow", "simplejpeg")


class Fingerprint(Strict):
    """Everything beside a photo, its surface and its device that decides what it shows."""

    phonegrade: str
    code: str
    """Hash of the sources that inspect."""
    libraries: dict[str, str]
    """Versions of those that compute."""
    models: dict[str, str]
    """Hash of every .onnx file, by name."""
    catalogue: str
    listed_from: float
    """The confidence from which on defects are kept."""
    runtime: str | None = None
    """What runs which models, where that is not ONNX Runtime (`Inspector.runtime`)."""

    @property
    def sha256(self) -> str:
        """Names what was inspected so."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


def fingerprint_of(models: Path | None, listed_from: float, runtime: str | None = None) -> Fingerprint:
    """Return the fingerprint of this installation with the models of a folder, None for the shipped ones.

    `runtime` is that of an `Inspector`.

    Raises ModelFileError for a folder without models.
    """
    folder = models or SHIPPED
    files = sorted(folder.glob("*.onnx"))
    if not files:
        raise ModelFileError(f"{folder}: holds no .onnx file")
    return Fingerprint(
        phonegrade=__version__,
        code=_hash_of(_INSPECTS),
        libraries={name: version(name) for name in _LIBRARIES},
        models={file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
        catalogue=_hash_of(_CATALOGUE),
        listed_from=listed_from,
        runtime=runtime,
    )


def decision_code() -> str:
    """Return the hash of the sources that grade what photos show."""
    return _hash_of(_DECIDES)


@cache
def _hash_of(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for file in sorted({file for pattern in patterns for file in ROOT.glob(pattern) if file.is_file()}):
        if "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(ROOT).as_posix()}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def claim_folder(file: Path, fingerprint: Fingerprint) -> None:
    """Write a fingerprint into its file, or find it there. Raises OtherFingerprintError and OutputError."""
    text = fingerprint.model_dump_json(indent=2) + "\n"
    try:
        before = Fingerprint.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        try:
            write_durably(file, text.encode())
        except OSError as error:
            raise OutputError(f"{file}: cannot be written ({error.strerror})") from error
        return
    except (OSError, ValidationError) as error:
        raise OtherFingerprintError(f"{file}: is not of this version; name another --out") from error
    if before != fingerprint:
        parts = before.model_dump(), fingerprint.model_dump()
        differ = ", ".join(name for name in parts[0] if parts[0][name] != parts[1][name])
        raise OtherFingerprintError(
            f"{file.parent}: was inspected with other {differ}; name another --out, or use what it was made with"
        )
