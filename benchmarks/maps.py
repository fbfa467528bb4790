#!/usr/bin/env python3
"""Judges the maps that a command makes, on many kinds of data, and compares them with those of another.

    python3 benchmarks/maps.py                                         # the command built here, on all usual sets
    python3 benchmarks/maps.py --only m1k,roll --perplexity 30
    python3 benchmarks/maps.py --before old/gnomonic --results new.csv # both, and whether the goals are met
    python3 benchmarks/maps.py --before old.csv --extra "--iterations 350" --results new-350.csv

Nothing is timed: maps are the same bits under any load. What is finished is kept in the table, and the same command line goes on
where it stopped. README.md says what is measured, and what the goals are.
"""

import argparse
import hashlib
import shlex
import subprocess
import sys
from pathlib import Path

from suite import environment, goals, results, sets
from suite.maps import Judge


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", type=Path, help="the gnomonic to judge (default: the one built here)")
    parser.add_argument("--extra", default="", help="more flags for its `embed`, in one word: \"--iterations 350\"")
    parser.add_argument("--before", type=Path, help="what to compare with: a gnomonic, or a table (.csv) of an earlier call")
    parser.add_argument("--only", default=",".join(sets.USUAL), help="which sets, by comma (default: all up to 70,000 rows)")
    parser.add_argument("--perplexity", default="30,5,100", help="by comma (default: %(default)s)")
    parser.add_argument("--starts", type=int, default=5, help="the PCA start, and rows in so many other orders less one")
    parser.add_argument("--random", type=int, default=5, help="random starts (default: %(default)s)")
    parser.add_argument("--starts-up-to", type=int, default=5_000, help="rows; larger sets get the PCA start only (%(default)s)")
    parser.add_argument("--trustworthiness", action="store_true", help="beyond 30,000 rows too, where it takes longer than a map")
    parser.add_argument("--results", type=Path, help="the table (default: target/benchmarks/maps.csv); maps go beside it")
    parser.add_argument("--data", type=Path, help="where data sets are, or are made (default: target/benchmarks/sets)")
    parser.add_argument("--venv", type=Path, help="the virtual environment (default: target/benchmarks/venv)")
    parser.add_argument("--make", action="store_true", help="make the data sets and stop")
    return parser.parse_args()


def main():
    options = arguments()
    chosen = options.only.split(",")
    for name in chosen:
        if name not in sets.BY_NAME:
            environment.fail(f"'{name}' is none of {', '.join(sets.BY_NAME)}")
    home = environment.target() / "benchmarks"
    tools = environment.prepare(options.venv or home / "venv", python_peers=True, rust_peers=False, gnomonic=None)
    files = {name: sets.make(sets.BY_NAME[name], options.data or home / "sets", tools) for name in chosen}
    if options.make:
        return
    table = options.results or home / "maps.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    before = None
    if options.before and options.before.suffix == ".csv":
        before = options.before
    elif options.before:
        before = table.with_name(f"{table.stem}-before.csv")
        run(options, tools, files, options.before, "", before)
    run(options, tools, files, options.command or tools.gnomonic, options.extra, table)
    page = goals.markdown(results.read(before) if before else [], results.read(table))
    table.with_suffix(".md").write_text(page, encoding="utf-8")
    print(page)


def run(options, tools, files, command: Path, extra: str, table: Path):
    """All maps of one command that its table has not yet. Starts are the outer loop: a table of everything comes first."""
    command = command.resolve()
    version = hashlib.sha256(command.read_bytes()).hexdigest()[:12]
    rows = results.read(table)
    if any((row["command"], row["extra"]) != (version, extra) for row in rows):
        environment.fail(f"{table} holds maps of another command or other flags: --results names another table")
    done = {(row["set"], row["perplexity"], row["start"]) for row in rows if not row["failure"]}
    starts = [("pca", n) for n in range(options.starts)] + [("random", n) for n in range(1, options.random + 1)]
    with Judge(tools, table.with_suffix(""), command, shlex.split(extra), options.trustworthiness) as judge:
        for start in starts:
            for name, of in files.items():
                each = sets.BY_NAME[name]
                if start != ("pca", 0) and each.rows > options.starts_up_to:
                    continue
                for perplexity in options.perplexity.split(","):
                    if (name, perplexity, goals.spell(start)) in done or 3 * float(perplexity) >= each.rows:
                        continue
                    row = {"set": name, "rows": each.rows, "perplexity": perplexity, "start": goals.spell(start),
                           "command": version, "extra": extra}  # fmt: skip
                    try:
                        row |= judge.map(each, of, perplexity, start)
                        print(f"{name} p{perplexity} {row['start']}: {row['kl']}", file=sys.stderr, flush=True)
                    except (subprocess.CalledProcessError, OSError, ValueError) as error:
                        row["failure"] = str(error)
                        print(f"{name} p{perplexity} {row['start']}: {error}", file=sys.stderr, flush=True)
                    results.append(table, row, goals.FIELDS)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nbenchmarks: stopped; what is finished is kept, and the same command goes on")
    except subprocess.CalledProcessError as error:
        sys.exit(f"benchmarks: {error}")
