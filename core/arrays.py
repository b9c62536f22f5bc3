"""Names for the arrays that travel between the stages; shapes are stated where one is used."""

import numpy as np
from numpy.typing import NDArray

RGB = NDArray[np.uint8]
"""A picture (H, W, 3), red, green, blue; a stack of them is (N, H, W, 3)."""
Grey = NDArray[np.uint8]
"""One 8-bit channel (H, W): a grey picture, or a mask as OpenCV takes it."""
Mask = NDArray[np.bool_]
"""Whether something holds for each pixel (H, W), or each element."""
FloatMap = NDArray[np.float32]
"""A plane (H, W), or several as (C, H, W) or (H, W, C), such as what a network answers or what the renderer draws."""
Floats = NDArray[np.float64]
"""Measured or computed numbers of any shape."""
Points = NDArray[np.float64]
"""Positions or directions (..., 2) or (..., 3), x before y before z."""
Quad = NDArray[np.float64]
"""(4, 2) corners, clockwise with y down."""
Matrix = NDArray[np.float64]
"""(3, 3): a homography, or an affine map as one."""
Indices = NDArray[np.intp]
"""Positions in another array."""
Codes = NDArray[np.uint8]
"""Positions among the words of a vocabulary."""
