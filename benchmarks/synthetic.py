"""Makes one of the data sets that `maps.py` judges on, as a process of its own, in the environment that has NumPy.

    python synthetic.py NAME DATA.npy LABELS.npy [SOURCE.npy SOURCE-LABELS.npy]

The rows are written as `float32`; the labels, where a set has any, as integers. Every set has a seed of its own. A manifold is
one class: whether its map is in one piece is worth knowing too.
"""

import sys
import zlib

import numpy as np


def iris(_):
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)


def wine(_):
    """Its columns as they are, not standardized: proline, the widest, then rules."""
    from sklearn.datasets import load_wine

    return load_wine(return_X_y=True)


def digits(_):
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


def cube(random):
    return random.uniform(size=(2_000, 10)), None


def roll(random):
    from sklearn.datasets import make_swiss_roll

    return make_swiss_roll(3_000, random_state=int(random.integers(1 << 31)))[0], np.zeros(3_000)


def line(random):
    """Uniform on a line that no axis is parallel to."""
    return np.outer(random.uniform(size=3_000), np.arange(1, 11)), np.zeros(3_000)


def square(random):
    return random.uniform(size=(5_000, 2)), np.zeros(5_000)


def normal(rows, columns):
    return lambda random: (random.normal(size=(rows, columns)), None)


def densities(random):
    """Seven normal clusters of 1,000, each twice as wide as the one before, the narrowest 1 and the widest 64."""
    labels = np.repeat(np.arange(7), 1_000)
    centers = random.normal(size=(7, 20)) * 40
    return centers[labels] + random.normal(size=(7_000, 20)) * 2.0 ** labels[:, None], labels


def blobs(random):
    """A hundred normal clusters of 200."""
    labels = random.permutation(np.repeat(np.arange(100), 200))
    return (random.normal(size=(100, 30)) * 2.0)[labels] + random.normal(size=(20_000, 30)), labels


def cells(random):
    """Like principal components of single cells: 40 types whose sizes have a long tail, each with programs of its own that
    its cells use to different degrees, a gradient of depth that all share, and noise that falls from axis to axis."""
    types, rows, axes = 40, 30_000, 50
    sizes = random.lognormal(sigma=1.3, size=types)
    labels = random.choice(types, size=rows, p=sizes / sizes.sum())
    decay = 1.0 / np.sqrt(1.0 + np.arange(axes) / 4.0)
    families = random.normal(size=(8, axes)) * 2.0
    centers = families[random.integers(8, size=types)] + random.normal(size=(types, axes))
    programs = random.normal(size=(types, 3, axes)) * 0.35
    use = random.gamma(1.5, 1.0, size=(rows, 3))
    depth = np.outer(random.normal(size=rows), random.normal(size=axes) * 0.5)
    x = centers[labels] + np.einsum("ik,ikd->id", use, programs[labels]) + depth
    return x * decay + random.normal(size=(rows, axes)), labels


def sample(rows):
    """Some rows of MNIST's 50 leading principal components, drawn at random."""

    def of(random, x, labels):
        chosen = random.choice(len(x), size=rows, replace=False)
        return x[chosen], labels[chosen]

    return of


def duplicates(random, x, labels):
    """1,000 different rows, each three times."""
    chosen = random.permutation(np.repeat(random.choice(len(x), size=1_000, replace=False), 3))
    return x[chosen], labels[chosen]


MAKERS = {
    "iris": iris,
    "wine": wine,
    "digits": digits,
    "cube": cube,
    "roll": roll,
    "line": line,
    "square": square,
    "noise500": normal(500, 20),
    "noise": normal(5_000, 50),
    "noise20k": normal(20_000, 20),
    "densities": densities,
    "blobs": blobs,
    "cells": cells,
    "duplicates": duplicates,
    "m3k": sample(3_000),
    "m10k": sample(10_000),
    "m30k": sample(30_000),
    **{name: sample(1_000) for name in ("m1k", "m1kb", "m1kc", "m1kd", "m1ke")},
}


def main(name, data, labels, *source):
    # The name is the seed, so that no set changes when another is added.
    random = np.random.default_rng(zlib.crc32(name.encode()))
    x, classes = MAKERS[name](random, *(np.load(file) for file in source))
    if classes is not None:
        np.save(labels, np.asarray(classes, dtype=np.int32))
    np.save(data, np.ascontiguousarray(x, dtype=np.float32))


if __name__ == "__main__":
    main(*sys.argv[1:])
