"""The data sets that maps are judged on: of many kinds and sizes, each with a fixed seed, made when they are not there yet."""

from dataclasses import dataclass
from pathlib import Path

from .environment import HERE, Tools
from .process import must


@dataclass(frozen=True)
class Set:
    """One data set: `name.npy` of `float32`, and `name-labels.npy` where its rows have classes."""

    name: str
    rows: int
    #: What makes it: "first" of MNIST's rows or their leading principal components, "endless" digits, or "synthetic.py".
    maker: str = "synthetic"
    columns: int = 0
    labeled: bool = False
    #: A set that this one is drawn from.
    source: str = ""


def _mnist(name: str, rows: int, source: str = "m70k") -> Set:
    return Set(name, rows, labeled=True, source=source)


ALL: tuple[Set, ...] = (
    Set("iris", 150, labeled=True),
    Set("wine", 178, labeled=True),
    Set("noise500", 500),
    *(_mnist(name, 1_000) for name in ("m1k", "m1kb", "m1kc", "m1kd", "m1ke")),
    Set("digits", 1_797, labeled=True),
    Set("cube", 2_000),
    Set("roll", 3_000, labeled=True),
    Set("line", 3_000, labeled=True),
    Set("duplicates", 3_000, labeled=True, source="m70k"),
    _mnist("m3k", 3_000),
    Set("noise", 5_000),
    Set("square", 5_000, labeled=True),
    Set("densities", 7_000, labeled=True),
    _mnist("m10k", 10_000),
    Set("m10k784", 10_000, "first", 784, labeled=True),
    Set("blobs", 20_000, labeled=True),
    Set("noise20k", 20_000),
    Set("cells", 30_000, labeled=True),
    _mnist("m30k", 30_000),
    Set("m70k", 70_000, "first", 50, labeled=True),
    Set("m70k784", 70_000, "first", 784, labeled=True),
    Set("endless200k", 200_000, "endless", 50, labeled=True),
    Set("endless1m", 1_000_000, "endless", 50, labeled=True),
)

BY_NAME = {each.name: each for each in ALL}

#: Those that are judged when none are named; the larger ones take many minutes each.
USUAL = tuple(each.name for each in ALL if each.rows <= 70_000)


@dataclass(frozen=True)
class Files:
    """Where a data set lies."""

    data: Path
    labels: Path | None


def make(each: Set, folder: Path, tools: Tools) -> Files:
    """The files of a data set, made when they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    data, labels = folder / f"{each.name}.npy", folder / f"{each.name}-labels.npy"
    files = Files(data, labels if each.labeled else None)
    if data.exists() and (not each.labeled or labels.exists()):
        return files
    # The rows come last, under a name of their own until they are whole: a stop leaves nothing that looks like a data set.
    unfinished = folder / f"unfinished-{each.name}.npy"
    if each.maker == "endless":
        command = [tools.gnomonic, "datasets", "make", "endless-digits", "--n", each.rows, "-o", unfinished, "--labels", labels]
        must([*command, "--force", "--quiet"])
    elif each.maker == "first":
        must([tools / "data", "labels", each.rows, labels])
        must([tools / "data", each.rows, unfinished, *([each.columns] if each.columns != 784 else [])])
    else:
        source = make(BY_NAME[each.source], folder, tools) if each.source else None
        words = [source.data, source.labels] if source else []
        must([tools.python, HERE / "synthetic.py", each.name, unfinished, labels, *words])
    unfinished.rename(data)
    return files
