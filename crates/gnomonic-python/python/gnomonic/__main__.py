"""The command ``gnomonic``, as ``python -m gnomonic`` too."""

from __future__ import annotations

import os
import signal
import sys

from gnomonic import _native


def main() -> None:
    """Run the command line of this process, and end the process with its status."""
    # Python's own handler would only note Ctrl-C: the command has handlers of its own.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    status = _native.main(["gnomonic", *sys.argv[1:]])
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
