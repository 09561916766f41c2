"""All benchmarks; exits 1 where a goal is missed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from joins import Joins
from pairs import compare
from status import Status

from support.crossbar import Crossbar


def main() -> int:
    """Run them all."""
    with tempfile.TemporaryDirectory(prefix="wampsup-bench-") as name:
        folder = Path(name)
        status = Status(folder)
        with status.running():
            met = compare("status of 200, against supervisorctl", status.ours, status.theirs, pairs=9, goal=0.35)
        router = Crossbar()
        try:
            router.start()
            joins = Joins(folder, router.rawsocket_url)
            met &= compare("1000 joins, against raw Components", joins.ours, joins.theirs, pairs=7, goal=1.1)
        finally:
            router.close()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
