"""Golden values of the distances between rows: writes distances.json beside this file.

Made with numpy 2.4.6, scipy 1.17.1 and scikit-learn 1.9.1:  python reference/core/distances.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.spatial.distance import cdist

K = 6

# gnomonic's name, and SciPy's with its options.
METRICS = [
    ("euclidean", "euclidean", {}),
    ("sqeuclidean", "sqeuclidean", {}),
    ("cosine", "cosine", {}),
    ("correlation", "correlation", {}),
    ("mahalanobis", "mahalanobis", {}),
    ("manhattan", "cityblock", {}),
    ("chebyshev", "chebyshev", {}),
    ("minkowski:3", "minkowski", {"p": 3}),
    ("minkowski:1.5", "minkowski", {"p": 1.5}),
    ("minkowski:12", "minkowski", {"p": 12}),
    ("canberra", "canberra", {}),
    ("braycurtis", "braycurtis", {}),
    ("hamming", "hamming", {}),
    ("jaccard", "jaccard", {}),
]

rng = np.random.default_rng(8)
x = rng.normal(0.0, 3.0, size=(30, 7))
x = np.where(rng.random(x.shape) < 0.3, 0.0, np.round(x * 4) / 4)
x[17] = x[4]
assert (x == x.astype(np.float32)).all() and (np.ptp(x, axis=1) > 0).all()

cases = []
for name, metric, options in METRICS:
    if metric == "mahalanobis":
        options = {"VI": np.linalg.inv(np.cov(x.T))}
    distances = cdist(x, x, metric, **options)
    np.fill_diagonal(distances, np.inf)
    cases.append({"name": name, "nearest": np.sort(distances, axis=1)[:, :K].tolist()})

golden = {
    "made_by": f"numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    "x": x.tolist(),
    "k": K,
    "distances": cases,
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
