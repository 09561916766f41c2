"""The `wampsup` command: the only place that ends the process."""

from __future__ import annotations

import sys

from wampsup.cli.main import main


def run() -> None:
    """Run the command line of this process."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
