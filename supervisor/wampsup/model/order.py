"""Which components a component starts after: the one place that knows what `after`, `requires` and groups mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wampsup.model.spec import ComponentSpec, GroupSpec, Strategy

ORDERED: frozenset[Strategy] = frozenset({"one-for-all", "rest-for-one"})


def predecessors(components: Iterable[ComponentSpec], groups: Iterable[GroupSpec]) -> dict[str, tuple[str, ...]]:
    """The names of the components that each component starts after, and before which it stops.

    These are its `after` and its `requires`, and the member before it (as `components` are ordered) where the strategy
    of its group keeps an order. Every component has an entry, without repetitions.
    """
    ordered = {group.name for group in groups if group.strategy in ORDERED}
    last: dict[str, str] = {}  # member of each ordered group, so far
    found: dict[str, tuple[str, ...]] = {}
    for component in components:
        names = [*component.after, *component.requires]
        if component.group in ordered:
            if component.group in last:
                names.append(last[component.group])
            last[component.group] = component.name
        found[component.name] = tuple(dict.fromkeys(names))
    return found


def rows(components: Iterable[ComponentSpec], groups: Iterable[GroupSpec]) -> dict[str, tuple[tuple[str, ...], int]]:
    """The members of each group that keeps an order, in that order, and the place in it, for each such member."""
    members: dict[str, list[str]] = {group.name: [] for group in groups if group.strategy in ORDERED}
    for component in components:
        if component.group in members:
            members[component.group].append(component.name)
    return {name: (row, place) for row in map(tuple, members.values()) for place, name in enumerate(row)}
