"""The works: which data, how much of it, and who is asked to do it."""

from dataclasses import dataclass
from pathlib import Path

from .process import must

#: The lecture's perplexities, which `gnomonic sweep` takes by default.
SWEEP = "2,5,10,20,30,50,75,100,150"


@dataclass(frozen=True)
class Work:
    """One row of the table: a data file and the perplexities to map it at."""

    name: str
    rows: int
    columns: int
    perplexities: str = "30"
    #: Peers that would take hours, or are known to fail.
    without: tuple[str, ...] = ()
    endless: bool = False

    @property
    def file(self) -> str:
        kind = "endless" if self.endless else "mnist"
        return f"{kind}-{self.rows}x{self.columns}.npy"


_SLOW = ("scikit-learn",)
_FIT_FOR_A_MILLION = ("gnomonic", "manifolds-rs", "manifolds-rs-wheel")
_ALL = (
    "gnomonic",
    "scikit-learn",
    "scikit-learn-intelex",
    "openTSNE",
    "manifolds-rs",
    "manifolds-rs-wheel",
    "bhtsne",
    "umap-learn",
)

#: The suites by name; `all` is all of them, in this order.
SUITES: dict[str, tuple[Work, ...]] = {
    "quick": (Work("2,000 x 784", 2_000, 784),),
    "sweep": (Work("sweep of nine, 1,000 x 784", 1_000, 784, SWEEP, without=("umap-learn",)),),
    "10k": (Work("10,000 x 784", 10_000, 784),),
    "70k": (Work("70,000 x 784", 70_000, 784, without=_SLOW),),
    "70k-pca": (Work("70,000 x 50", 70_000, 50, without=_SLOW),),
    "scale": tuple(
        Work(f"{n:,} x 50", n, 50, endless=True, without=_SLOW if n > 10_000 else ())
        for n in (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
    ),
    "1m": (
        Work(
            "1,000,000 x 50",
            1_000_000,
            50,
            endless=True,
            without=tuple(peer for peer in _ALL if peer not in _FIT_FOR_A_MILLION),
        ),
    ),
}


def make(work: Work, folder: Path, tools: Path) -> Path:
    """The data file of a work, made when it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / work.file
    if path.exists():
        return path
    unfinished = path.with_name("unfinished-" + path.name)
    if work.endless:
        command = [tools / "gnomonic", "datasets", "make", "endless-digits", "--n", work.rows, "-o", unfinished, "--force"]
    else:
        command = [tools / "data", work.rows, unfinished] + ([work.columns] if work.columns != 784 else [])
    must(command)
    unfinished.rename(path)
    return path
