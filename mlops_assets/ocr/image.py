"""The one form of an image in this room."""

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # RGB of shape (height, width, 3)
Quads = NDArray[np.float32]  # corners of lines, shape (n_lines, 4, 2): clockwise from the top left, x before y
