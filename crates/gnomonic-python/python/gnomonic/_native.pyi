from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__version__: str

_F32 = npt.NDArray[np.float32]
_I64 = npt.NDArray[np.int64]
_Parameters = Mapping[str, object]
_Callback = Callable[..., bool | None]
_Made = tuple[_F32, dict[str, Any]]

def main(arguments: list[str]) -> int: ...
def fit_dense(
    x: _F32, parameters: _Parameters, start: _F32 | None = ..., callback: _Callback | None = ..., every: int | None = ...
) -> _Made: ...
def fit_sparse(
    starts: _I64,
    columns: _I64,
    values: _F32,
    n_features: int,
    parameters: _Parameters,
    start: _F32 | None = ...,
    callback: _Callback | None = ...,
    every: int | None = ...,
) -> _Made: ...
def fit_distances(
    distances: _F32,
    parameters: _Parameters,
    start: _F32 | None = ...,
    callback: _Callback | None = ...,
    every: int | None = ...,
) -> _Made: ...
def fit_graph(
    starts: _I64,
    columns: _I64,
    values: _F32,
    parameters: _Parameters,
    start: _F32 | None = ...,
    callback: _Callback | None = ...,
    every: int | None = ...,
) -> _Made: ...
def transform(x: _F32, map: _F32, perplexity: float, new: _F32, threads: int | None = ...) -> _F32: ...
def start(x: _F32, init: str, n_components: int, seed: int) -> _F32: ...
def neighbors(x: _F32, k: int, parameters: _Parameters) -> tuple[_I64, _F32]: ...
def affinities(indices: _I64, distances: _F32, parameters: _Parameters) -> tuple[_I64, _I64, _F32]: ...
def score(
    x: _F32, map: _F32, n_neighbors: int, labels: npt.NDArray[np.uint32] | None = ..., threads: int | None = ...
) -> dict[str, float]: ...
def align(map: _F32, reference: _F32) -> _F32: ...
def scatter(
    map: _F32,
    classes: _I64 | None,
    names: list[str],
    *,
    svg: bool = ...,
    size: tuple[float, float] = ...,
    dpi: float = ...,
    title: str | None = ...,
    legend: bool = ...,
) -> bytes: ...
