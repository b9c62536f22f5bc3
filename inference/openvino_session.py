"""Runs a network by OpenVINO, an optional install: on processors with bf16 in half the time of ONNX Runtime."""

import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.errors import SetupError
from phonegrade.inference.card import Precision

if TYPE_CHECKING:
    import openvino

PACKAGE = "openvino"
_TELEMETRY = "openvino_telemetry"


def openvino_version() -> str | None:
    """Return the version of OpenVINO that is installed; None without one."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def best_precision() -> Precision:
    """Return what this processor computes fastest in: bf16 where it has that, else f32. Raises SetupError."""
    return "bf16" if "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"


class OpenVinoSession:
    """One network on `threads` threads of the processor, whose products are computed in `precision`.

    May be called from several threads. Raises SetupError where OpenVINO is not installed.
    """

    def __init__(self, model: bytes, threads: int, precision: Precision) -> None:
        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": precision,
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            # every worker process would pin its threads to the same cores
            "ENABLE_CPU_PINNING": False,
        }
        core = _core()
        self._compiled = core.compile_model(core.read_model(model), "CPU", settings)
        self._of_thread = threading.local()

    def run(
        self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[np.uint8]]
    ) -> Sequence[NDArray[np.float32]]:
        """Return the named outputs for the named inputs."""
        request: openvino.InferRequest | None = getattr(self._of_thread, "request", None)
        if request is None:
            request = self._of_thread.request = self._compiled.create_infer_request()
        answers = request.infer(dict(input_feed), share_inputs=True)
        return [answers[name] for name in output_names]


@cache
def _core() -> "openvino.Core":
    """Return OpenVINO's one core of this process.

    Importing OpenVINO reports that to its makers wherever their package `openvino_telemetry` can be imported, as it can
    after every ordinary installation: here it cannot.
    """
    sys.modules.setdefault(_TELEMETRY, None)  # type: ignore[arg-type]  # the documented way to forbid an import
    try:
        import openvino
    except ImportError as error:
        raise SetupError("OpenVINO is not installed: pip install 'phonegrade[openvino]'") from error
    return openvino.Core()
