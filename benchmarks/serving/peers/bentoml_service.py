"""The inspector under BentoML: PHONEGRADE_WORKERS=2 bentoml serve bentoml_service:PhoneInspector --port PORT."""

import os
from pathlib import Path
from typing import Any

import bentoml
import cv2

from phonegrade.core.photo_file import PhotoFile
from phonegrade.inference.inspector import Inspector


@bentoml.service(workers=int(os.environ.get("PHONEGRADE_WORKERS", "2")), traffic={"timeout": 60})  # type: ignore[untyped-decorator]
class PhoneInspector:
    """One photo in, its inspection out; each worker has an inspector of one thread."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self.inspector = Inspector.load(None, 1)

    @bentoml.api(route="/inspect")  # type: ignore[untyped-decorator]
    def inspect(self, photo: Path) -> dict[str, Any]:
        return self.inspector.inspect(PhotoFile("photo.jpg", photo.read_bytes())).model_dump(mode="json")
