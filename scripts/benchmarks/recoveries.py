"""How long from a crash to running again: `recovering.py` in a process of its own, since it needs a reactor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pairs import Pair

HERE = Path(__file__).parent
WARM_UP = 10


def recoveries(url: str, count: int) -> tuple[list[Pair], list[Pair]]:
    """Pairs of a supervised component's recovery and a raw one's start; and of it and a raw one's stop and start."""
    argv: list[str | Path] = [sys.executable, HERE / "recovering.py", url, str(count + WARM_UP)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True)
    times = [tuple(map(float, line.split())) for line in done.stdout.splitlines()][WARM_UP:]
    return [(mine, start) for mine, start, _ in times], [(mine, again) for mine, _, again in times]
