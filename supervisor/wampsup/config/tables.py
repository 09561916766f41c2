"""How tables are read before anybody has checked them, and what a component takes from the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Tables of which a component may say a part; everything else is replaced as a whole.
_MERGED = ("restart", "health")


def table_in(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The table at `key`; an empty one where there is none, or something else."""
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def merge(table: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A component's table with what it takes from the defaults."""
    merged = {**defaults, **table}
    for key in _MERGED:
        if key in merged:
            merged[key] = {**table_in(defaults, key), **table_in(table, key)}
    return merged
