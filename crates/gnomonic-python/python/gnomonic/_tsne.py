"""The estimator."""

from __future__ import annotations

import warnings
import zlib
from typing import Any

import numpy as np

from gnomonic import _native
from gnomonic import plot as plot_module
from gnomonic._arrays import F32, csr, dense, is_sparse, threads
from gnomonic._listener import Listener
from gnomonic._sklearn import (
    HAS_SKLEARN,
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    random_seed,
)

#: Names of metrics that the library knows.
METRICS = frozenset(
    "euclidean l2 sqeuclidean cosine correlation mahalanobis manhattan cityblock l1 chebyshev minkowski canberra "
    "braycurtis hamming jaccard".split()
)


class TSNE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """t-SNE, with the parameters of ``sklearn.manifold.TSNE``.

    A default of ``"auto"`` is gnomonic's own, which is better than the textbook's (its documentation says by how much); a value is taken for
    what it says.

    Parameters
    ----------
    n_components : int, default=2
        Dimensions of the map. Up to 3 with ``method="field"``, any number with ``"exact"``.
    perplexity : float, default=30.0
        Effective number of neighbors of each sample, at least 1 and below the number of samples.
    early_exaggeration : float or "auto", default="auto"
        Factor on attraction in the first iterations. ``"auto"`` is 6; scikit-learn has 12.
    learning_rate : float or "auto", default="auto"
        Step size. ``"auto"`` follows the number of samples.
    max_iter : int or "auto", default="auto"
        Iterations. ``"auto"`` is 350 to 500, by the number of samples; scikit-learn has 1000.
    n_iter_without_progress : int, default=300
        Accepted and without effect: a run of gnomonic is short, and ends with iterations in which the map settles.
    min_grad_norm : float, default=1e-7
        A map whose gradient is smaller settles and ends. The default never ends a run.
    metric : str or callable, default="euclidean"
        ``"euclidean"``, ``"sqeuclidean"``, ``"cosine"``, ``"correlation"``, ``"mahalanobis"``, ``"manhattan"``, ``"chebyshev"``,
        ``"minkowski"``, ``"canberra"``, ``"braycurtis"``, ``"hamming"``, ``"jaccard"``; ``"precomputed"`` for a square array of distances, or a
        sparse graph of neighbors' distances as ``KNeighborsTransformer`` makes it. A callable takes two rows and returns their distance. Other
        names of scikit-learn's ``pairwise_distances`` work where it is installed.
    metric_params : dict, default=None
        ``{"p": …}`` for ``"minkowski"``; keywords for other metrics.
    init : {"pca", "random"} or array of shape (n_samples, n_components), default="pca"
        Where the points start. ``"pca"`` works for sparse rows and for square distances too; a graph of neighbors starts at random.
    verbose : int, default=0
        1 shows progress, by tqdm where it is installed.
    random_state : int, RandomState, Generator or None, default=None
        The seed. ``None`` is the seed 42 of the library: a run gives the same map every time, on any number of threads.
    method : {"auto", "field", "exact", "barnes_hut"}, default="auto"
        How the sums over all pairs are formed. ``"auto"`` is exact for few samples and the field beyond. ``"barnes_hut"`` is slower and less
        exact than the field; in other than two dimensions, the field is taken in its place.
    angle : float, default=0.5
        Of ``"barnes_hut"``.
    n_jobs : int, default=None
        Threads; all cores by default. The map does not depend on it.
    exaggeration : float, default=None
        Factor on attraction after early exaggeration; 4 makes maps like those of UMAP.
    dof : float, default=None
        Degrees of freedom of the map's kernel, from 0.1 to 100. ``None`` is one less than the dimensions and at least 1, as in scikit-learn.
    affinity : str, default=None
        In place of the perplexity: ``"multiscale:5,50"``, ``"mixture:5,50"``, ``"uniform:15"``, ``"fixed:10"``.
    neighbor_method : {"auto", "exact", "approximate", "shortlist", "clustered"}, default="auto"
        How neighbors are found.
    callbacks : callable or list of callables, default=None
        Called as ``callback(iteration, kl_divergence, embedding)`` every ``callbacks_every_iters`` iterations, where ``kl_divergence`` is NaN
        unless it was computed. One that returns ``True`` ends the run with the map so far, as in openTSNE.
    callbacks_every_iters : int, default=50
        Iterations between two calls.
    n_iter : int, default=None
        An older name of ``max_iter``.

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n_samples, n_components)
        The map.
    kl_divergence_ : float
        The Kullback-Leibler divergence of the map, in nats.
    n_iter_ : int
        Iterations done.
    learning_rate_ : float
        The step size after early exaggeration.
    n_features_in_ : int
        Columns of the data.
    feature_names_in_ : ndarray of str
        Their names, where the data has names.
    record_ : dict
        What was chosen and how it went.

    Examples
    --------
    >>> import numpy as np
    >>> from gnomonic import TSNE
    >>> X = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    >>> TSNE(n_components=2, perplexity=3, random_state=0).fit_transform(X).shape
    (4, 2)
    """

    embedding_: F32
    kl_divergence_: float
    n_iter_: int
    learning_rate_: float
    n_features_in_: int
    record_: dict[str, Any]
    _rows: F32 | None
    _rows_sum: int

    def __init__(
        self,
        n_components: int = 2,
        *,
        perplexity: float = 30.0,
        early_exaggeration: float | str = "auto",
        learning_rate: float | str = "auto",
        max_iter: int | str | None = "auto",
        n_iter_without_progress: int = 300,
        min_grad_norm: float = 1e-7,
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        init: Any = "pca",
        verbose: int = 0,
        random_state: Any = None,
        method: str = "auto",
        angle: float = 0.5,
        n_jobs: int | None = None,
        exaggeration: float | None = None,
        dof: float | None = None,
        affinity: str | None = None,
        neighbor_method: str = "auto",
        callbacks: Any = None,
        callbacks_every_iters: int = 50,
        n_iter: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.early_exaggeration = early_exaggeration
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.n_iter_without_progress = n_iter_without_progress
        self.min_grad_norm = min_grad_norm
        self.metric = metric
        self.metric_params = metric_params
        self.init = init
        self.verbose = verbose
        self.random_state = random_state
        self.method = method
        self.angle = angle
        self.n_jobs = n_jobs
        self.exaggeration = exaggeration
        self.dof = dof
        self.affinity = affinity
        self.neighbor_method = neighbor_method
        self.callbacks = callbacks
        self.callbacks_every_iters = callbacks_every_iters
        self.n_iter = n_iter

    # scikit-learn's contract

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"pairwise": self.metric == "precomputed", "preserves_dtype": []}

    @property
    def _n_features_out(self) -> int:
        return int(self.embedding_.shape[1])

    def fit(self, X: Any, y: None = None) -> TSNE:
        """Map ``X``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or (n_samples, n_samples) for ``metric="precomputed"``
            The data: NumPy, pandas, polars, pyarrow, lists, torch tensors on the CPU, SciPy's sparse matrices. Contiguous float32 is not copied.
        y : None
            Ignored.

        Returns
        -------
        TSNE
            The estimator itself.

        Raises
        ------
        ValueError
            For data and parameters that no map can be made of; the message names the bound.
        MemoryError
            Where the system refuses the memory that the run needs.
        """
        self._run(X)
        return self

    def fit_transform(self, X: Any, y: None = None) -> F32:
        """Map ``X`` and return the map.

        Parameters
        ----------
        X : array-like or sparse matrix
            As of :meth:`fit`.
        y : None
            Ignored.

        Returns
        -------
        ndarray of float32, shape (n_samples, n_components)
            The map.
        """
        self._run(X)
        return self.embedding_

    def transform(self, X: Any) -> F32:
        """Lay new rows on the finished map, whose points stay where they are.

        A row that was mapped lies where it was mapped. What a row gets depends on that row and the map alone.

        Parameters
        ----------
        X : array-like of shape (n_new, n_features)
            New rows.

        Returns
        -------
        ndarray of float32, shape (n_new, n_components)
            Their places.

        Raises
        ------
        ValueError
            Another number of columns; and maps that take no new rows: of other than two dimensions, another kernel, metric or affinity, and
            of sparse rows.
        """
        self._check_is_fitted()
        rows = self._checked(X, reset=False)
        known = getattr(self, "_rows", None)
        if known is None or is_sparse(rows):
            raise ValueError("transform needs a map of dense rows; this one was made of sparse rows or of distances")
        if zlib.crc32(known.data) != self._rows_sum:
            raise ValueError("the rows that were mapped have been changed since, so new ones cannot be compared with them: fit again")
        # By their hashes, which take less room than the rows once more; a row that only shares its hash is a new one.
        places = {hash(known[i].tobytes()): i for i in reversed(range(len(known)))}
        found = np.array([places.get(hash(row.tobytes()), -1) for row in rows], dtype=np.int64)
        found[[at >= 0 and not np.array_equal(known[at], row) for at, row in zip(found, rows)]] = -1
        result = np.empty((len(rows), self.embedding_.shape[1]), dtype=np.float32)
        result[found >= 0] = self.embedding_[found[found >= 0]]
        new = np.ascontiguousarray(rows[found < 0])
        usual = self.n_components == 2 and self._dof() == 1.0 and self.affinity is None
        if len(new) and not (usual and self.metric == "euclidean"):
            raise ValueError(
                "transform takes rows that were not mapped for maps of two dimensions, with one degree of freedom, made by the euclidean metric "
                "and a perplexity"
            )
        if len(new):
            result[found < 0] = _native.transform(
                known, self.embedding_, float(self.perplexity), new, threads(self.n_jobs)
            )
        return result

    # the run

    def _check_is_fitted(self) -> None:
        if HAS_SKLEARN:
            from sklearn.utils.validation import check_is_fitted

            check_is_fitted(self, "embedding_")
        elif not hasattr(self, "embedding_"):
            raise AttributeError(f"This {type(self).__name__} instance is not fitted yet. Call 'fit' first.")

    def _checked(self, X: Any, reset: bool) -> Any:
        """The data as float32, dense or sparse, checked as scikit-learn does where it is installed."""
        if hasattr(X, "detach") and hasattr(X, "cpu"):
            X = X.detach().cpu().numpy()
        if not HAS_SKLEARN:
            rows = X.tocsr() if is_sparse(X) else dense(X)
            if reset:
                self.n_features_in_ = int(rows.shape[1])
                names = getattr(X, "columns", None)
                if names is not None and all(isinstance(name, str) for name in names):
                    self.feature_names_in_ = np.asarray(names, dtype=object)
            elif rows.shape[1] != self.n_features_in_:
                raise ValueError(
                    f"X has {rows.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input"
                )
            return rows
        keywords: dict[str, Any] = {
            "accept_sparse": "csr",
            "dtype": np.float32,
            "order": "C",
            "ensure_min_samples": 2 if reset else 1,
        }
        try:
            from sklearn.utils.validation import validate_data
        except ImportError:
            return self._validate_data(X, reset=reset, **keywords)  # type: ignore[attr-defined]
        return validate_data(self, X, reset=reset, **keywords)

    def _dof(self) -> float:
        return float(max(self.n_components - 1, 1) if self.dof is None else self.dof)

    def _parameters(self) -> dict[str, Any]:
        """The parameters as the library takes them."""
        n_components = self.n_components
        if not isinstance(n_components, (int, np.integer)) or isinstance(n_components, bool) or n_components < 1:
            raise ValueError(f"n_components must be an int of at least 1; got {n_components!r}")
        if self.method not in ("auto", "field", "exact", "barnes_hut"):
            raise ValueError(f"method must be 'auto', 'field', 'exact' or 'barnes_hut'; got {self.method!r}")
        method, angle = self.method, self.angle
        if method == "barnes_hut":
            if n_components > 3:
                raise ValueError(
                    "'n_components' should be inferior to 4 for the barnes_hut algorithm as it relies on quad-tree or oct-tree."
                )
            if n_components != 2 or self._dof() != 1.0:
                method = "field"
        iterations = self.n_iter if self.n_iter is not None else self.max_iter
        if not isinstance(self.perplexity, (int, float, np.number)):
            raise ValueError(f"perplexity must be a number; got {self.perplexity!r}")
        if iterations is not None and not isinstance(iterations, str) and iterations < 1:
            raise ValueError(f"max_iter must be at least 1; got {iterations!r}")
        if not isinstance(self.learning_rate, str) and self.learning_rate <= 0:
            raise ValueError(f"learning_rate must be positive or 'auto'; got {self.learning_rate!r}")
        return {
            "n_components": int(n_components),
            "perplexity": float(self.perplexity),
            "affinity": self.affinity,
            "early_exaggeration": _number(self.early_exaggeration, "early_exaggeration"),
            "exaggeration": self.exaggeration,
            "learning_rate": _number(self.learning_rate, "learning_rate"),
            "iterations": None if isinstance(iterations, str) or iterations is None else int(iterations),
            "min_gradient_norm": None if self.min_grad_norm <= 1e-7 else float(self.min_grad_norm),
            "dof": self._dof(),
            "method": method,
            "angle": float(angle),
            "neighbor_method": self.neighbor_method,
            "seed": random_seed(self.random_state),
            "threads": threads(self.n_jobs),
        }

    def _run(self, X: Any) -> None:
        parameters = self._parameters()
        rows = self._checked(X, reset=True)
        n = rows.shape[0]
        if self.affinity is None and self.perplexity >= n:
            raise ValueError(f"perplexity ({self.perplexity}) must be less than n_samples ({n})")
        start = self._start(n)
        if start is None:
            parameters["init"] = self.init
        listener = Listener(
            self.callbacks, int(self.callbacks_every_iters), self.n_components, verbose=bool(self.verbose)
        )
        arguments = {"start": start, "callback": listener.callback(), "every": listener.every}
        self._rows = None
        try:
            embedding, record = self._fit(rows, parameters, arguments)
        finally:
            listener.close()
        for warning in record["warnings"]:
            warnings.warn(warning, stacklevel=3)
        self.embedding_ = embedding
        self.kl_divergence_ = float(record["kl_divergence"])
        self.n_iter_ = int(record["n_iter"])
        self.learning_rate_ = float(record["learning_rate"])
        self.record_ = record

    def _fit(self, rows: Any, parameters: dict[str, Any], arguments: dict[str, Any]) -> tuple[F32, dict[str, Any]]:
        metric = self.metric
        if metric == "precomputed":
            if is_sparse(rows):
                starts, columns, values, _ = csr(rows)
                return _native.fit_graph(starts, columns, values, parameters, **arguments)
            if rows.shape[0] != rows.shape[1]:
                raise ValueError("X should be a square distance matrix")
            if (rows < 0).any():
                raise ValueError(
                    "All distances should be positive, the precomputed distances given as X is not correct"
                )
            return _native.fit_distances(dense(rows), parameters, **arguments)
        if callable(metric) or metric not in METRICS:
            table = self._table(rows, metric)
            if arguments["start"] is None and parameters["init"] == "pca" and not is_sparse(rows):
                seed = parameters["seed"]
                arguments["start"] = _native.start(
                    dense(rows), "pca", parameters["n_components"], 42 if seed is None else seed
                )
            return _native.fit_distances(table, parameters, **arguments)
        parameters["metric"] = self._metric_name()
        if is_sparse(rows):
            starts, columns, values, n_features = csr(rows)
            return _native.fit_sparse(starts, columns, values, n_features, parameters, **arguments)
        rows = dense(rows)
        self._rows, self._rows_sum = rows, zlib.crc32(rows.data)
        return _native.fit_dense(rows, parameters, **arguments)

    def _metric_name(self) -> str:
        """The metric as the library calls it."""
        if self.metric == "minkowski":
            return f"minkowski:{float((self.metric_params or {}).get('p', 2))}"
        return str(self.metric)

    def _table(self, rows: Any, metric: Any) -> F32:
        """All distances by a metric that the library does not know."""
        keywords = self.metric_params or {}
        if HAS_SKLEARN:
            from sklearn.metrics import pairwise_distances

            table = pairwise_distances(rows, metric=metric, **keywords)
        elif callable(metric):
            n = len(rows)
            table = np.zeros((n, n))
            for i in range(n):
                for j in range(i):
                    table[i, j] = table[j, i] = metric(rows[i], rows[j], **keywords)
        else:
            raise ValueError(f"metric {metric!r} is not known; it must be one of {sorted(METRICS)}, or a callable")
        return np.ascontiguousarray(0.5 * (table + table.T), dtype=np.float32)

    def _start(self, n: int) -> F32 | None:
        if isinstance(self.init, str):
            if self.init not in ("pca", "random"):
                raise ValueError(f"init must be 'pca', 'random' or an array; got {self.init!r}")
            return None
        start = dense(self.init, "init")
        if start.shape != (n, self.n_components):
            raise ValueError(f"init has shape {start.shape}; it must be {(n, self.n_components)}")
        return start

    # pictures

    def plot(self, labels: Any = None, **keywords: Any) -> Any:
        """Draw the map.

        Parameters
        ----------
        labels : array-like of shape (n_samples,), default=None
            A label for each point.
        **keywords
            As of :func:`gnomonic.plot.scatter`.

        Returns
        -------
        gnomonic.plot.Picture
            What a notebook shows.
        """
        self._check_is_fitted()
        return plot_module.scatter(self.embedding_, labels, **keywords)


def _number(value: float | str | None, name: str) -> float | None:
    if value is None or value == "auto":
        return None
    if isinstance(value, str):
        raise ValueError(f"{name} must be a number or 'auto'; got {value!r}")
    return float(value)
