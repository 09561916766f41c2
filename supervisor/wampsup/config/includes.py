"""`[supervisor] include`: the other files of a fleet.

Its patterns are taken in their order and the files of one pattern in that of their names; a file that several patterns
match counts once. They are relative to the folder of the fleet file, whose own `include` is the only one. A pattern
with `*`, `?` or `[` may match nothing; a name without them has to be there.
"""

from __future__ import annotations

import glob
import itertools
import os
import pathlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wampsup.config.expansion import expand
from wampsup.config.places import LocatedError
from wampsup.config.reading import read
from wampsup.config.tables import table_in
from wampsup.errors import FleetFileError
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.config.places import Source
    from wampsup.config.positions import Path

_PATH = ("supervisor", "include")


class Includes:
    """The files that the fleet file `main` includes: `sources` are those that could be read.

    `mistakes` stand in `main`, `errors` in the other files, and `names` are those of all of them in their order.
    `complete` says whether all have been read; whoever can write to one of `folders` can add another.
    """

    def __init__(self, main: Source, environ: Mapping[str, str]) -> None:
        self.sources: list[Source] = []
        self.mistakes: list[Mistake] = []
        self.errors: list[LocatedError] = []
        self.names: list[str] = []
        self.folders: list[pathlib.Path] = []
        self.complete = True
        self._main = main
        self._seen = {os.path.realpath(main.path)}
        for path, item in _items(main.document):
            pattern, mistakes = expand(item, environ)
            if mistakes:  # they are told together with those in all other strings
                self.complete = False
            else:
                self._include(path, pattern)

    def _include(self, path: Path, pattern: str) -> None:
        folder = self._main.folder
        named = not glob.has_magic(pattern)
        self.folders.append(folder / _fixed_part(pattern))
        # Only `glob` takes absolute patterns too.
        for name in [pattern] if named else sorted(glob.glob(pattern, root_dir=folder, recursive=True)):  # noqa: PTH207
            file = folder / name
            true_path = os.path.realpath(file)  # which takes links that lead in a circle
            if true_path not in self._seen and (named or not os.path.isdir(file)):  # noqa: PTH112 - it never raises
                self._seen.add(true_path)
                self._read(path, file, str(pathlib.Path(self._main.file).parent / name))

    def _read(self, path: Path, file: pathlib.Path, shown: str) -> None:
        self.names.append(shown)
        try:
            source = _regular(file, shown)
        except FleetFileError as error:
            self.complete = False
            inner = [mistake for mistake in error.mistakes if isinstance(mistake, LocatedError)]
            self.errors += inner
            if not inner:
                self.mistakes.append(Mistake(path=path, message=error.message))
            return
        supervisor = dict(table_in(source.document, "supervisor"))
        if "include" in supervisor:
            message = "`include` in `[supervisor]` is for the fleet file itself, and not for a file that it includes"
            self.errors.append(source.error(message, source.spots[_PATH].key))
            del supervisor["include"]
            source = replace(source, document={**source.document, "supervisor": supervisor})
        self.sources.append(source)


def _items(document: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The patterns and where they stand; what can be none is passed over, and told by others."""
    said = table_in(document, "supervisor").get("include")
    for index, item in enumerate(said if isinstance(said, list) else ()):
        if isinstance(item, str) and item and "\0" not in item:
            yield (*_PATH, index), item


def _fixed_part(pattern: str) -> pathlib.Path:
    """The folder in which all files lie that a pattern may match."""
    fixed = itertools.takewhile(lambda part: not glob.has_magic(part), pathlib.Path(pattern).parent.parts)
    return pathlib.Path(*fixed)


def _regular(file: pathlib.Path, shown: str) -> Source:
    """Read a file that is one: a pipe might never end."""
    if os.path.exists(file) and not os.path.isfile(file) and not os.path.isdir(file):  # noqa: PTH110, PTH112, PTH113
        raise FleetFileError(f"`{shown}` is no regular file")
    return read(file, shown)
