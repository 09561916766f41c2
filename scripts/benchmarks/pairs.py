"""Paired measurements: the machine drifts, so two things are timed in turn, and their ratio is taken pair by pair."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def compare(name: str, ours: Callable[[], float], theirs: Callable[[], float], *, pairs: int, goal: float) -> bool:
    """Time both `pairs` times in turn (seconds), print medians and the median ratio; whether that is within `goal`."""
    ours(), theirs()  # the first run of each pays for cold caches
    measured = [(ours(), theirs()) for _ in range(pairs)]
    ratio = statistics.median(mine / other for mine, other in measured)
    mine = statistics.median(mine for mine, _ in measured)
    other = statistics.median(other for _, other in measured)
    verdict = "ok" if ratio <= goal else "MISSED"
    print(f"{name}: {mine * 1000:.0f} ms / {other * 1000:.0f} ms = {ratio:.2f} (goal: at most {goal}) {verdict}")
    return ratio <= goal
