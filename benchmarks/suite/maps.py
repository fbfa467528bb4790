"""One map from one start, and all that is measured on it."""

import json
import subprocess
from pathlib import Path

from .environment import HERE, Tools, target
from .process import answer
from .sets import Files, Set

#: Up to as many rows `gnomonic score` takes seconds. Beyond, the judge: divergence and kept neighbors, its search kept.
SCORED_UP_TO = 30_000


class Judge:
    """Makes maps by one command and judges them by the tools built here, whatever the command."""

    def __init__(self, tools: Tools, folder: Path, command: Path, extra: list[str], trustworthiness: bool):
        self.tools, self.folder, self.command, self.extra = tools, folder, command, extra
        self.trustworthiness = trustworthiness
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self):
        words = [str(self.tools.python), str(HERE / "pieces.py")]
        self.pieces = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.pieces.stdin.close()
        self.pieces.wait()

    def map(self, each: Set, of: Files, perplexity: str, start: tuple[str, int]) -> dict[str, str]:
        """Maps and judges; the map of the PCA start is kept.

        Other PCA starts are the same rows in another order, seeded: P and the start are the same but for rounding, so their
        scatter is that of the descent alone. Random starts have a seed, and say how far a map depends on a good start.
        """
        how, number = start
        kept = self.folder / f"{each.name}-p{perplexity}.npy"
        map_ = kept if start == ("pca", 0) else self.folder / "map.npy"
        moved = how == "pca" and number > 0
        data, made = of.data, map_
        if moved:
            data, made = self.folder / "rows.npy", self.folder / "moved.npy"
            self._ask(do="permute", data=str(of.data), seed=number, to=str(data))
        flags = ["--init", "random", "--seed", number] if how == "random" else []
        answer([self.command, "embed", data, "-o", made, "--perplexity", perplexity, *flags, *self.extra, "--force", "--quiet"])
        if moved:
            self._ask(do="restore", map=str(made), seed=number, to=str(map_))
        measured = self._scores(each, of, map_, perplexity)
        measured |= self._ask(do="pieces", map=str(map_), labels=str(of.labels) if of.labels else None)
        for file in ("rows.npy", "moved.npy", "map.npy"):
            (self.folder / file).unlink(missing_ok=True)
        return {name: f"{value:.6g}" for name, value in measured.items() if value is not None}

    def _scores(self, each: Set, of: Files, map_: Path, perplexity: str) -> dict:
        scores = {}
        if each.rows <= SCORED_UP_TO or self.trustworthiness:
            words = [self.tools.gnomonic, "score", of.data, map_, "--perplexity", perplexity, "--json", "--quiet"]
            scores = json.loads(answer(words))
        else:
            cache = target() / "benchmarks" / "judge"
            scores = json.loads(answer([self.tools / "judge", of.data, map_, perplexity, cache]))
            scores["knn_recall_10"] = scores["kept_10"]
        names = {"kl": "kl", "kl_error": "kl_error", "knn_recall_10": "recall_10",
                 "trustworthiness": "trustworthiness", "continuity": "continuity"}  # fmt: skip
        return {ours: scores[theirs] for theirs, ours in names.items() if theirs in scores}

    def _ask(self, **request) -> dict:
        self.pieces.stdin.write(json.dumps(request) + "\n")
        self.pieces.stdin.flush()
        line = self.pieces.stdout.readline()
        if not line:
            raise OSError(f"pieces.py ended at {request}")
        return json.loads(line)
