"""The table of all runs: appended to as they finish, read back to resume, and told as Markdown."""

import csv
import statistics
from pathlib import Path

FIELDS = (
    "started", "suite", "work", "rows", "columns", "peer", "version", "round", "threads", "load",
    "wall_s", "processor_s", "peak_mb", "kl", "kl_error", "kept_10", "kept_30", "kept_90", "span", "judge_recall",
    "kl_each", "failure", "command",
)  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    """All rows so far."""
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def append(path: Path, row: dict, fields: tuple[str, ...] = FIELDS):
    """Adds a row and makes sure that it is on the disk: what is finished is never lost."""
    new = not path.exists()
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fields)
        if new:
            writer.writeheader()
        writer.writerow({name: row.get(name, "") for name in fields})
        file.flush()


def median(rows, field: str) -> float | None:
    """The median of a field over runs that have it."""
    values = [float(row[field]) for row in rows if row.get(field) not in ("", None)]
    return statistics.median(values) if values else None


def markdown(rows: list[dict[str, str]], facts: dict[str, str]) -> str:
    """The results as a page: machine, one table for each work, versions and commands."""
    lines = ["# Benchmark results", "", ", ".join(f"{name} {value}" for name, value in facts.items()) + ".", ""]
    lines += [
        "Each number is the median over the rounds of a whole process; *processor* is user and system time of all threads.",
        "*KL* is measured from outside; *kept* is the share of the 10 and 90 nearest rows that are so in the map: what both rest on",
        "stands below each table. *Spread* is the range of the wall times, as a share of the median.",
    ]
    for work in dict.fromkeys(row["work"] for row in rows):
        of_work = [row for row in rows if row["work"] == work]
        lines += ["", f"## {work}", "", *_table(of_work), *_judged(of_work)]
    lines += ["", "## Commands", ""]
    commands = {(row["peer"], row["version"]): row["command"] for row in rows}
    lines += [f"- {peer} {version}: `{command}`" for (peer, version), command in commands.items()]
    return "\n".join(lines) + "\n"


def _table(rows) -> list[str]:
    ours = median([row for row in rows if row["peer"] == "gnomonic" and not row["failure"]], "wall_s")
    cells = [["peer", "wall s", "× gnomonic", "processor s", "peak MB", "KL", "kept 10", "kept 90", "span", "spread", "rounds"]]
    for peer in dict.fromkeys(row["peer"] for row in rows):
        of_peer = [row for row in rows if row["peer"] == peer]
        good = [row for row in of_peer if not row["failure"]]
        if not good:
            last = of_peer[-1]
            # Whoever was stopped would have taken longer still.
            stopped = ours and last["failure"].startswith("stopped")
            bound = f"> {float(last['wall_s']) / ours:.1f}" if stopped else ""
            cells.append([peer, last["failure"], bound, *[""] * 7, "0"])
            continue
        wall = median(good, "wall_s")
        walls = [float(row["wall_s"]) for row in good]
        cells.append([
            peer,
            _number(wall, 2 if wall < 10 else 1),
            _number(wall / ours, 1) if ours else "",
            _number(median(good, "processor_s"), 1),
            _number(median(good, "peak_mb"), 0),
            _kl(good),
            _number(median(good, "kept_10"), 3),
            _number(median(good, "kept_90"), 3),
            _number(median(good, "span"), 0),
            f"{100 * (max(walls) - min(walls)) / wall:.0f} %",
            str(len(good)),
        ])  # fmt: skip
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    rule = ["-" * widths[0], *["-" * (width - 1) + ":" for width in widths[1:]]]
    aligned = [[row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])] for row in cells]
    return ["| " + " | ".join(row) + " |" for row in [aligned[0], rule, *aligned[1:]]]


def _judged(rows) -> list[str]:
    """What the judge of these maps knew: all neighbors and pairs, or, for many rows, most neighbors and a sample of Z."""
    judged = [row for row in rows if row["kl"] and not row["failure"]]
    if not judged:
        return []
    recall, error = median(judged, "judge_recall"), median(judged, "kl_error")
    exact = recall is None or recall == 1
    neighbors = "the exact neighbors" if exact else f"neighbors found by gnomonic's own search, {recall:.3f} of the true ones"
    z = "Z summed from a sample of rows to all others (± is the standard error that follows)" if error else "Z over all pairs"
    return ["", f"Judged on {neighbors}, with {z}."]


def _kl(rows) -> str:
    kl, error = median(rows, "kl"), median(rows, "kl_error")
    return _number(kl, 3) + (f" ± {error:.3f}" if error else "")


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"
