"""Golden values of the quality measures: writes quality.json beside this file.

Made with numpy 2.4.6, scipy 1.17.1 and scikit-learn 1.9.1:  python reference/core/quality.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.spatial import ConvexHull
from scipy.stats import spearmanr
from sklearn.datasets import make_blobs
from sklearn.manifold import trustworthiness
from sklearn.metrics import pairwise_distances, silhouette_score

PERPLEXITY = 12.0


def kl_divergence(x, y, perplexity):
    """P from floor(3 * perplexity) neighbors, symmetrized; Z over all pairs; everything in float64."""
    n, k = len(x), int(3 * perplexity)
    squared = pairwise_distances(x, metric="sqeuclidean")
    np.fill_diagonal(squared, np.inf)
    p = np.zeros((n, n))
    for i in range(n):
        near = np.argsort(squared[i])[:k]
        distances = squared[i, near] - squared[i, near].min()
        low, high = 0.0, 1e6
        for _ in range(200):
            beta = (low + high) / 2
            row = np.exp(-beta * distances)
            row /= row.sum()
            entropy = -(row[row > 0] * np.log(row[row > 0])).sum()
            low, high = (beta, high) if entropy > np.log(perplexity) else (low, beta)
        p[i, near] = row
    p = (p + p.T) / (2 * n)
    w = 1 / (1 + pairwise_distances(y, metric="sqeuclidean"))
    np.fill_diagonal(w, 0)
    q = w / w.sum()
    stored = p > 0
    return (p[stored] * np.log(p[stored] / q[stored])).sum()


def nearest(points, k):
    distances = pairwise_distances(points)
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1)[:, :k]


def central_area(points):
    radius = np.linalg.norm(points - points.mean(axis=0), axis=1)
    central = points[np.argsort(radius)[: len(points) - len(points) // 20]]
    return ConvexHull(central).volume


def shape(y, labels):
    radius = np.linalg.norm(y - y.mean(axis=0), axis=1)
    centers = np.array([y[labels == c].mean(axis=0) for c in np.unique(labels)])
    pairs = pairwise_distances(centers)[np.triu_indices(len(centers), 1)]
    return {
        "rms_radius": np.sqrt((radius**2).mean()),
        "area": central_area(y),
        "area_by_label": sum(central_area(y[labels == c]) for c in np.unique(labels)),
        "within": np.linalg.norm(y - centers[labels], axis=1).mean(),
        "between": pairs.mean(),
    }


x, labels = make_blobs(n_samples=220, n_features=6, centers=4, cluster_std=3.0, random_state=3)
rng = np.random.default_rng(4)
y = x[:, :2] + rng.normal(0.0, 2.0, size=(len(x), 2))
# Short decimals that float32 holds exactly; distances stay distinct.
x, y = np.round(x * 1024) / 1024, np.round(y * 1024) / 1024
assert (x == x.astype(np.float32)).all() and (y == y.astype(np.float32)).all()

in_x, in_y = nearest(x, 10), nearest(y, 10)
a = rng.integers(0, 6, size=20).astype(float)
b = a + rng.integers(-3, 4, size=20)
golden = {
    "made_by": f"numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    "x": x.tolist(),
    "y": y.tolist(),
    "labels": labels.tolist(),
    "ranks": [
        {
            "k": k,
            "trustworthiness": trustworthiness(x, y, n_neighbors=k),
            "continuity": trustworthiness(y, x, n_neighbors=k),
        }
        for k in [1, 5, 30, 109]
    ],
    "silhouette": silhouette_score(y, labels),
    "recall_10": np.mean([len(np.intersect1d(p, q)) / 10 for p, q in zip(in_x, in_y)]),
    "perplexity": PERPLEXITY,
    "kl": kl_divergence(x, y, PERPLEXITY),
    "shape": shape(y, labels),
    "spearman": {"a": a.tolist(), "b": b.tolist(), "value": spearmanr(a, b).statistic},
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
