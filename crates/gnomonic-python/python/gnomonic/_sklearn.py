"""The classes that scikit-learn's estimators are made of, or stand-ins where it is not installed."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    class BaseEstimator:
        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **parameters: Any) -> Any: ...
        def __sklearn_tags__(self) -> Any: ...

    class TransformerMixin: ...

    class ClassNamePrefixFeaturesOutMixin: ...

    HAS_SKLEARN = True
else:
    try:
        from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin

        HAS_SKLEARN = True
    except ImportError:
        HAS_SKLEARN = False

        class BaseEstimator:
            """Parameters are those of ``__init__``."""

            def get_params(self, deep=True):
                names = list(inspect.signature(type(self).__init__).parameters)[1:]
                return {name: getattr(self, name) for name in names}

            def set_params(self, **parameters):
                known = self.get_params()
                for name, value in parameters.items():
                    if name not in known:
                        raise ValueError(f"Invalid parameter {name!r} for estimator {self!r}.")
                    setattr(self, name, value)
                return self

            def __repr__(self):
                default = inspect.signature(type(self).__init__).parameters
                changed = (
                    f"{name}={value!r}"
                    for name, value in self.get_params().items()
                    if value is not default[name].default
                )
                return f"{type(self).__name__}({', '.join(changed)})"

        class TransformerMixin:
            """Nothing without scikit-learn."""

        class ClassNamePrefixFeaturesOutMixin:
            """Names of the map's columns."""

            def get_feature_names_out(self, input_features=None):
                import numpy as np

                prefix = type(self).__name__.lower()
                return np.asarray([f"{prefix}{i}" for i in range(self._n_features_out)], dtype=object)


def random_seed(random_state: Any) -> int | None:
    """A seed from scikit-learn's ``random_state``; ``None`` stays, and means the library's own."""
    if random_state is None:
        return None
    if isinstance(random_state, bool):
        raise ValueError(f"{random_state!r} cannot be used to seed")
    if hasattr(random_state, "__index__"):
        seed = int(random_state.__index__())
        if seed < 0:
            raise ValueError(f"random_state is {seed}; it must not be negative")
        return seed
    if hasattr(random_state, "integers"):
        return int(random_state.integers(2**31 - 1))
    if hasattr(random_state, "randint"):
        return int(random_state.randint(2**31 - 1))
    raise ValueError(f"{random_state!r} cannot be used to seed")
