"""Imports torchvision where torch is a CPU-only build."""

import torch

_LIBRARIES: list[torch.library.Library] = []
"""A library's declarations live only as long as the object."""


def import_torchvision() -> None:
    """Import torchvision, also on a CPU-only torch.

    Its wheel's extension links CUDA libraries; without them `import torchvision` fails because the schemas of two
    operators that are not needed here are undeclared. Where torchvision loads natively, nothing is declared.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        _LIBRARIES.append(library)
