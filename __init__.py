"""phonegrade: finds, measures and grades the wear of used phones from photos.

The names in `__all__` are the public ones. Each is imported when it is first used, so that `import phonegrade` costs
nothing and needs neither ONNX Runtime nor OpenCV.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonegrade.assessment.assessment import Assessment
    from phonegrade.assessment.facade import assess
    from phonegrade.configs.policy import load_policy
    from phonegrade.core.devices.catalogue import find_device
    from phonegrade.core.errors import PhonegradeError
    from phonegrade.core.functional.report import load_functional
    from phonegrade.core.inspection import Inspection
    from phonegrade.core.photo_file import PhotoFile
    from phonegrade.core.vocabulary import Surface
    from phonegrade.inference.inspector import Inspector

__version__ = "0.3.0"
__all__ = [
    "Assessment",
    "Inspection",
    "Inspector",
    "PhonegradeError",
    "PhotoFile",
    "Surface",
    "__version__",
    "assess",
    "find_device",
    "load_functional",
    "load_policy",
]

# Two packages that phonegrade stands on call home as soon as they are imported: ONNX Runtime leaves a device id under
# the home folder and looks up a telemetry host, albumentations asks a package index for its version. Only the
# environment stops them, before their import, and every import of phonegrade and each of its processes passes here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

_MODULES = {
    "Assessment": "assessment.assessment",
    "Inspection": "core.inspection",
    "Inspector": "inference.inspector",
    "PhonegradeError": "core.errors",
    "PhotoFile": "core.photo_file",
    "Surface": "core.vocabulary",
    "assess": "assessment.facade",
    "find_device": "core.devices.catalogue",
    "load_functional": "core.functional.report",
    "load_policy": "configs.policy",
}
"""Where each public name is defined; `tests/test_face.py` holds it to the imports above."""


if not TYPE_CHECKING:  # a type checker that saw it would take every misspelt name for an object

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used (PEP 562). Raises AttributeError for any other."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
