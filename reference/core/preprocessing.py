"""Golden values of the scalers: writes preprocessing.json beside this file.

Made with numpy 2.4.6 and scikit-learn 1.9.1:  python reference/core/preprocessing.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.preprocessing import MinMaxScaler, StandardScaler

rng = np.random.default_rng(2)
n = 24
x = np.column_stack(
    [
        rng.normal(size=n),
        rng.integers(0, 256, size=n),
        np.full(n, 0.1),  # constant, and not exact in binary
        np.zeros(n),
        rng.normal(2.0, 1.0, size=n),
        rng.exponential(1e-3, size=n),
        1e-7 * rng.random(n),  # its range is below 10 eps of float32
        np.where(np.arange(n) == 5, 1e6, -3.0),
    ]
).astype(np.float32)

minmax, standard = MinMaxScaler().fit(x), StandardScaler().fit(x)
golden = {
    "made_by": f"numpy {np.__version__}, scikit-learn {sklearn.__version__}",
    "x": x.tolist(),
    "minmax": minmax.transform(x).tolist(),
    "mean": standard.mean_.tolist(),
    "scale": standard.scale_.tolist(),
    "standard": standard.transform(x).tolist(),
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
