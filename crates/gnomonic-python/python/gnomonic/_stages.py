"""Single stages and measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from gnomonic import _native
from gnomonic._arrays import F32, I64, classes, dense, threads


def neighbors(
    X: Any, n_neighbors: int = 90, *, metric: str = "euclidean", method: str = "auto", n_jobs: int | None = None
) -> tuple[I64, F32]:
    """Find each row's nearest other rows.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The rows.
    n_neighbors : int, default=90
        Neighbors of each row, from 1 to below the number of rows.
    metric : str, default="euclidean"
        As of :class:`TSNE`.
    method : {"auto", "exact", "approximate", "shortlist", "clustered"}, default="auto"
        How they are found.
    n_jobs : int, default=None
        Threads; all cores by default.

    Returns
    -------
    indices : ndarray of int64, shape (n_samples, n_neighbors)
        The neighbors, nearest first.
    distances : ndarray of float32, shape (n_samples, n_neighbors)
        Their distances.

    Examples
    --------
    >>> from gnomonic import neighbors
    >>> indices, distances = neighbors([[0.0], [1.0], [3.0], [7.0]], 1)
    >>> indices.ravel().tolist(), distances.ravel().tolist()
    ([1, 0, 1, 2], [1.0, 1.0, 2.0, 4.0])
    """
    parameters = {"metric": metric, "neighbor_method": method, "threads": threads(n_jobs)}
    return _native.neighbors(dense(X), int(n_neighbors), parameters)


def affinities(
    indices: Any, distances: Any, *, perplexity: float = 30.0, affinity: str | None = None
) -> Any:
    """Make the symmetric affinities P of t-SNE from neighbors.

    Parameters
    ----------
    indices, distances : array-like of shape (n_samples, n_neighbors)
        As :func:`neighbors` returns them.
    perplexity : float, default=30.0
        Effective number of neighbors.
    affinity : str, default=None
        Another kind, as of :class:`TSNE`.

    Returns
    -------
    P : scipy.sparse.csr_matrix of shape (n_samples, n_samples), or the three arrays of one where SciPy is not installed
        Symmetric, its entries add up to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from gnomonic import affinities, neighbors
    >>> X = np.random.default_rng(0).normal(size=(100, 5))
    >>> P = affinities(*neighbors(X, 30), perplexity=10)
    >>> P.shape, round(float(P.sum()), 5)
    ((100, 100), 1.0)
    """
    parameters = {"perplexity": float(perplexity), "affinity": affinity}
    columns = np.ascontiguousarray(indices, dtype=np.int64)
    lengths = np.ascontiguousarray(distances, dtype=np.float32)
    if columns.ndim != 2 or columns.shape != lengths.shape:
        raise ValueError(f"indices of shape {columns.shape} for distances of shape {lengths.shape}")
    starts, columns, values = _native.affinities(columns, lengths, parameters)
    try:
        from scipy.sparse import csr_matrix
    except ImportError:
        return values, columns, starts
    n = len(starts) - 1
    return csr_matrix((values, columns, starts), shape=(n, n))


def score(
    X: Any, embedding: Any, *, labels: Any = None, n_neighbors: int = 15, n_jobs: int | None = None
) -> dict[str, float]:
    """Measure how well a map keeps the neighborhoods of the data.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The data.
    embedding : array-like of shape (n_samples, n_components)
        The map, of any tool.
    labels : array-like of shape (n_samples,), default=None
        Labels, for ``label_accuracy`` and ``silhouette``.
    n_neighbors : int, default=15
        The size of a neighborhood.
    n_jobs : int, default=None
        Threads; all cores by default.

    Returns
    -------
    dict
        ``trustworthiness``, ``continuity``, ``neighbor_recall`` and, with labels, ``label_accuracy`` and ``silhouette``.

    Examples
    --------
    >>> import numpy as np
    >>> from gnomonic import score
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> score(X, X)["trustworthiness"]
    1.0
    """
    map_ = dense(embedding, "embedding")
    numbers = None
    if labels is not None:
        found, _ = classes(labels)
        if (found < 0).any():
            raise ValueError("labels are missing in some rows; leave these rows out")
        numbers = found.astype(np.uint32)
    return _native.score(dense(X), map_, int(n_neighbors), numbers, threads(n_jobs))


def align(embedding: Any, reference: Any) -> F32:
    """Turn a map so that its points come as near to those of another as they can.

    Parameters
    ----------
    embedding, reference : array-like of shape (n_samples, n_components)
        Two maps of the same samples.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_components)
        The first, turned and perhaps mirrored about its center.
    """
    return _native.align(dense(embedding, "embedding"), dense(reference, "reference"))
