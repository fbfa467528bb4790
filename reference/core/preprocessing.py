"""Golden values of the scalers: writes preprocessing.json beside this file.

Made with numpy 2.4.6 and scikit-learn 1.9.1:  python reference/core/preprocessing.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_selection import VarianceThreshold
from sklearn.preprocessing import MinMaxScaler, StandardScaler, normalize

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
        1e-7 * rng.random(n),  # its range is below 10 eps of float32, and far above that of float64
        np.where(np.arange(n) == 5, 1e6, -3.0),
    ]
).astype(np.float32)

# Of float64: whether a column counts as constant follows from its own digits there, and not from the type.
minmax, standard = MinMaxScaler().fit(x.astype(np.float64)), StandardScaler().fit(x)
# Counts of genes, of which the last cell has none.
counts = rng.poisson(2.0, size=(n, 6)).astype(np.float64) * rng.integers(1, 40, size=6)
counts[-1] = 0
per_cell = counts.sum(axis=1, keepdims=True)
per_cell[per_cell == 0] = 1
variances = VarianceThreshold().fit(counts).variances_
golden = {
    "made_by": f"numpy {np.__version__}, scikit-learn {sklearn.__version__}",
    "x": x.tolist(),
    "minmax": minmax.transform(x.astype(np.float64)).tolist(),
    "mean": standard.mean_.tolist(),
    "scale": standard.scale_.tolist(),
    "standard": standard.transform(x).tolist(),
    "counts": counts.tolist(),
    "l1": normalize(counts, "l1").tolist(),
    "l2": normalize(counts, "l2").tolist(),
    # scanpy's normalize_total(target_sum=10_000) and log1p are these.
    "per_ten_thousand": (counts / per_cell * 1e4).tolist(),
    "log1p": np.log1p(counts / per_cell * 1e4).tolist(),
    "arcsinh_5": np.arcsinh(counts / 5).tolist(),
    "top_3": sorted(np.argsort(-variances, kind="stable")[:3].tolist()),
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
