#!/usr/bin/env python3
"""Times gnomonic beside its peers, on the same files, and judges every map by one judge.

    python3 benchmarks/run.py                      # two minutes: a small suite, three rounds
    python3 benchmarks/run.py --suite 10k,70k      # hours for all peers; --peers chooses
    python3 benchmarks/run.py --suite 1m --peers gnomonic,manifolds-rs --rounds 1

Needs Rust and Python 3.10 or later with venv. README.md says what is measured, and with which settings.
"""

import argparse
import datetime
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from suite import environment, peers, process, results, works


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ", ".join(works.SUITES)
    parser.add_argument("--suite", default="quick", help=f"which works, by comma: {names} or all (default: %(default)s)")
    parser.add_argument("--peers", default=",".join(peers.ALL), help="which peers, by comma (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, interleaved (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="for every peer (default: all, %(default)s)")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one run (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="where data files are, or are made (default: target/benchmarks/data)")
    parser.add_argument("--venv", type=Path, help="the virtual environment (default: target/benchmarks/venv)")
    parser.add_argument("--out", type=Path, help="where results go (default: target/benchmarks/results)")
    parser.add_argument("--gnomonic", type=Path, help="another gnomonic to measure (default: the one built here)")
    parser.add_argument("--resume", action="store_true", help="keep the results in --out and run what is missing")
    parser.add_argument("--no-judge", action="store_true", help="measure only time and memory")
    return parser.parse_args()


def main():
    options = arguments()
    chosen = list(works.SUITES) if options.suite == "all" else options.suite.split(",")
    asked = options.peers.split(",")
    for name, known in [*((suite, works.SUITES) for suite in chosen), *((peer, peers.ALL) for peer in asked)]:
        if name not in known:
            environment.fail(f"'{name}' is none of {', '.join(known)}")
    home = environment.target() / "benchmarks"
    out = options.out or home / "results"
    table = out / "results.csv"
    if table.exists() and not options.resume:
        environment.fail(f"{table} exists: --resume continues it, --out takes another folder")
    out.mkdir(parents=True, exist_ok=True)
    several = "sweep" in chosen and "gnomonic" in asked
    tools = environment.prepare(
        options.venv or home / "venv",
        python_peers=several or any(peer in peers.PYTHON for peer in asked),
        rust_peers=any(peer in peers.RUST for peer in asked),
        gnomonic=options.gnomonic,
    )
    bench = Bench(options, tools, out, table, environment.versions(tools, asked))
    facts = environment.machine()
    for suite in chosen:
        for work in works.SUITES[suite]:
            data = works.make(work, options.data or home / "data", tools)
            for number in range(1, options.rounds + 1):
                for peer in (peer for peer in asked if peers.able(peer, work)):
                    bench.run(suite, work, data, peer, number)
                (out / "results.md").write_text(results.markdown(results.read(table), facts), encoding="utf-8")
    process.must([tools / "charts", table, out])
    print((out / "results.md").read_text(encoding="utf-8"))


class Bench:
    """Runs and judges; what it finds goes into the table at once."""

    def __init__(self, options, tools, out: Path, table: Path, versions: dict[str, str]):
        self.options, self.tools, self.out, self.table, self.versions = options, tools, out, table, versions
        earlier = results.read(table)
        self.done = {(row["work"], row["peer"], int(row["round"])) for row in earlier if not row["failure"]}
        self.verdicts: dict[str, dict] = {}

    def run(self, suite: str, work: works.Work, data: Path, peer: str, number: int):
        if (work.name, peer, number) in self.done:
            return
        folder = self.out / "maps" / work.file.removesuffix(".npy")
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{peer}.npy"
        command = peers.command(peer, self.tools, work, data, target, self.options.threads)
        load = os.getloadavg()[0]
        started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        print(f"{work.name}, round {number}: {peer} …", end="", file=sys.stderr, flush=True)
        used = process.timed(command, self.out / f"{peer}.log", self.options.timeout, self.options.threads)
        print(f" {used.failure or f'{used.wall:.2f} s'}", file=sys.stderr, flush=True)
        row = {
            "started": started, "suite": suite, "work": work.name, "rows": work.rows, "columns": work.columns, "peer": peer,
            "version": self.versions[peer], "round": number, "threads": self.options.threads, "load": f"{load:.1f}",
            "wall_s": f"{used.wall:.3f}", "processor_s": f"{used.processor:.3f}", "peak_mb": f"{used.peak_mb:.1f}",
            "failure": used.failure, "command": self.spell(command),
        }  # fmt: skip
        if not used.failure and not self.options.no_judge:
            try:
                row |= self.judge(peers.maps(peer, self.tools, work, target), data)
            except (subprocess.CalledProcessError, OSError) as error:
                row["failure"] = f"the map could not be judged: {error}"
        results.append(self.table, row)

    def judge(self, maps: list[tuple[str, Path]], data: Path) -> dict:
        """The verdict on a map, or the means of the verdicts on several."""
        verdicts = [self.verdict(data, path, perplexity) for perplexity, path in maps]
        fields = {name for verdict in verdicts for name in verdict if all(name in other for other in verdicts)}
        row = {name: f"{sum(verdict[name] for verdict in verdicts) / len(verdicts):.6g}" for name in fields}
        if len(maps) > 1:
            row["kl_each"] = " ".join(f"{p}:{verdict['kl']:.4f}" for (p, _), verdict in zip(maps, verdicts))
        return row

    def verdict(self, data: Path, path: Path, perplexity: str) -> dict:
        """A map whose bytes are those of an earlier one, as a reproducible peer's are, is not judged again."""
        digest = f"{data} {perplexity} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        if digest not in self.verdicts:
            cache = environment.target() / "benchmarks" / "judge"
            line = process.answer([self.tools / "judge", data, path, perplexity, cache])
            self.verdicts[digest] = json.loads(line)
        return self.verdicts[digest]

    def spell(self, command: list) -> str:
        """The command without the folders that only this machine has."""
        return " ".join(Path(word).name if os.sep in str(word) else str(word) for word in command)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nbenchmarks: stopped; what is finished is kept, and --resume goes on")
    except subprocess.CalledProcessError as error:
        sys.exit(f"benchmarks: {error}")
