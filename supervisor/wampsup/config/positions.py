"""Where each key and each value of a TOML document stands.

tomli tells the place of a syntax error, but not of a value that it accepted. So this scanner walks a text that tomli
has accepted and notes, for each path of keys and list indices, the part of the text that is the key and the part that
is the value. It checks nothing: on a text that tomli refuses, it may do anything. Lines end in a line feed
alone, as in tomli.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import tomli

Path = tuple[str | int, ...]

# The alternatives exclude each other, so these are linear in the length of the text. Possessive quantifiers would say
# so, but CPython 3.11.2 matches them wrongly.
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|"{1,2}(?!")|[^"\\])*"""(?:"{1,2})?'
    r"|'''(?:'{1,2}(?!')|[^'])*'''(?:'{1,2})?"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}#]*|[^\s,\]}#]+")
_DOT = re.compile(r"[ \t]*\.[ \t]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The text from offset `start` up to `end`."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where one path stands: a list's item has no `key`, a table with a header no `value`, a `leaf` nothing within."""

    key: Span | None = None
    value: Span | None = None
    leaf: bool = False


def scan(text: str) -> dict[Path, Spot]:
    """The spot of each path of `text`, a valid TOML document.

    A table that is opened several times (by dotted keys, or by the headers of its subtables) stands at its own header
    where it has one, else where it is named first.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.spots


class _Scanner:
    """Walks a document from its start to its end, with the offset of the next character in `_at`."""

    def __init__(self, text: str) -> None:
        self.spots: dict[Path, Spot] = {}
        self._text = text
        self._at = 0
        self._lengths: dict[Path, int] = {}  # of arrays of tables, so far

    def document(self) -> None:
        table: Path = ()
        self._skip_blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_blank()

    def _skip_blank(self) -> None:
        self._take(_BLANK)

    def _take(self, pattern: re.Pattern[str]) -> Span | None:
        match = pattern.match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        return Span(start=match.start(), end=match.end())

    def _read(self, span: Span) -> str:
        return self._text[span.start : span.end]

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`: the path of the table that it opens."""
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        keys = self._keys()
        self._skip_blank()
        self._at += brackets
        path: Path = ()
        for name, span in keys[:-1]:
            path = self._last_item((*path, name))
            self.spots.setdefault(path, Spot(key=span))
        name, span = keys[-1]
        path = (*path, name)
        self.spots[path] = Spot(key=span)
        if brackets == 1:
            return path
        index = self._lengths.get(path, 0)
        self._lengths[path] = index + 1
        self.spots[*path, index] = Spot(key=span)
        return (*path, index)

    def _last_item(self, path: Path) -> Path:
        """Within an array of tables, a header's key means the array's last table."""
        length = self._lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _keys(self) -> list[tuple[str, Span]]:
        self._skip_blank()
        keys = [self._key()]
        while self._take(_DOT):
            keys.append(self._key())
        return keys

    def _key(self) -> tuple[str, Span]:
        bare = self._take(_BARE_KEY)
        if bare is not None:
            return self._read(bare), bare
        quoted = self._take(_STRING)
        if quoted is None:
            raise ValueError(f"no key at offset {self._at}")
        return str(tomli.loads(f"key = {self._read(quoted)}")["key"]), quoted

    def _pair(self, table: Path) -> None:
        """`a.b = value`, at the top or in an inline table."""
        path = table
        keys = self._keys()
        for name, span in keys:
            path = (*path, name)
            self.spots.setdefault(path, Spot(key=span))
        self._skip_blank()
        self._at += len("=")
        self._skip_blank()
        self._value(path, keys[-1][1])

    def _value(self, path: Path, key: Span | None) -> None:
        start = self._at
        first = self._text[start]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        elif self._take(_STRING) is None and self._take(_SCALAR) is None:
            raise ValueError(f"no value at offset {start}")
        self.spots[path] = Spot(key=key, value=Span(start=start, end=self._at), leaf=first not in "[{")

    def _array(self, path: Path) -> None:
        index = 0
        while self._next_item("]"):
            self._value((*path, index), None)
            index += 1

    def _inline_table(self, path: Path) -> None:
        while self._next_item("}"):
            self._pair(path)

    def _next_item(self, end: str) -> bool:
        """Step over the opening bracket, or a comma, to the next item; over the closing bracket where there is none."""
        if self._text[self._at] in "[{,":
            self._at += 1
        self._skip_blank()
        if self._text[self._at] == ",":
            self._at += 1
            self._skip_blank()
        if self._text[self._at] == end:
            self._at += 1
            return False
        return True
