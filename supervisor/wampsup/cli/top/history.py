"""How busy components were of late: what their sparklines are drawn from."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

SAMPLES = 60
"""Samples that are kept: about a minute."""

_BARS = "▁▂▃▄▅▆▇█"


class _Sample(NamedTuple):
    fleet: float
    components: dict[str, float]
    """Of those that were busy at all, which keeps ten thousand idle ones small."""


class History:
    """The latest samples, in percent of one processor; `begun` is the number of the oldest one."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES)
        self._count = 0

    @property
    def begun(self) -> int:
        """The number of the oldest sample, counted from the first one that there ever was."""
        return self._count - len(self._samples)

    @property
    def fleet(self) -> list[float]:
        """How busy the whole process was, the oldest sample first."""
        return [sample.fleet for sample in self._samples]

    def add(self, fleet: float | None, components: Iterable[dict[str, Any]]) -> None:
        """Keep what was seen now; where nothing is known it counts as idle."""
        busy = {one["name"]: one["busy_percent"] for one in components if one["busy_percent"]}
        self._samples.append(_Sample(fleet or 0.0, busy))
        self._count += 1

    def of(self, name: str) -> list[float]:
        """How busy a component was, the oldest sample first."""
        return [sample.components.get(name, 0.0) for sample in self._samples]


def sparkline(values: list[float], begun: int, width: int, top: float) -> str:
    """The values as `width` bars, the latest at the right; the highest possible bar is their maximum, at least `top`.

    Where there is no room for all, a bar is the highest of a few neighbours. These are told by their numbers, of which
    `begun` is the first, so that a bar keeps its height on its way to the left.
    """
    if width < 1 or not values:
        return " " * width
    each = -(-SAMPLES // width)
    bars: dict[int, float] = {}
    for number, value in enumerate(values, begun):
        bars[number // each] = max(bars.get(number // each, 0.0), value)
    top = max(top, *values)
    line = "".join(_bar(value / top) for value in bars.values())
    return line[-width:].rjust(width)


def _bar(share: float) -> str:
    return _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]
