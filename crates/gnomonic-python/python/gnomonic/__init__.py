"""t-SNE: fast, exact about its own error, and the same bits on any number of threads.

>>> import numpy as np
>>> from gnomonic import TSNE
>>> X = np.random.default_rng(0).normal(size=(200, 10))
>>> TSNE(random_state=42).fit_transform(X).shape
(200, 2)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gnomonic import plot
    from gnomonic._native import __version__
    from gnomonic._maps import embed, sweep, tsne
    from gnomonic._stages import affinities, align, neighbors, score
    from gnomonic._tsne import TSNE

__all__ = [
    "TSNE",
    "__version__",
    "affinities",
    "align",
    "embed",
    "neighbors",
    "plot",
    "score",
    "sweep",
    "tsne",
]

# Found when first asked for: the estimator needs scikit-learn's base classes, which take a second to import, and the command none of it.
_MODULES = {
    "_stages": ("affinities", "align", "neighbors", "score"),
    "_maps": ("embed", "sweep", "tsne"),
    "_tsne": ("TSNE",),
    "_native": ("__version__",),
}


def __getattr__(name: str) -> Any:
    if name == "plot":
        return importlib.import_module("gnomonic.plot")
    for module, names in _MODULES.items():
        if name in names:
            value = getattr(importlib.import_module(f"gnomonic.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'gnomonic' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
