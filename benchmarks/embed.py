"""Makes the maps of one Python package, as a process of its own that `run.py` times from outside.

    python embed.py PEER DATA.npy PERPLEXITY[,PERPLEXITY...] MAP.npy [THREADS]

With several perplexities, MAP.npy becomes MAP-<perplexity>.npy for each. Whatever is not set here is the package's default;
README.md has the table of settings. Packages are imported by the function that needs them: their start is part of the time.
"""

import os
import sys

SEED = 42


def scikit_learn(x, perplexity, threads):
    from sklearn.manifold import TSNE

    return TSNE(perplexity=perplexity, random_state=SEED, n_jobs=threads).fit_transform(x)


def scikit_learn_intelex(x, perplexity, threads):
    from sklearnex.manifold import TSNE

    return TSNE(perplexity=perplexity, random_state=SEED, n_jobs=threads).fit_transform(x)


def open_tsne(x, perplexity, threads):
    from openTSNE import TSNE

    return TSNE(perplexity=perplexity, random_state=SEED, n_jobs=threads).fit(x)


def manifolds(x, perplexity, threads):
    import manifolds_rs

    # Its wheel's default is a tree; its authors' fastest is three-kernel FFT. Neighbors: exact by default, which is the
    # slower choice for many rows, so there the inverted file that the crate itself defaults to.
    manifolds_rs.set_num_threads(threads)
    search = "kmknn" if len(x) <= 10_000 else "ivf"
    return manifolds_rs.TSNE(perplexity=perplexity, approx="fft_3k", ann=search, seed=SEED).fit_transform(x)


def umap(x, perplexity, threads):
    from umap import UMAP

    # Another objective, here for context. Without a seed, or it would use one thread.
    return UMAP(n_jobs=threads).fit_transform(x)


PEERS = {
    "scikit-learn": scikit_learn,
    "scikit-learn-intelex": scikit_learn_intelex,
    "openTSNE": open_tsne,
    "manifolds-rs-wheel": manifolds,
    "umap-learn": umap,
}


def split(sweep, target):
    """Writes the maps of a `sweep.csv` of gnomonic as one .npy for each perplexity."""
    import numpy as np

    with open(sweep, encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    table = np.loadtxt(sweep, delimiter=",", skiprows=1, usecols=[names.index(n) for n in ("perplexity", "index", "x", "y")])
    for perplexity in np.unique(table[:, 0]):
        rows = table[table[:, 0] == perplexity]
        rows = rows[np.argsort(rows[:, 1])]
        np.save(place(target, f"{perplexity:g}"), rows[:, 2:].astype(np.float32))


def place(target, perplexity):
    stem, extension = os.path.splitext(target)
    return f"{stem}-{perplexity}{extension}"


def main(arguments):
    if arguments[0] == "split":
        return split(*arguments[1:])
    peer, data, perplexities, target, *threads = arguments
    import numpy as np

    x = np.load(data)
    perplexities = perplexities.split(",")
    for perplexity in perplexities:
        y = PEERS[peer](x, float(perplexity), int(threads[0]) if threads else os.cpu_count())
        y = np.ascontiguousarray(y, dtype=np.float32)
        np.save(target if len(perplexities) == 1 else place(target, perplexity), y)


if __name__ == "__main__":
    main(sys.argv[1:])
