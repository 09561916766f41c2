"""A value of the configuration together with its place in it, and what is to be said about it.

Nobody has checked the configuration, so an item answers for any value: what is not there, or is no object, has no
keys. `left_out` is for what makes a component worthless; all else is a note.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wampsup.config.words import dotted, shown
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wampsup.config.positions import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What was not taken over, or not as it stands: a sentence about a place such as `workers[1].components[0]`."""

    path: Path
    message: str

    def about(self, path: Path = ()) -> str:
        """The note as one line; its place is told from `path` on."""
        place = dotted(self.path[len(path) :])
        return printable(f"{place}: {self.message}" if place else self.message)


class LeftOutError(Exception):
    """A component can't be taken over, for the reason in `note`."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.about())
        self.note = note


class Item:
    """A value (`None` where there is none) at `path`; notes about it are added to `notes`."""

    def __init__(self, value: Any, path: Path, notes: list[Note]) -> None:
        self.value = value
        self.path = path
        self._notes = notes

    def __bool__(self) -> bool:
        return bool(self.value)

    def __getitem__(self, key: str | int) -> Item:
        is_there = isinstance(self.value, list) and isinstance(key, int)
        inner = self.value.get(key) if isinstance(self.value, dict) else self.value[key] if is_there else None
        return Item(inner, (*self.path, key), self._notes)

    def __iter__(self) -> Iterator[Item]:
        """The values of a list; a note where there is something else."""
        if isinstance(self.value, list):
            for index, inner in enumerate(self.value):
                yield Item(inner, (*self.path, index), self._notes)
        elif self.value is not None:
            self.note(f"must be a list, not {shown(self.value)}")

    def keys(self) -> list[Any]:
        """The keys of an object."""
        return list(self.value) if isinstance(self.value, dict) else []

    def text(self) -> str:
        """The string that must be here.

        Raises:
            LeftOutError: there is none.
        """
        if isinstance(self.value, str) and self.value:
            return self.value
        raise self.left_out("a string is needed here")

    def note(self, message: str) -> None:
        """Say something about it."""
        self._notes.append(Note(path=self.path, message=message))

    def left_out(self, message: str) -> LeftOutError:
        """The error for a component that can't be taken over because of this value."""
        return LeftOutError(Note(path=self.path, message=message))

    def note_others(self, known: Iterable[str], message: str = "has no counterpart in a fleet file") -> None:
        """Say of each key that is not among the known ones that it is not taken over."""
        for key in self.keys():
            if key not in known:
                self[key].note(message)
