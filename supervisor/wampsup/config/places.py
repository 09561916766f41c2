"""Mistakes shown where they stand in a file.

A `Source` is the text of one file together with the spot of each of its keys and values. A `LocatedError` renders a
line of it and a marker under what is wrong. Values that are secret are masked in the line, also where they only share
it with the mistake.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wampsup.config.positions import Span, Spot, scan
from wampsup.config.secrets import is_secret, may_hold_secret, names_user
from wampsup.errors import FleetFileError, WampsupError
from wampsup.masking import MASK, mask
from wampsup.printable import printable, width

_WIDEST = 160
"""Characters of a line that are shown."""

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator, Mapping

    from wampsup.config.positions import Path
    from wampsup.errors import Facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Line and column (from 1, in characters), the line without its secrets, and the part of it to mark (from 0)."""

    line: int
    column: int
    shown: str
    mark: Span


class LocatedError(WampsupError):
    """One mistake: `place` is `None` where it is about the file as a whole; `detail` is for the log.

    Neither message nor hint holds a secret.
    """

    exit_code = FleetFileError.exit_code

    def __init__(
        self, message: str, *, hint: str | None, file: str, place: Place | None, detail: str | None = None
    ) -> None:
        super().__init__(printable(mask(message)), hint=hint and printable(mask(hint)))
        self.file = file
        self.place = place
        self.detail = detail

    def render(self) -> str:
        """The sentence, the line with a marker under what is wrong, and the hint."""
        lines = [f"error: {self.message}", *_picture(self.file, self.place)]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)

    @property
    def facts(self) -> Facts:
        """With its file, and line and column where it has them."""
        line, column = (self.place.line, self.place.column) if self.place else (None, None)
        where: Facts = {"file": self.file, "line": line, "column": column}
        return super().facts | where


def _picture(file: str, place: Place | None) -> Iterator[str]:
    if place is None:
        yield f"  --> {printable(file)}"
        return
    number = str(place.line)
    gutter = " " * len(number)
    before, marked, after = _window(place)
    yield f"{gutter}--> {printable(file)}:{place.line}:{place.column}"
    yield f"{gutter} |"
    yield f"{number} | {before}{marked}{after}"
    yield f"{gutter} | {' ' * width(before)}{'^' * max(1, width(marked))}"


def _window(place: Place) -> Iterator[str]:
    """What stands before the mark, what is marked, and what stands after it, as much of a long line as is of use.

    All three are fit to be shown.
    """
    shown, mark = place.shown, place.mark
    start = max(0, mark.start - _WIDEST // 2) if len(shown) > _WIDEST else 0
    end = min(len(shown), start + _WIDEST)
    before, after = "..." * (start > 0), "..." * (end < len(shown))
    marked = min(mark.end, end)
    parts = (before + shown[start : mark.start], shown[mark.start : marked], shown[marked:end] + after)
    return (printable(part.replace("\t", "    ")) for part in parts)


@dataclass(frozen=True, kw_only=True, repr=False)
class Source:
    """A file: `file` as the person would name it, its absolute path, its text, and what it says."""

    file: str
    path: pathlib.Path
    text: str
    document: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def spots(self) -> Mapping[Path, Spot]:
        """Where it says so; only who has a mistake to show needs that, and it takes as long as all the rest."""
        return scan(self.text)

    @cached_property
    def _secrets(self) -> list[Span]:
        """The values that must not be shown, in their order; none of them lies in another."""
        spots = self.spots.items()
        found = [spot.value for path, spot in spots if spot.leaf and spot.value and self._hides(path, spot.value)]
        return sorted(found, key=lambda span: span.start)

    def _hides(self, path: Path, value: Span) -> bool:
        return is_secret(path) or names_user(self.text[value.start : value.end])

    @property
    def folder(self) -> pathlib.Path:
        """What is relative in the file is relative to this."""
        return self.path.parent

    def error(
        self, message: str, span: Span | None, *, hint: str | None = None, detail: str | None = None
    ) -> LocatedError:
        """An error that marks a part of the text; without one it is about the file as a whole."""
        place = None if span is None else self._place(span)
        return LocatedError(message, hint=hint, file=self.file, place=place, detail=detail)

    def line_of(self, span: Span) -> int:
        """The number of the line on which a part of the text begins."""
        return self._line_number(span.start)

    def at_offset(self, message: str, offset: int, *, hint: str | None = None) -> LocatedError:
        """An error at an offset of a text that could not be read."""
        start, end = self._line(offset)
        column = offset - start
        shown = self.text[start:end]
        if may_hold_secret(self.text, end):
            shown = f"{shown[: shown.index('=') + 1]} {MASK}" if "=" in shown else MASK
            column = min(column, len(shown) - len(MASK))
        place = Place(
            line=self._line_number(offset),
            column=offset - start + 1,
            shown=shown,
            mark=Span(start=column, end=column + 1),
        )
        return LocatedError(message, hint=hint, file=self.file, place=place)

    def _line(self, offset: int) -> tuple[int, int]:
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return start, len(self.text) if end < 0 else end

    def _line_number(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def _place(self, span: Span) -> Place:
        start, end = self._line(span.start)
        secrets = []
        for secret in self._secrets[bisect(self._secrets, start, key=lambda each: each.end) :]:
            if secret.start >= end:
                break
            secrets.append((max(secret.start, start), min(secret.end, end)))
        shown = _Masked(self.text, start, end, secrets)
        return Place(
            line=self._line_number(span.start),
            column=span.start - start + 1,
            shown=shown.text,
            mark=Span(start=shown.column(span.start), end=shown.column(min(span.end, end))),
        )


class _Masked:
    """A line (the text from `start` to `end`) with each secret part replaced, and where each offset has gone."""

    def __init__(self, text: str, start: int, end: int, secrets: list[tuple[int, int]]) -> None:
        self._start = start
        self._secrets = secrets
        pieces = []
        for low, high in secrets:
            pieces += [text[start:low], MASK]
            start = high
        self.text = "".join([*pieces, text[start:end]])

    def column(self, offset: int) -> int:
        column = offset - self._start
        for low, high in self._secrets:
            if high <= offset:
                column += len(MASK) - (high - low)
        return column
