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

_SHARED = frozenset({"supervisor", "router", "defaults", "components", "groups"})
"""Tables of which each file may say a part."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a path stands: in which file, and which part of it."""

    source: Source
    spot: Spot


class Files:
    """The files of a fleet, the one that was named first; `document` is what they say together."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = tuple(sources)
        self.document: dict[str, Any] = {}
        self._found: dict[Path, _Found] = {}
        self._given_twice: list[LocatedError] = []
        for source in sources:
            for path, spot in source.spots.items():
                self._found.setdefault(path, _Found(source, spot))
            self._take(source)

    def folder_of(self, path: Path) -> pathlib.Path:
        """The folder of the file in which a path stands: what is relative there is relative to it."""
        found = self._nearest(path)
        return (found.source if found else self.sources[0]).folder

    def located(self, mistakes: Iterable[Mistake], others: Iterable[LocatedError] = ()) -> list[LocatedError]:
        """The mistakes as errors, in the order of the files and of what is in them, and each of them once.

        `others` are errors that know their place already; what is given twice is among them by itself.
        """
        errors = [*self._given_twice, *others, *map(self._error, mistakes)]
        order = {source.file: index for index, source in enumerate(self.sources)}
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

    def _twice(self, source: Source, path: Path) -> LocatedError:
        spot = source.spots[path]
        first = self._found[path]
        line = first.source.line_of(first.spot.key or first.spot.value or Span(start=0, end=0))
        message = f"{subject(path)} is given twice: here, and in `{first.source.file}` on line {line}"
        return source.error(message, spot.key, hint="keep one of them")

    def _error(self, mistake: Mistake) -> LocatedError:
        source, span = self._span(mistake.path, at_key=mistake.at_key)
        return source.error(mistake.message, span, hint=mistake.hint, detail=mistake.detail)

    def _span(self, path: Path, *, at_key: bool) -> tuple[Source, Span | None]:
        """The part of a text that `path` means: where no file has it, the nearest key around it."""
        path = self._as_written(path)
        found = self._nearest(path)
        if found is None:
            return self.sources[0], None
        at_key = at_key or path not in self._found
        spot = found.spot
        return found.source, (spot.key or spot.value) if at_key else (spot.value or spot.key)

    def _nearest(self, path: Path) -> _Found | None:
        while path and path not in self._found:
            path = path[:-1]
        return self._found.get(path)

    def _as_written(self, path: Path) -> Path:
        """A path of the spec as a file has it: a key may come from the defaults, a lone transport has no index."""
        found = self._found
        match path:
            case ("components", str(), str() as key, *rest) if path[:3] not in found:
                default = ("defaults", key, *rest)
                path = default if default[:2] in found else path
            case ("components", str(), ("restart" | "health") as table, str() as key) if path not in found:
                default = ("defaults", table, key)
                path = default if default in found else path
        index = 3 if path[:1] == ("components",) else 2
        if path[index - 1 : index] == ("transports",) and path[: index + 1] not in found:
            return path[:index] + path[index + 1 :]
        return path
