"""Components that wait for each other in a circle, so that none of them could ever start.

A component waits for those that its `after` and `requires` name and, in a group whose strategy keeps an order, for the
member before it. Components are taken as they stand in the file: instances of one component wait as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wampsup.config.references import GROUP_PREFIX
from wampsup.config.tables import table_in
from wampsup.model.order import ORDERED
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wampsup.config.positions import Path
    from wampsup.config.references import References


@dataclass(frozen=True, slots=True)
class _Wait:
    """`waiter` waits for `target` because of the `key` at `path`; `group` is the group by way of which it does."""

    waiter: str
    target: str
    key: str
    path: Path
    group: str | None = None

    @property
    def is_implied(self) -> bool:
        """Whether the group's order alone says so."""
        return self.key == "group"

    def __str__(self) -> str:
        if self.is_implied:
            return f"`{self.waiter}` behind `{self.target}` in group `{self.group}`"
        way = f" (`{GROUP_PREFIX}{self.group}`)" if self.group else ""
        return f"`{self.waiter}` {self.key} `{self.target}`{way}"


def cycle_mistakes(references: References) -> Iterator[Mistake]:
    """A mistake for each place in the file that closes a circle."""
    order = {name: index for index, name in enumerate(references.components)}
    closed = set()
    for circle in _circles(order, _Graph(references)):
        closing = circle[-1].path
        if closing not in closed:
            closed.add(closing)
            first = min((wait for wait in circle if not wait.is_implied), key=lambda wait: order[wait.waiter])
            at = circle.index(first)
            yield _mistake(circle[at:] + circle[:at])


class _Graph:
    """For whom each component waits."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._before: dict[str, tuple[str, str]] = {}  # each member's group and the member before it
        last: dict[str, str] = {}
        for name in references.components:
            group = references.group(name)
            # A tuple: what stands there may be of any type, such as one that a set can't look for.
            if group is not None and table_in(references.groups, group).get("strategy") in tuple(ORDERED):
                if group in last:
                    self._before[name] = (group, last[group])
                last[group] = name

    def waits(self, name: str) -> Iterator[_Wait]:
        for key in ("after", "requires"):
            for said in self._references.said(name, key):
                group = said.name.removeprefix(GROUP_PREFIX) if said.name.startswith(GROUP_PREFIX) else None
                for target in self._references.meant(name, said.name):
                    yield _Wait(name, target, key, said.path, group)
        if name in self._before:
            group, target = self._before[name]
            yield _Wait(name, target, "group", ("components", name, "group"), group)


def _circles(names: Iterable[str], graph: _Graph) -> Iterator[list[_Wait]]:
    """The circles that a depth-first search closes: without them, there are none."""
    done: set[str] = set()
    for root in names:
        if root in done:
            continue
        way: list[_Wait] = []
        depth = {root: 0}
        ahead = [graph.waits(root)]
        while ahead:
            wait = next(ahead[-1], None)
            if wait is None:
                ahead.pop()
                done.add(way.pop().target if way else root)
            elif wait.target in done:
                continue
            elif wait.target in depth:
                yield [*way[depth[wait.target] :], wait]
            else:
                way.append(wait)
                depth[wait.target] = len(way)
                ahead.append(graph.waits(wait.target))


def _mistake(circle: Sequence[_Wait]) -> Mistake:
    """The mistake for a circle that begins with what stands first in the file."""
    links: list[_Wait] = []
    for wait in circle:
        if links and links[-1].is_implied and wait.is_implied and links[-1].group == wait.group:
            start = links.pop()
            links.append(_Wait(start.waiter, wait.target, start.key, start.path, start.group))
        else:
            links.append(wait)
    *names, last = [f"`{link.waiter}`" for link in links]
    message = f"{', '.join(names)} and {last} wait for each other: {', '.join(map(str, links))}"
    return Mistake(path=links[0].path, message=message, hint=_hint(links))


def _hint(links: Sequence[_Wait]) -> str | None:
    for link in links:
        if link.is_implied:
            return f"the strategy of group `{link.group}` makes its members start in the order of the file"
    for link in links:
        if link.path[0] == "defaults":
            return (
                f"`{link.waiter}` has its `{link.key}` from `[defaults]`; `{link.key} = []` of its own would end that"
            )
    return None
