"""How many of some values were how large."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Histogram:
    """Counts values by ranges; `bounds` are the largest value of each, in ascending order, and `total` is their sum."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = (*bounds, math.inf)
        self._counts = [0] * len(self._bounds)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def at_most(self) -> dict[float, int]:
        """How many values were at most as large as each bound; the last one is infinity."""
        return dict(zip(self._bounds, accumulate(self._counts), strict=True))
