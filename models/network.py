"""Which network a name stands for: the one place that builds them."""

from typing import Literal, assert_never

from phonegrade.models.boundary_refiner import BoundaryRefiner
from phonegrade.models.locator import Locator
from phonegrade.models.lraspp import Lraspp
from phonegrade.models.segmenter import Segmenter

SegmenterName = Literal["lite0_fpn", "lraspp"]
NetworkName = SegmenterName | Literal["strips"]
SegmenterNetwork = Segmenter | Lraspp
Network = SegmenterNetwork | Locator | BoundaryRefiner


def build_segmenter(network: SegmenterName) -> SegmenterNetwork:
    """An untrained segmenter with random weights."""
    match network:
        case "lite0_fpn":
            return Segmenter()
        case "lraspp":
            return Lraspp()
        case _:
            assert_never(network)
