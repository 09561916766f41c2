"""Paired measurements: the machine drifts, so two things are timed in turn, and their ratio is taken pair by pair."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

Pair = tuple[float, float]


def measure(ours: Callable[[], T], theirs: Callable[[], T], pairs: int) -> list[tuple[T, T]]:
    """Run both in turn, `pairs` times."""
    ours(), theirs()  # the first run of each pays for cold caches
    return [(ours(), theirs()) for _ in range(pairs)]


def judge(name: str, measured: Sequence[Pair], goal: float, show: Callable[[float], str] | None = None) -> bool:
    """Print the medians of both (given in seconds) and of their ratios; whether that is within `goal`."""
    show = show or _ms
    ratio = statistics.median(mine / other for mine, other in measured)
    mine = statistics.median(mine for mine, _ in measured)
    other = statistics.median(other for _, other in measured)
    verdict = "ok" if ratio <= goal else "MISSED"
    print(f"{name}: {show(mine)} / {show(other)} = {ratio:.2f} (goal: at most {goal}) {verdict}")
    return ratio <= goal


def judge_one(name: str, value: float, goal: float, show: Callable[[float], str] | None = None) -> bool:
    """Print one figure (given in seconds); whether it is within `goal`."""
    show = show or _ms
    verdict = "ok" if value <= goal else "MISSED"
    print(f"{name}: {show(value)} (goal: at most {show(goal)}) {verdict}")
    return value <= goal


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.1 else f"{seconds * 1000:.2g} ms"  # noqa: PLR2004 - three digits
