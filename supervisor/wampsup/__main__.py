"""The `wampsup` command: the only place that ends the process."""

from __future__ import annotations

import gc
import sys

from wampsup.cli.main import main

_MANY = 100_000
"""Objects that most commands never come to: they end before a look at their garbage is worth while."""


def run() -> None:
    """Run the command line of this process."""
    gc.set_threshold(_MANY)
    code = main(sys.argv[1:])
    gc.freeze()  # else the interpreter looks through all that there is before it ends
    sys.exit(code)


if __name__ == "__main__":
    run()
