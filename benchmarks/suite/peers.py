"""How each peer is asked for a map: a command, started anew for every run."""

from pathlib import Path

from .environment import HERE, Tools
from .works import Work

#: Every peer, in the order of a round.
PYTHON = ("scikit-learn", "scikit-learn-intelex", "openTSNE", "manifolds-rs-wheel", "umap-learn")
RUST = ("manifolds-rs", "bhtsne")
ALL = ("gnomonic", *RUST, *PYTHON)

#: Peers from a Rust crate that take one perplexity, so that a sweep is several processes: left out of it.
ONE_PERPLEXITY = RUST


def able(peer: str, work: Work) -> bool:
    """Whether a peer takes part in a work."""
    several = "," in work.perplexities
    return peer not in work.without and not (several and peer in ONE_PERPLEXITY)


def command(peer: str, tools: Tools, work: Work, data: Path, target: Path, threads: int) -> list:
    """What maps `data` into `target`, or with several perplexities into `target` with each before its extension."""
    if peer == "gnomonic" and "," in work.perplexities:
        return [tools.gnomonic, "sweep", data, "-o", target.with_suffix(""), "--perplexity", work.perplexities,
                "--threads", threads, "--force", "--quiet"]  # fmt: skip
    if peer == "gnomonic":
        return [tools.gnomonic, "embed", data, "-o", target, "--perplexity", work.perplexities,
                "--threads", threads, "--force", "--quiet"]  # fmt: skip
    if peer in RUST:
        return [tools.rust_peers, peer, data, target, work.perplexities]
    return [tools.python, HERE / "embed.py", peer, data, work.perplexities, target, threads]


def maps(peer: str, tools: Tools, work: Work, target: Path) -> list[tuple[str, Path]]:
    """The maps that a finished run left, with the perplexity of each."""
    perplexities = work.perplexities.split(",")
    if len(perplexities) == 1:
        return [(perplexities[0], target)]
    if peer == "gnomonic":
        from .process import must

        must([tools.python, HERE / "embed.py", "split", target.with_suffix("") / "sweep.csv", target])
    return [(p, target.with_name(f"{target.stem}-{p}{target.suffix}")) for p in perplexities]
