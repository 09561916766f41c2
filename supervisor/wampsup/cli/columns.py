"""Text cut, padded and broken by the columns that it takes in a terminal."""

from __future__ import annotations

from wampsup.printable import width

ELLIPSIS = "…"
_COMMAND = frozenset({"wampsup", "wampsup start"})
"""What the next word belongs to."""


def cut(text: str, columns: int) -> str:
    """`text`, or as much of it as fits, with an ellipsis."""
    return text if width(text) <= columns else _head(text, columns - 1) + ELLIPSIS[: max(columns, 0)]


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """`text` in so many columns, at the left or at the right of them."""
    space = " " * (columns - width(text))
    return space + text if right else text + space


def fitted(text: str, columns: int, *, right: bool = False) -> str:
    """`text` in just so many columns: cut, or padded."""
    return padded(cut(text, columns), columns, right=right)


def wrapped(text: str, columns: int) -> list[str]:
    """`text` in lines of at most so many columns, broken at spaces; what is longer than a line is broken as well.

    A command (`wampsup start kettle`) stays in one line where it fits, so that it can be copied.
    """
    lines: list[str] = []
    line = ""
    for word in _words(text, columns):
        longer = f"{line} {word}" if line else word
        if width(longer) <= columns:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width(line) > columns:
            head = _head(line, columns) or line[0]
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line] if line or not lines else lines


def in_lines(text: str, columns: int, most: int) -> list[str]:
    """`text` in at most so many lines, where what is behind its last semicolon matters most.

    That is kept together in a line where it can be; of what stands before it as much is shown as there is room for.
    """
    head, _, end = text.rpartition("; ")
    if not head:
        return _at_most(wrapped(text, columns), columns, most)
    before, behind = wrapped(f"{head};", columns), wrapped(end, columns)
    if width(before[-1]) + 1 + width(end) <= columns and len(before) <= most:
        return [*before[:-1], f"{before[-1]} {end}"]
    if len(before) + len(behind) <= most:
        return before + behind
    if len(behind) >= most:  # the text is long on both sides
        return _at_most(wrapped(text, columns), columns, most)
    return _at_most(before, columns, most - len(behind)) + behind


def _at_most(lines: list[str], columns: int, most: int) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], cut(f"{lines[most - 1]} {lines[most]}", columns)]


def _words(text: str, columns: int) -> list[str]:
    words: list[str] = []
    for word in text.split(" "):
        command = f"{words[-1]} {word}" if words and words[-1] in _COMMAND else ""
        if command and width(command) <= columns:
            words[-1] = command
        else:
            words.append(word)
    return words


def _head(text: str, columns: int) -> str:
    """As much of the beginning as fits."""
    if text.isascii():
        return text[: max(columns, 0)]
    taken = 0
    for index, character in enumerate(text):
        taken += width(character)
        if taken > columns:
            return text[:index]
    return text
