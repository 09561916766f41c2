"""What `after`, `requires` and `group` ask of the rest of the file: that whom they name is there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wampsup.config.cycles import cycle_mistakes
from wampsup.config.references import GROUP_PREFIX, Reference, References, is_word, names_at
from wampsup.config.schema import keys_at
from wampsup.config.tables import table_in
from wampsup.config.words import did_you_mean, misspelt, subject
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wampsup.config.positions import Path

_WAITS = ("after", "requires")

MOST_HINTS = 100
"""Unknown names for which a near one is looked for: who has more of them has another mistake than misspelling."""


def reference_mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Names that nobody has, components that name themselves, and cycles."""
    if misspelt(document, keys_at(())) & {"components", "groups"}:
        return  # who is there will be known once that is mended
    references = References(document)
    checks = _Checks(references)
    yield from checks.table(("defaults",), table_in(document, "defaults"))
    for name in references.components:
        yield from checks.table(("components", name), table_in(references.components, name))
    yield from cycle_mistakes(references)


class _Checks:
    """Checks of what one table says by itself."""

    def __init__(self, references: References) -> None:
        self._references = references
        # One name is often wrong in many places, and to look for what is near it takes a while among ten thousand.
        self._hint = lru_cache(maxsize=None)(self._find_hint)
        self._searches = MOST_HINTS

    def table(self, path: Path, table: Mapping[str, Any]) -> Iterator[Mistake]:
        group = table.get("group")
        if is_word(group) and group not in self._references.groups:
            place = (*path, "group")
            hint = self._near(group, self._references.groups) or f"add a table `[groups.{group}]`"
            yield Mistake(path=place, message=f"unknown group `{group}` in {subject(place)}", hint=hint)
        for key in _WAITS:
            for reference in names_at((*path, key), table.get(key)):
                yield from self._name(reference)

    def _name(self, reference: Reference) -> Iterator[Mistake]:
        path, name = reference.path, reference.name
        if path[:2] == ("components", name):
            yield Mistake(path=path, message=f"{subject(path)} names the component itself")
        elif not self._references.exists(name):
            kind = "group" if name.startswith(GROUP_PREFIX) else "component"
            message = f"unknown {kind} `{name.removeprefix(GROUP_PREFIX)}` in {subject(path)}"
            yield Mistake(path=path, message=message, hint=self._hint(name))

    def _find_hint(self, name: str) -> str | None:
        other = name.removeprefix(GROUP_PREFIX) if name.startswith(GROUP_PREFIX) else GROUP_PREFIX + name
        if self._references.exists(other):
            return f"did you mean `{other}`?"
        groups = (GROUP_PREFIX + group for group in self._references.groups)
        return self._near(name, [*self._references.components, *groups])

    def _near(self, name: str, names: Iterable[str]) -> str | None:
        self._searches -= 1
        return did_you_mean(name, names) if self._searches >= 0 else None
