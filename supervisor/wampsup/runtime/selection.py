"""Which components patterns mean: names, shell globs, `group:NAME`, and names that several instances have in common.

Any client may send patterns, and all components share the loop in which they are matched. So a name is looked up, a
glob is matched in time that grows with its length and the name's alone (`fnmatch` translates `*` to atomic groups,
which never go back), and nothing is kept of a glob: `fnmatch` itself would remember 32,768 of them.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Any, Protocol

from wampsup.model.transition import GROUP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wampsup.model.spec import ComponentSpec


class HasSpec(Protocol):
    """A component, as far as it matters here."""

    @property
    def spec(self) -> ComponentSpec:
        """What the file says of it."""


def is_glob(pattern: str) -> bool:
    """Whether it takes matching, and is no name."""
    return any(char in pattern for char in "*?[")


def matching(patterns: Iterable[str], units: Mapping[str, HasSpec]) -> tuple[set[str], list[str]]:
    """The names that `patterns` mean, and the patterns that mean none."""
    chosen: set[str] = set()
    unmatched: list[str] = []
    families: Mapping[str, Collection[str]] | None = None
    for pattern in dict.fromkeys(patterns):
        if pattern in units:
            chosen.add(pattern)
            continue
        families = _families(units) if families is None else families
        names = families.get(pattern) or (_globbed(pattern, units) if is_glob(pattern) else ())
        chosen.update(names)
        if not names:
            unmatched.append(pattern)
    return chosen, unmatched


def _globbed(pattern: str, names: Iterable[str]) -> list[str]:
    matches: Any = re.compile(fnmatch.translate(pattern)).match
    return list(filter(matches, names))


def _families(units: Mapping[str, HasSpec]) -> Mapping[str, Collection[str]]:
    """The members of each group by `group:NAME`, and the instances of each component by its name."""
    found: dict[str, list[str]] = {}
    for name, unit in units.items():
        if unit.spec.group is not None:
            found.setdefault(GROUP + unit.spec.group, []).append(name)
        if unit.spec.instance_of is not None:
            found.setdefault(unit.spec.instance_of, []).append(name)
    return found
