"""Names for the arrays that pass between the rooms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Array = NDArray[np.floating]
Matrix = Array | csr_array  # examples by features
Rows = NDArray[np.int64]
