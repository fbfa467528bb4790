"""What people pass as data, as arrays that the native module reads without a copy where it can."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


def is_sparse(x: object) -> bool:
    """Whether ``x`` is a sparse matrix or array of SciPy."""
    return type(x).__module__.startswith("scipy.sparse")


def dense(x: Any, name: str = "X") -> F32:
    """A table as contiguous float32, n × d; an array that is so already is not copied."""
    if hasattr(x, "detach") and hasattr(x, "cpu"):
        x = x.detach().cpu().numpy()
    array = np.asarray(x)
    if array.dtype == object:
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} holds what is no number: {error}") from error
    if array.dtype.kind in "cSUVMm":
        raise ValueError(f"{name} holds {array.dtype}; numbers are needed" if array.dtype.kind != "c" else
                         "Complex data not supported")
    if array.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {array.ndim}D array instead: {name} needs a row for each sample. "
            "Reshape your data either using array.reshape(-1, 1) or array.reshape(1, -1)"
        )
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def csr(x: Any) -> tuple[I64, I64, F32, int]:
    """The three arrays of a sparse matrix in compressed sparse rows, and its number of columns."""
    x = x.tocsr()
    return (
        np.ascontiguousarray(x.indptr, dtype=np.int64),
        np.ascontiguousarray(x.indices, dtype=np.int64),
        np.ascontiguousarray(x.data, dtype=np.float32),
        int(x.shape[1]),
    )


def classes(labels: Any) -> tuple[I64, list[str]]:
    """Labels as numbers from 0, −1 where there is none, and their names in order."""
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ValueError(f"labels must be one for each row; they have {array.ndim} dimensions")
    missing = np.array([label is None or label != label for label in array.tolist()], dtype=bool)
    known = array[~missing]
    names, numbers = np.unique(known.astype(str) if known.dtype == object else known, return_inverse=True)
    result = np.full(array.shape, -1, dtype=np.int64)
    result[~missing] = numbers
    return result, [str(name) for name in names]


def threads(n_jobs: int | None) -> int | None:
    """scikit-learn's ``n_jobs`` as a number of threads; all cores for ``None`` and −1."""
    if n_jobs is None or n_jobs == -1:
        return None
    if n_jobs == 0:
        raise ValueError("n_jobs == 0 has no meaning")
    if n_jobs < 0:
        import os

        return max((os.cpu_count() or 1) + 1 + n_jobs, 1)
    return int(n_jobs)
