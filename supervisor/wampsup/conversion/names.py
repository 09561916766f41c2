"""What components are called: as the node calls them, else after their code, as `wampsup.run` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.config.names import name_problem

if TYPE_CHECKING:
    from collections.abc import Container

    from wampsup.conversion.item import Item

UNNAMED = "component"


def name_for(item: Item, code: str, taken: Container[str]) -> str:
    """A name that none of the others has, for the component at `item` whose code is called so."""
    base = _name_of(item["id"].value) or _name_of(code) or UNNAMED
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}-{count}"
    if item["id"] and name != item["id"].value:
        item["id"].note(f"becomes `{name}`")
    return name


def _name_of(value: object) -> str | None:
    return value if isinstance(value, str) and not name_problem(value) else None
