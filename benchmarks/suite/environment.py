"""What must stand before a run: the peers in a virtual environment, our own commands and the Rust peers, built."""

import hashlib
import json
import os
import platform
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from .process import answer, must

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent


@dataclass(frozen=True)
class Tools:
    """Where everything that runs is."""

    python: Path
    gnomonic: Path
    rust_peers: Path
    #: Holds `gnomonic`, `judge`, `data`, `charts`.
    folder: Path

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


def target() -> Path:
    """Cargo's target directory, wherever the user has put it."""
    metadata = answer(["cargo", "metadata", "--no-deps", "--format-version", "1", "--manifest-path", ROOT / "Cargo.toml"])
    return Path(json.loads(metadata)["target_directory"])


def prepare(environment: Path, python_peers: bool, rust_peers: bool, gnomonic: Path | None) -> Tools:
    """Installs and builds what is asked for and not there yet."""
    built = target() / "release"
    must(["cargo", "build", "--release", "--quiet", "-p", "gnomonic-cli", "-p", "gnomonic-benchmarks"], cwd=ROOT)
    harness = target() / "rust-peers"
    if rust_peers:
        manifest = HERE / "rust-peers" / "Cargo.toml"
        must(["cargo", "build", "--release", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir", harness])
    tools = Tools(environment / "bin" / "python", gnomonic or built / "gnomonic", harness / "release" / "rust-peers", built)
    if python_peers:
        _install(environment, tools)
    return tools


def _install(environment: Path, tools: Tools):
    """The packages at their pinned versions; once for each content of requirements.txt."""
    requirements = HERE / "requirements.txt"
    stamp = environment / "installed"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    if not tools.python.exists():
        venv.create(environment, with_pip=True)
    must([tools.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
    # Two of them compile on their first call and keep the result: no run should pay for it.
    small = environment / "warm-up.npy"
    must([tools / "data", 5_000, small])
    for peer in ("openTSNE", "umap-learn"):
        must([tools.python, HERE / "embed.py", peer, small, 30, environment / "warm-up-map.npy"])
    stamp.write_text(digest)


def machine() -> dict[str, str]:
    """What the times depend on, in words."""
    facts = {
        "processor": platform.processor() or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "rust": answer(["rustc", "--version"]).split()[1],
        "commit": _commit(),
    }
    for line in _lines("/proc/cpuinfo"):
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            facts["processor"] = value.strip()
        if name.strip() == "flags":
            words = value.split()
            facts["instructions"] = next((set_ for set_ in ("avx512f", "avx2", "sse2") if set_ in words), "")
            break
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal:"):
            facts["memory"] = f"{int(line.split()[1]) / 1e6:.0f} GB"
    return facts


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _commit() -> str:
    try:
        commit = answer(["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"]).strip()
        changed = answer(["git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no"]).strip()
    except Exception:  # noqa: BLE001 - a tarball has no git, and git may be missing
        return "unknown"
    return commit + (" with changes" if changed else "")


def versions(tools: Tools, peers) -> dict[str, str]:
    """The version of each peer, as its own files say."""
    pins = dict(line.strip().split("==") for line in _lines(str(HERE / "requirements.txt")) if "==" in line)
    crates = {}
    for line in _lines(str(HERE / "rust-peers" / "Cargo.toml")):
        name, _, rest = line.partition(" = { version = \"=")
        if rest:
            crates[name] = rest.split('"')[0]
    known = {"gnomonic": answer([tools.gnomonic, "--version"]).split()[-1], "manifolds-rs-wheel": pins.get("manifolds-rs")}
    return {peer: known.get(peer) or crates.get(peer) or pins.get(peer) or "unknown" for peer in peers}


def fail(message: str):
    """Ends the program as a user's mistake should."""
    print(f"benchmarks: {message}", file=sys.stderr)
    sys.exit(2)
