"""Whether the classes of a map are in one piece, and how far out its farthest points lie; permutes rows, and puts them back.

Reads one request a line from standard input, as JSON, and answers each with one line: the packages are imported once for all
maps. `maps.py` starts it in the environment that has NumPy and SciPy.

    {"do": "pieces", "map": "MAP.npy", "labels": "LABELS.npy" or null}
    {"do": "permute", "data": "X.npy", "seed": 1, "to": "FILE.npy"}
    {"do": "restore", "map": "MAP.npy", "seed": 1, "to": "FILE.npy"}
"""

import json
import sys

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

#: Points of a class nearer than this, in RMS radii of the whole map, are in one piece.
REACH = 0.06

#: From how many points on. The gaps between fewer are wider, by the root of their number, in any map: there the reach is too.
DENSE = 10_000


def largest_piece(points, reach):
    """The share of the points that are in their largest connected piece."""
    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2)
    _, piece = connected_components(graph, directed=False)
    return np.bincount(piece).max() / len(points)


def pieces(request):
    y = np.load(request["map"]).astype(float)
    rms = np.sqrt(((y - y.mean(0)) ** 2).sum(1).mean())
    radii = np.sqrt(((y - np.median(y, 0)) ** 2).sum(1)) / rms
    answer = {"rms": rms, "farthest": radii.max(), "radius_999": np.quantile(radii, 0.999)}
    if request["labels"]:
        labels = np.load(request["labels"]).ravel().astype(int)
        reaches = {"strict": REACH, "piece": REACH * np.sqrt(max(1.0, DENSE / len(y)))}
        for name, reach in reaches.items():
            shares = [largest_piece(y[labels == label], reach * rms) for label in np.unique(labels)]
            answer |= {f"{name}_mean": np.mean(shares), f"{name}_least": np.min(shares)}
    return {name: float(value) for name, value in answer.items()}


def order(n, seed):
    return np.random.default_rng(seed).permutation(n)


def permute(request):
    x = np.load(request["data"])
    np.save(request["to"], x[order(len(x), request["seed"])])
    return {}


def restore(request):
    moved = np.load(request["map"])
    y = np.empty_like(moved)
    y[order(len(y), request["seed"])] = moved
    np.save(request["to"], y)
    return {}


ANSWERS = {"pieces": pieces, "permute": permute, "restore": restore}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(ANSWERS[request["do"]](request)), flush=True)


if __name__ == "__main__":
    main()
