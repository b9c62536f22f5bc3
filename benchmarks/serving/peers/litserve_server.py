"""The inspector under LitServe: python litserve_server.py PORT WORKERS."""

import sys
from typing import Annotated, Any

import cv2
import litserve
from fastapi import File

from phonegrade.core.photo_file import PhotoFile
from phonegrade.inference.inspector import Inspector

Photo = Annotated[bytes, File()]


class InspectApi(litserve.LitAPI):  # type: ignore[misc]
    """One photo in, its inspection out; each worker has an inspector of one thread."""

    def setup(self, device: str) -> None:
        cv2.setNumThreads(1)
        self.inspector = Inspector.load(None, 1)

    def decode_request(self, request: Photo) -> bytes:
        return request

    def predict(self, photo: bytes) -> dict[str, Any]:
        return self.inspector.inspect(PhotoFile("photo.jpg", photo)).model_dump(mode="json")

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        return output


if __name__ == "__main__":
    server = litserve.LitServer(InspectApi(), accelerator="cpu", workers_per_device=int(sys.argv[2]), timeout=60)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=1, generate_client_file=False, log_level="warning"
    )
