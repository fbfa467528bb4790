"""Running a command: as a step that must succeed, or as a whole process that is timed."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path


def must(command, **options):
    """Runs a step whose failure ends the benchmark; its output goes where ours does."""
    words = [str(word) for word in command]
    print("  $ " + " ".join(words), file=sys.stderr, flush=True)
    subprocess.run(words, check=True, stdout=sys.stderr, **options)


def answer(command) -> str:
    """The standard output of a command that must succeed."""
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


@dataclass
class Usage:
    """What one process used, by the kernel's account of it and of the children that it waited for."""

    wall: float
    processor: float
    peak_mb: float
    #: Empty when all went well; else what went wrong, in a few words.
    failure: str = ""


def timed(command, log: Path, timeout: float, threads: int) -> Usage:
    """Runs a command from its start to its end and says what it took. Its output is added to `log`.

    `ru_maxrss` of wait4 is the largest resident set that the process ever had, on Linux in KiB, on macOS in bytes.
    """
    environment = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = str(threads)
    with open(log, "ab") as output:
        output.write(("$ " + " ".join(str(word) for word in command) + "\n").encode())
        output.flush()
        start = time.monotonic()
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
        status, usage = _wait(child.pid, timeout)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    used = Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)
    if child.returncode == -signal.SIGKILL and wall >= timeout:
        used.failure = f"stopped after {timeout:.0f} s"
    elif child.returncode != 0:
        used.failure = f"exit status {child.returncode}, see {log.name}"
    return used


def _wait(pid: int, timeout: float) -> tuple[int, resource.struct_rusage]:
    """Waits for a child; beyond the time its whole process group is killed, and with us too."""
    timer = threading.Timer(timeout, os.killpg, (pid, signal.SIGKILL))
    timer.start()
    try:
        _, status, usage = os.wait4(pid, 0)
        return status, usage
    except BaseException:
        os.killpg(pid, signal.SIGKILL)
        raise
    finally:
        timer.cancel()
