"""The files of a fleet, as one document: the file that a person named, and those that it includes.

They add up, and no file takes precedence over another: a component, a group, or a key of `[supervisor]`, `[router]` or
`[defaults]` that is given twice is a mistake. Components and groups keep their order: those of the file that was named
come first, then those of the included files in their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wampsup.config.positions import Span
from wampsup.config.words import subject

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Mapping, Sequence

    from wampsup.config.places import LocatedError, Source
    from wampsup.config.positions import Path, Spot
    from wampsup.model.spec import Mistake

_START = Span(start=0, end=0)
_SHARED = frozenset({"supervisor", "router", "defaults", "components", "groups"})
"""Tables of which each file may say a part."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a path stands: in which file, and which part of it."""

    source: Source
    spot: Spot


class Files:
    """The files of a fleet, the one that was named first; `document` is what they say together.

    `names` are those of all files in their order, where some could not be read.
    """

    def __init__(self, sources: Sequence[Source], names: Sequence[str] = ()) -> None:
        self.sources = tuple(sources)
        self._order = {name: index for index, name in enumerate(dict.fromkeys((sources[0].file, *names)))}
        self.document: dict[str, Any] = {}
        self._owners: dict[Path, Source] = {}
        self._given_twice: list[LocatedError] = []
        for source in sources:
            self._take(source)

    def folder_of(self, path: Path) -> pathlib.Path:
        """The folder of the file in which a path stands: what is relative there is relative to it."""
        owner = self._owners.get(path[:2]) or self._owners.get(path[:1]) or self.sources[0]
        return owner.folder

    def located(self, mistakes: Iterable[Mistake], others: Iterable[LocatedError] = ()) -> list[LocatedError]:
        """The mistakes as errors, in the order of the files and of what is in them, and each of them once.

        `others` are errors that know their place already; what is given twice is among them by itself.
        """
        errors = [*self._given_twice, *others, *map(self._error, mistakes)]
        order = self._order
        found: dict[tuple[int, int, int, str], LocatedError] = {}
        for error in errors:
            line, column = (error.place.line, error.place.column) if error.place else (0, 0)
            found.setdefault((order.get(error.file, len(order)), line, column, error.message), error)
        return [found[key] for key in sorted(found, key=lambda key: key[:3])]

    def _take(self, source: Source) -> None:
        for key, value in source.document.items():
            is_shared = key in _SHARED and isinstance(value, dict) and isinstance(self.document.get(key, {}), dict)
            if is_shared:
                self._add(value, self.document.setdefault(key, {}), (key,), source)
            else:
                self._add({key: value}, self.document, (), source)

    def _add(self, entries: Mapping[str, Any], table: dict[str, Any], path: Path, source: Source) -> None:
        for key, value in entries.items():
            if key in table:
                self._given_twice.append(self._twice(source, (*path, key)))
            else:
                table[key] = value
                self._owners[*path, key] = source

    def _twice(self, source: Source, path: Path) -> LocatedError:
        first = next(other for other in self.sources if path in other.spots)
        line = first.line_of(first.spots[path].key or _START)
        message = f"{subject(path)} is given twice: here, and in `{first.file}` on line {line}"
        return source.error(message, source.spots[path].key, hint="keep one of them")

    def _error(self, mistake: Mistake) -> LocatedError:
        path = self._as_written(mistake.path)
        source, span = self._span(path, at_key=mistake.at_key)
        message = mistake.message
        if path[:1] == ("defaults",) != mistake.path[:1]:  # all that take it from there have the same mistake
            message = message.replace(f"of component `{mistake.path[1]}`", "in `[defaults]`")
        return source.error(message, span, hint=mistake.hint, detail=mistake.detail)

    def _span(self, path: Path, *, at_key: bool) -> tuple[Source, Span | None]:
        """The part of a text that is at `path`: where no file has it, the nearest key around it."""
        found = self._nearest(path)
        if found is None:
            return self.sources[0], None
        at_key = at_key or not self._is_written(path)
        spot = found.spot
        return found.source, (spot.key or spot.value) if at_key else (spot.value or spot.key)

    def _is_written(self, path: Path) -> bool:
        return any(path in source.spots for source in self.sources)

    def _nearest(self, path: Path) -> _Found | None:
        while path:
            for source in self.sources:
                if path in source.spots:
                    return _Found(source, source.spots[path])
            path = path[:-1]
        return None

    def _as_written(self, path: Path) -> Path:
        """A path of the spec as a file has it: a key may come from the defaults, a lone transport has no index."""
        written = self._is_written
        match path:
            case ("components", str(), str() as key, *rest) if not written(path[:3]):
                default = ("defaults", key, *rest)
                path = default if written(default[:2]) else path
            case ("components", str(), ("restart" | "health") as table, str() as key) if not written(path):
                default = ("defaults", table, key)
                path = default if written(default) else path
        index = 3 if path[:1] == ("components",) else 2
        if path[index - 1 : index] == ("transports",) and not written(path[: index + 1]):
            return path[:index] + path[index + 1 :]
        return path
