"""Opens ONNX models, together with the card that rides inside each: the one place where a runtime is set up."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from pydantic import ValidationError

from phonegrade.core.errors import ModelFileError
from phonegrade.core.problems import first_problem
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime
from phonegrade.inference.card import (
    CARD,
    CARD_KEY,
    AnyCard,
    BoundaryRefinerCard,
    LocatorCard,
    Precision,
    Quantisation,
    SegmenterCard,
)
from phonegrade.inference.openvino_session import OpenVinoSession, best_precision, openvino_version

CardT = TypeVar("CardT", LocatorCard, BoundaryRefinerCard, SegmenterCard)
WAY_OUT = "Restore the shipped file from the release, or make one with `phonegrade export`."


class Session(Protocol):
    """What runs a network; may be called from several threads."""

    def run(
        self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[np.uint8]]
    ) -> Sequence[NDArray[np.float32]]:
        """Return the named outputs for the named inputs."""


@dataclass(frozen=True)
class OnnxModel(Generic[CardT]):
    """A model ready to run; its session may be called from several threads."""

    session: Session
    card: CardT
    sha256: str
    runtime: str = ONNX_RUNTIME
    """What runs it; another library than ONNX Runtime with its version and precision."""


def load_model(
    path: Path, card_type: type[CardT], threads: int = 1, runtime: Runtime = ONNX_RUNTIME
) -> OnnxModel[CardT]:
    """Read, verify and open the model at `path` on `threads` CPU threads.

    Raises ModelFileError when the file is missing, damaged, without a card, or made for another task, and SetupError
    for OpenVINO where it is not installed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"Model file {path.name} cannot be read ({error.strerror}). {WAY_OUT}") from error
    try:
        session = open_session(data, threads)
    except Exception as error:  # ONNX Runtime raises a dozen unrelated types for a bad file
        reason = str(error).splitlines()[0]
        raise ModelFileError(f"Model file {path.name} is damaged: {reason} {WAY_OUT}") from error
    text = session.get_modelmeta().custom_metadata_map.get(CARD_KEY)
    if text is None:
        raise ModelFileError(f"Model file {path.name} has no card (metadata {CARD_KEY!r}). {WAY_OUT}")
    try:
        card = CARD.validate_json(text)
    except ValidationError as error:
        problem = first_problem(error, "card")
        raise ModelFileError(f"Model file {path.name} has an invalid card: {problem}. {WAY_OUT}") from error
    if not isinstance(card, card_type):
        wanted = card_type.model_fields["task"].default
        raise ModelFileError(f"Model file {path.name} is a {card.task}, not a {wanted}. {WAY_OUT}")
    sha256 = hashlib.sha256(data).hexdigest()
    precision = _openvino_precision(card, runtime)
    if precision is None:
        return OnnxModel(session, card, sha256)
    name = f"openvino {openvino_version()} {precision}"
    return OnnxModel(OpenVinoSession(data, threads, precision), card, sha256, name)


def _openvino_precision(card: AnyCard, runtime: Runtime) -> Precision | None:
    """Return in what OpenVINO is to run the model of `card`; None where ONNX Runtime is to. Raises SetupError."""
    if runtime == ONNX_RUNTIME or not isinstance(card, SegmenterCard):
        return None
    if runtime == "openvino":
        return best_precision()
    if openvino_version() is None or not card.openvino:
        return None
    proof = card.openvino.get(best_precision())
    return best_precision() if proof is not None and proof.accepted else None


def load_best(
    folder: Path, task: str, card_type: type[CardT], threads: int = 1, runtime: Runtime = ONNX_RUNTIME
) -> OnnxModel[CardT]:
    """Open `task`.int8.onnx of `folder` where its card proves that it is as good as `task`.onnx, else the latter.

    The proof is a measurement: `phonegrade compare` writes into the int8 file whether it loses anything. Raises
    ModelFileError, and SetupError for OpenVINO where it is not installed.
    """
    plain, small = folder / f"{task}.onnx", folder / f"{task}.int8.onnx"
    if small.is_file():
        model = load_model(small, card_type, threads, runtime)
        if _is_as_good(model.card.quantisation, plain):
            return model
    return load_model(plain, card_type, threads, runtime)


def _is_as_good(quantisation: Quantisation | None, plain: Path) -> bool:
    """Return True for an int8 file that loses nothing against the very `plain` beside it, or that stands alone."""
    if quantisation is None or not quantisation.accepted:
        return False
    return not plain.is_file() or hashlib.sha256(plain.read_bytes()).hexdigest() == quantisation.source_sha256


def open_session(model: bytes | Path, threads: int = 1) -> ort.InferenceSession:
    """Open an ONNX file, or its bytes, on `threads` CPU threads, whether or not it has a card."""
    return ort.InferenceSession(model, session_options(threads), providers=["CPUExecutionProvider"])


def session_options(threads: int) -> ort.SessionOptions:
    """Return options with pools of explicit size.

    ONNX Runtime sizes its own by the host's cores, and spinning threads starve their neighbours. Measured by
    `benchmarks/session.py`: the arena, on by default, saves a fifth of the time; the memory pattern, on by default too,
    saves none and costs 150 MB from the second photo on. One arena serves all models, which run one after another.
    """
    _share_arena()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = 3
    return options


@cache
def _share_arena() -> None:
    """Make one arena for every session of this process, which grows by what is asked for and not by doubling.

    With an arena a model, and doubling, six photos leave 570 MB resident instead of 390, in the same time.
    """
    memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    as_requested = 1  # kSameAsRequested
    ort.create_and_register_allocator(memory, ort.OrtArenaCfg(0, as_requested, -1, -1))
