"""Who is meant by a name in `after` and `requires`.

A name is that of a component as it stands in the file, which with `instances` means all of them, or `group:NAME`, which
means all members of a group. Nobody waits for itself: a component that is a member of the group, or takes the name
from the defaults, is left out. The document need not have been checked: what has the wrong type is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from wampsup.config.tables import table_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wampsup.config.positions import Path

GROUP_PREFIX = "group:"


@dataclass(frozen=True, slots=True)
class Reference:
    """A `name` in `after` or `requires`, and the `path` where it stands."""

    path: Path
    name: str


class References:
    """The components and groups that the names in a document can mean."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.components: Mapping[str, Any] = table_in(document, "components")
        self.groups: Mapping[str, Any] = table_in(document, "groups")
        self._defaults = table_in(document, "defaults")
        self._order = {name: index for index, name in enumerate(self.components)}
        self._members: dict[str, list[str]] = {}
        for name in self.components:
            group = self.group(name)
            if group is not None:
                self._members.setdefault(group, []).append(name)

    def group(self, component: str) -> str | None:
        """The group that a component is in, or takes from the defaults."""
        group = self._place(component, "group")[1]
        return group if is_word(group) else None

    def said(self, component: str, key: str) -> Iterator[Reference]:
        """The names at `key` of a component, or those that it takes from the defaults."""
        return names_at(*self._place(component, key))

    def exists(self, name: str) -> bool:
        """Whether a name means a component or a group of the file, even one that has no members."""
        if name.startswith(GROUP_PREFIX):
            return name.removeprefix(GROUP_PREFIX) in self.groups
        return name in self.components

    def meant(self, component: str, name: str) -> list[str]:
        """The components, as they stand in the file, that a name means where `component` says it."""
        if name.startswith(GROUP_PREFIX):
            found = self._members.get(name.removeprefix(GROUP_PREFIX), [])
        else:
            found = [name] if name in self.components else []
        return [other for other in found if other != component]

    def resolved(self, component: str, key: str) -> Iterable[str]:
        """All components, as they stand in the file and in its order, that the names at `key` of a component mean."""
        found = {other for reference in self.said(component, key) for other in self.meant(component, reference.name)}
        return sorted(found, key=self._order.__getitem__)

    def _place(self, component: str, key: str) -> tuple[Path, Any]:
        table = self.components[component]
        if isinstance(table, dict) and key in table:
            return ("components", component, key), table[key]
        return ("defaults", key), self._defaults.get(key)


def names_at(path: Path, value: Any) -> Iterator[Reference]:
    """The names that stand at `path`, where there is a name or a list of names."""
    if is_word(value):
        yield Reference(path, value)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if is_word(item):
                yield Reference((*path, index), item)


def is_word(value: Any) -> TypeGuard[str]:
    """Whether the schema takes a value as a name, so that it makes sense to look for it."""
    return isinstance(value, str) and value.split() == [value]
