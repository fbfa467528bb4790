"""The table of maps, and whether those of one command are as good as those of another."""

import math
import statistics

#: What the table of `maps.py` has of each map.
FIELDS = (
    "set", "rows", "perplexity", "start", "kl", "kl_error", "recall_10", "trustworthiness", "continuity",
    "piece_mean", "piece_least", "strict_mean", "strict_least", "farthest", "radius_999", "rms", "failure", "command", "extra",
)  # fmt: skip

#: By how much a measure may be lower, beside the standard error of the difference.
MAY_LOSE = {"recall_10": 0.005, "trustworthiness": 0.005, "piece_mean": 0.01, "piece_least": 0.01}

#: How far out a point may lie, in RMS radii, where no point lay farther before.
FARTHEST = 2.0

NAMES = {"recall_10": "recall", "piece_mean": "pieces", "piece_least": "least piece"}


def spell(start: tuple[str, int]) -> str:
    """The name of a start: `pca`, `pca-1`, `random-1` and so on."""
    how, number = start
    return f"{how}-{number}" if number else how


class Group:
    """The maps of one data set at one perplexity, from starts of one kind."""

    def __init__(self, rows: list[dict[str, str]]):
        self.rows = [row for row in rows if not row["failure"]]
        self.failures = [row["failure"] for row in rows if row["failure"]]

    def mean(self, field: str) -> float | None:
        values = self._values(field)
        return statistics.fmean(values) if values else None

    def worst(self, field: str) -> float | None:
        return max(self._values(field), default=None)

    def error(self, field: str) -> float:
        """The standard error of the mean: 0 where there is one map, which is as good as no knowledge of it."""
        values = self._values(field)
        return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0

    def _values(self, field: str) -> list[float]:
        return [float(row[field]) for row in self.rows if row.get(field)]


def groups(rows: list[dict[str, str]]) -> dict[tuple[str, str, str], Group]:
    """The maps by set, perplexity and kind of start; a map that failed and then did not counts once."""
    last = {(row["set"], row["perplexity"], row["start"]): row for row in rows}
    found: dict[tuple[str, str, str], list] = {}
    for (name, perplexity, start), row in last.items():
        found.setdefault((name, perplexity, start.split("-")[0]), []).append(row)
    by_size = sorted(found, key=lambda key: (int(found[key][0]["rows"]), key[0], float(key[1])))
    return {key: Group(found[key]) for key in by_size}


def broken(before: Group, after: Group) -> list[str]:
    """What got worse by more than the goals allow, in a word each."""
    if after.failures:
        return [f"failed: {after.failures[0]}"]
    said = []
    allowed = math.hypot(before.error("kl"), after.error("kl"))
    if after.mean("kl") > before.mean("kl") + allowed:
        said.append("KL")
    for field, lost in MAY_LOSE.items():
        old, new = before.mean(field), after.mean(field)
        allowed = lost + math.hypot(before.error(field), after.error(field))
        if old is not None and new is not None and new < old - allowed:
            said.append(NAMES.get(field, field))
    if after.worst("farthest") > max(FARTHEST, before.worst("farthest")):
        said.append("farthest point")
    return said


def markdown(before: list[dict[str, str]], after: list[dict[str, str]]) -> str:
    """A page with one table for each kind of start; with nothing to compare, the measures alone."""
    old, new = groups(before), groups(after)
    lines = ["# Maps", ""]
    if before:
        lines += [
            "Before → after, means over the starts; ± is the standard error of the difference. A goal that is not met is named:",
            "a lower divergence, or the same within ±; recall and trustworthiness not lower by more than 0.005, pieces by more than",
            "0.01, beside their standard errors; no point beyond 2 RMS radii, where none was before.",
        ]
    else:
        lines += ["Means over the starts; ± is the standard deviation of one map."]
    for kind, title in (("pca", "PCA starts"), ("random", "Random starts")):
        keys = [key for key in new if key[2] == kind and (not before or key in old)]
        if keys:
            cells = compared(old, new, keys) if before else alone(new, keys)
            lines += ["", f"## {title}", "", *_aligned(cells)]
            if before:
                missed = sum(row[-1] != "met" for row in cells[1:])
                lines += ["", f"{len(keys) - missed} of {len(keys)} meet all goals."]
    return "\n".join(lines) + "\n"


def compared(old, new, keys) -> list[list[str]]:
    head = ["set", "perplexity", "maps", "KL before", "after", "ratio", "±", "recall", "trustworthiness", "pieces", "least",
            "strict", "farthest", "goals"]  # fmt: skip
    cells = [head]
    for key in keys:
        a, b = old[key], new[key]
        if not a.rows or not b.rows:
            cells.append([*key[:2], "0", *[""] * 10, "failed"])
            continue
        error = math.hypot(a.error("kl"), b.error("kl"))
        cells.append([
            *key[:2], f"{len(a.rows)}, {len(b.rows)}", _number(a.mean("kl"), 4), _number(b.mean("kl"), 4),
            _number(b.mean("kl") / a.mean("kl"), 3), _number(error or None, 4),
            *(f"{_number(a.mean(f), d)} → {_number(b.mean(f), d)}" if a.mean(f) and b.mean(f) else ""
              for f, d in (("recall_10", 3), ("trustworthiness", 4), ("piece_mean", 3), ("piece_least", 3), ("strict_mean", 3))),
            f"{_number(a.worst('farthest'), 2)} → {_number(b.worst('farthest'), 2)}",
            ", ".join(broken(a, b)) or "met",
        ])  # fmt: skip
    return cells


def alone(new, keys) -> list[list[str]]:
    cells = [["set", "perplexity", "maps", "KL", "±", "recall", "trustworthiness", "continuity", "pieces", "least", "strict",
              "farthest"]]  # fmt: skip
    for key in keys:
        group = new[key]
        spread = group.error("kl") * math.sqrt(len(group.rows))
        cells.append([
            *key[:2], str(len(group.rows)), _number(group.mean("kl"), 4), _number(spread or None, 4),
            _number(group.mean("recall_10"), 3), _number(group.mean("trustworthiness"), 4), _number(group.mean("continuity"), 4),
            _number(group.mean("piece_mean"), 3), _number(group.mean("piece_least"), 3),
            _number(group.mean("strict_mean"), 3), _number(group.worst("farthest"), 2),
        ])  # fmt: skip
    return cells


def _aligned(cells: list[list[str]]) -> list[str]:
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(cells[0]))]
    rule = ["-" * widths[0], *["-" * (width - 1) + ":" for width in widths[1:]]]
    rows = [[row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])] for row in cells]
    return ["| " + " | ".join(row) + " |" for row in [rows[0], rule, *rows[1:]]]


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"
