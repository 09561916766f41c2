"""All benchmarks; exits 1 where a goal is missed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from joins import Joins
from pairs import compare
from status import Status


def main() -> int:
    """Run them all."""
    with tempfile.TemporaryDirectory(prefix="wampsup-bench-") as name:
        folder = Path(name)
        status, joins = Status(folder), Joins(folder)
        with status.running():
            met = compare("status of 200, against supervisorctl", status.ours, status.theirs, pairs=9, goal=0.35)
        with joins.router():
            met &= compare("1000 joins, against raw Components", joins.ours, joins.theirs, pairs=5, goal=1.1)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
