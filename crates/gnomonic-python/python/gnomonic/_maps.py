"""Maps in one call: of data, at several perplexities, and of cells."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from gnomonic import _native
from gnomonic._arrays import F32, dense
from gnomonic._tsne import METRICS, TSNE


def embed(X: Any, **parameters: Any) -> F32:
    """Map data: ``TSNE(**parameters).fit_transform(X)``.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The data.
    **parameters
        Those of :class:`TSNE`.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_components)
        The map.

    Examples
    --------
    >>> import numpy as np
    >>> from gnomonic import embed
    >>> embed(np.random.default_rng(0).normal(size=(50, 4)), perplexity=5).shape
    (50, 2)
    """
    return TSNE(**parameters).fit_transform(X)


def sweep(X: Any, perplexities: Iterable[float], **parameters: Any) -> dict[float, TSNE]:
    """Map data at several perplexities from one search for neighbors, each map turned to that of the next larger perplexity.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The data.
    perplexities : iterable of float
        The perplexities, each below the number of samples.
    **parameters
        Other parameters of :class:`TSNE`.

    Returns
    -------
    dict of float to TSNE
        A fitted estimator for each perplexity, in the order given.

    Examples
    --------
    >>> import numpy as np
    >>> from gnomonic import sweep
    >>> maps = sweep(np.random.default_rng(0).normal(size=(60, 4)), [5, 10])
    >>> [map.embedding_.shape for map in maps.values()]
    [(60, 2), (60, 2)]
    """
    asked = [float(perplexity) for perplexity in perplexities]
    rows = dense(X)
    if not asked:
        return {}
    first = TSNE(perplexity=max(asked), **parameters)
    settings = first._parameters()
    for perplexity in asked:
        if perplexity >= len(rows):
            raise ValueError(f"perplexity ({perplexity}) must be less than n_samples ({len(rows)})")
    if first.metric not in METRICS:
        raise ValueError(f"sweep takes the metrics that the library knows, {sorted(METRICS)}; got {first.metric!r}")
    metric = first._metric_name()
    k = max(1, min(int(3 * max(asked)), len(rows) - 1))
    indices, distances = _native.neighbors(rows, k, {**settings, "metric": metric})
    seed = settings["seed"]
    start = first._start(len(rows))
    if start is None:
        start = _native.start(rows, str(first.init), settings["n_components"], 42 if seed is None else seed)
    maps: dict[float, TSNE] = {}
    starts = np.arange(0, indices.size + 1, k, dtype=np.int64)
    for perplexity in asked:
        one = TSNE(perplexity=perplexity, **parameters)
        one.embedding_, one.record_ = _native.fit_graph(
            starts, indices.ravel(), distances.ravel(), {**one._parameters(), "metric": metric}, start
        )
        one.n_features_in_ = rows.shape[1]
        one.kl_divergence_ = float(one.record_["kl_divergence"])
        one.n_iter_ = int(one.record_["n_iter"])
        one.learning_rate_ = float(one.record_["learning_rate"])
        one._rows, one._rows_sum = rows, zlib.crc32(rows.data)
        maps[perplexity] = one
    order = sorted(maps, reverse=True)
    for larger, smaller in zip(order, order[1:]):
        maps[smaller].embedding_ = _native.align(maps[smaller].embedding_, maps[larger].embedding_)
    return maps


def tsne(adata: Any, *, use_rep: str | None = None, n_pcs: int | None = None, copy: bool = False, **parameters: Any) -> Any:
    """Map the cells of an AnnData object, as ``scanpy.tl.tsne`` does.

    Parameters
    ----------
    adata : anndata.AnnData
        The cells.
    use_rep : str, default=None
        The representation, ``"X"`` or a key of ``obsm``. By default ``"X_pca"`` where there is one, and ``X`` otherwise.
    n_pcs : int, default=None
        How many columns of it.
    copy : bool, default=False
        Whether to change and return a copy.
    **parameters
        Those of :class:`TSNE`.

    Returns
    -------
    anndata.AnnData or None
        The copy, or nothing: ``obsm["X_tsne"]`` is the map and ``uns["tsne"]`` its parameters.
    """
    adata = adata.copy() if copy else adata
    key = use_rep if use_rep is not None else ("X_pca" if "X_pca" in adata.obsm else "X")
    rows = adata.X if key == "X" else adata.obsm[key]
    if n_pcs is not None:
        rows = rows[:, :n_pcs]
    estimator = TSNE(**parameters)
    adata.obsm["X_tsne"] = estimator.fit_transform(rows)
    kept = {
        name: value
        for name, value in estimator.get_params().items()
        if isinstance(value, (str, int, float)) and value is not None
    }
    adata.uns["tsne"] = {"params": {**kept, "use_rep": key}, "kl_divergence": estimator.kl_divergence_}
    return adata if copy else None
