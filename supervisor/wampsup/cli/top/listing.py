"""Which components are listed, in what order, and which one is selected: by its name, wherever it moves to."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wampsup.cli.top import ORDERS
from wampsup.printable import width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Component = dict[str, Any]

SEVERITY = {
    "fatal": 0,
    "failed": 0,
    "backoff": 1,
    "reconnecting": 1,
    "waiting": 2,
    "connecting": 2,
    "stopping": 2,
    "running": 3,
    "completed": 3,
    "stopped": 4,
}
"""States by how soon somebody should look, the worst first."""

_MOST_NAMES = 1 << 14
_DIGITS = re.compile(r"(\d+)")


class Listing:
    """The components as they are listed: `rows`, of which the one at `index` is selected.

    `order` is one of `ORDERS`, in its natural direction (the busiest, the worst, `a` first) unless `reverse` is set;
    `wanted` is a part of a name, or a shell pattern.
    """

    def __init__(self, order: str = ORDERS[0]) -> None:
        self.order = order
        self.reverse = False
        self.wanted = ""
        self.rows: list[Component] = []
        self.index = 0
        self.total = 0
        self.longest_name = 0
        self._components: Sequence[Component] = ()

    @property
    def selected(self) -> Component | None:
        """The component that is selected; `None` where none is listed."""
        return self.rows[self.index] if self.rows else None

    def show(self, components: Sequence[Component]) -> None:
        """List these components from now on."""
        self.total = len(components)
        self.longest_name = max((width(one["name"]) for one in components), default=0)
        # Equals stay in this order, whatever comes first and in which direction.
        self._components = sorted(components, key=lambda one: (SEVERITY.get(one["state"], 0), natural(one["name"])))
        self._list()

    def sort(self, order: str) -> None:
        """Sort by that, in its natural direction."""
        self.order, self.reverse = order, False
        self._list()

    def turn(self) -> None:
        """Reverse the order."""
        self.reverse = not self.reverse
        self._list()

    def filter(self, wanted: str) -> None:
        """List those alone whose name holds this, or is of this shell pattern."""
        self.wanted = wanted.strip()
        self._list()

    def select(self, index: int) -> None:
        """Select the row at that index, or the nearest one."""
        self.index = max(0, min(index, len(self.rows) - 1))

    def _list(self) -> None:
        selected = self.selected
        is_wanted = _matcher(self.wanted)
        rows = [one for one in self._components if is_wanted(one["name"])]
        rows.sort(key=_KEYS[self.order], reverse=self.reverse)
        self.rows = rows
        name = selected and selected["name"]
        self.select(next((index for index, row in enumerate(rows) if row["name"] == name), self.index))


@lru_cache(maxsize=_MOST_NAMES)
def natural(name: str) -> list[tuple[int, str]]:
    """A key that puts `feed@2` before `feed@10`."""
    parts = _DIGITS.split(name.lower())
    return [(int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)]


def _matcher(wanted: str) -> Callable[[str], bool]:
    wanted = wanted.lower()
    if any(sign in wanted for sign in "*?["):
        return lambda name: fnmatchcase(name.lower(), wanted)
    return lambda name: wanted in name.lower()


def _busy(component: Component) -> float:
    """As it is shown: what looks alike does not change places every second."""
    return -round(component["busy_percent"] or 0.0, 1)


_KEYS: dict[str, Callable[[Component], Any]] = {
    "busy": _busy,
    "state": lambda component: SEVERITY.get(component["state"], 0),
    "name": lambda component: natural(component["name"]),
}
