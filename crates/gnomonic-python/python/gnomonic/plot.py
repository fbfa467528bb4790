"""Pictures of maps, as seaborn draws scatter plots; notebooks show them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gnomonic import _native
from gnomonic._arrays import classes, dense


class Picture:
    """A picture that a notebook shows.

    Parameters
    ----------
    png : bytes
        The picture as PNG.
    svg : bytes
        The same as SVG.
    """

    def __init__(self, png: bytes, svg: bytes) -> None:
        self.png = png
        self.svg = svg

    def _repr_png_(self) -> bytes:
        return self.png

    def save(self, path: str | Path) -> None:
        """Write the picture to a file, ``.png`` or ``.svg``.

        Parameters
        ----------
        path : str or Path
            The file; what stands there is replaced.
        """
        path = Path(path)
        kinds = {".png": self.png, ".svg": self.svg}
        if path.suffix.lower() not in kinds:
            raise ValueError(f"{path}: a picture is written as .png or .svg; name it so")
        path.write_bytes(kinds[path.suffix.lower()])

    def __repr__(self) -> str:
        return f"Picture(png={len(self.png)} bytes, svg={len(self.svg)} bytes)"


def scatter(
    embedding: Any,
    labels: Any = None,
    *,
    size: tuple[float, float] = (7.0, 7.0),
    dpi: float = 100.0,
    title: str | None = None,
    legend: bool = True,
    ax: Any = None,
) -> Any:
    """Draw a map of two dimensions.

    Parameters
    ----------
    embedding : array-like of shape (n_samples, 2)
        The map.
    labels : array-like of shape (n_samples,), default=None
        A label for each point, drawn in its color; points without one (``None``, NaN) are gray.
    size : (float, float), default=(7.0, 7.0)
        Width and height in inches.
    dpi : float, default=100.0
        Pixels to an inch.
    title : str, default=None
        A title over the map.
    legend : bool, default=True
        Whether up to thirty labels have a legend.
    ax : matplotlib.axes.Axes, default=None
        Axes to draw on in place of a picture of gnomonic's own.

    Returns
    -------
    Picture or matplotlib.axes.Axes
        What a notebook shows, with ``save``; or ``ax``.

    Examples
    --------
    >>> from gnomonic import plot
    >>> picture = plot.scatter([[0.0, 0.0], [1.0, 1.0]], ["a", "b"])
    >>> picture.png[1:4]
    b'PNG'
    """
    map_ = dense(embedding, "embedding")
    numbers, names = (None, []) if labels is None else classes(labels)
    if numbers is not None and len(numbers) != len(map_):
        raise ValueError(f"{len(numbers)} labels for {len(map_)} points; each point needs one")
    if ax is not None:
        for number, name in enumerate(names or [""]):
            rows = slice(None) if numbers is None else np.flatnonzero(numbers == number)
            ax.scatter(map_[rows, 0], map_[rows, 1], s=5, label=name or None)
        ax.set_aspect("equal")
        ax.set_axis_off()
        if title:
            ax.set_title(title)
        if legend and names:
            ax.legend()
        return ax

    def draw(svg: bool) -> bytes:
        return _native.scatter(
            map_, numbers, names, svg=svg, size=size, dpi=dpi, title=title, legend=legend
        )

    return Picture(draw(False), draw(True))
