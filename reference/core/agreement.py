"""The disparity of two small maps, which a test of quality/agreement.rs holds.

Made with numpy 2.4.6 and scipy 1.17.1:  python reference/core/agreement.py
"""

import numpy as np
import scipy
from scipy.spatial import procrustes

A = np.array([[0, 1], [2, 5], [-3, 2], [4, 4], [1, -2]], dtype=float)
B = np.array([[1, 1], [3, -4], [0, 4], [2, -6], [7, 0]], dtype=float)

print(f"numpy {np.__version__}, scipy {scipy.__version__}")
print(f"disparity {procrustes(A, B)[2]:.17}")
