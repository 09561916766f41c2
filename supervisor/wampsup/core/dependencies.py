"""Who starts after whom, who can't do without whom, and who is not coming because of it.

`down` holds the components that are not coming by themselves: nobody wants them, they have ended, or something that
they require is down. It is kept up to date step by step, so that an event costs no more than what it changes.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, islice
from typing import TYPE_CHECKING

from wampsup.model.order import predecessors, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wampsup.model.spec import ComponentSpec, GroupSpec


class Dependencies:
    """The dependencies of some components; `is_off` tells of one whether it is not wanted or has ended."""

    def __init__(
        self, components: Iterable[ComponentSpec], groups: Iterable[GroupSpec], is_off: Callable[[str], bool]
    ) -> None:
        components, groups = tuple(components), tuple(groups)
        self._is_off = is_off
        self.before = predecessors(components, groups)
        self.requires = {component.name: component.requires for component in components}
        self._behind = _inverse(self.before)
        self._rows = rows(components, groups)
        self._bound = _inverse(self.requires)
        self.down: set[str] = set()
        self.fell(name for name in self.before if is_off(name))

    def ahead(self, name: str) -> Iterable[str]:
        """Those that it starts after; in a group that keeps an order these are all members before it.

        The nearest one comes first: it is the last to run, so that nobody is woken by all the others in turn.
        """
        row, place = self._rows.get(name, ((), 0))
        return chain(self.before[name], map(row.__getitem__, range(place - 1, -1, -1)))

    def behind(self, name: str) -> Iterable[str]:
        """Those that start after it, and so leave before it."""
        row, place = self._rows.get(name, ((), 0))
        return chain(self._behind.get(name, ()), islice(row, place + 1, None))

    def fell(self, names: Iterable[str]) -> list[str]:
        """These are off: they, and all that require them, as far as they were not down yet."""
        fallen: list[str] = []
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in self.down:
                self.down.add(name)
                fallen.append(name)
                todo.extend(self._bound.get(name, ()))
        return fallen

    def rose(self, name: str) -> list[str]:
        """It may be on again: the ones, itself included, that are down no longer."""
        risen: list[str] = []
        todo = [name]
        while todo:
            name = todo.pop()
            if name in self.down and not self._is_off(name) and self.missing(name) is None:
                self.down.discard(name)
                risen.append(name)
                todo.extend(self._bound.get(name, ()))
        return risen

    def missing(self, name: str) -> str | None:
        """Something down that it requires."""
        return next((other for other in self.requires[name] if other in self.down), None)

    def forget(self, name: str) -> None:
        """It is no component any more; only others that are to be forgotten as well have needed it."""
        for edges, inverse in ((self.before, self._behind), (self.requires, self._bound)):
            for other in edges.pop(name):
                inverse[other].pop(name, None)
            for other in inverse.pop(name, ()):
                edges[other] = tuple(one for one in edges[other] if one != name)
        self.down.discard(name)


def _inverse(edges: dict[str, tuple[str, ...]]) -> dict[str, dict[str, None]]:
    inverse: dict[str, dict[str, None]] = defaultdict(dict)
    for name, others in edges.items():
        for other in others:
            inverse[other][name] = None
    return inverse
