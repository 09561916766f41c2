"""The table of `status`: as wide as it likes in a file, and never wider than the terminal.

In a terminal, what a note has to say is never lost at the margin: it goes on below, beside the other columns where
there is room for that, else in lines of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.cli.columns import fitted, in_lines
from wampsup.cli.render import ago, painted, percent
from wampsup.printable import printable, width

if TYPE_CHECKING:
    from collections.abc import Sequence

RIGHT = frozenset({"SINCE", "RESTARTS", "BUSY"})
"""Columns in which text stands at the right."""

GAP = "  "
SHORTEST_NAME = 8
"""Columns within which no name is cut any shorter, however narrow the terminal is."""

_HEADINGS = ("NAME", "STATE", "SINCE", "RESTARTS", "BUSY", "NOTE")
_INDENT = 4
_NARROWEST_NOTE = 28
"""Columns beside the others in which notes are shown; most of what comes next fits into a line of that."""

_MOST_LINES = 3
"""Of a note."""

Widths = dict[str, int]


def table(components: Sequence[dict[str, Any]], now: float, *, width: int | None, colour: bool) -> list[str]:
    """The lines of the table; with `width`, it leaves out, cuts and breaks what it must so that no line is longer."""
    heading, *rows = blocks(components, now, width=width, colour=colour)
    return heading + [line for row in rows for line in row]


def blocks(components: Sequence[dict[str, Any]], now: float, *, width: int | None, colour: bool) -> list[list[str]]:
    """The lines of the table: those of the headings, then those of each component."""
    rows = [_HEADINGS, *(_row(component, now) for component in components)]
    widths = _widths(rows)
    if all(component["busy_percent"] is None for component in components):
        del widths["BUSY"]  # a reactor that keeps no accounts, or has only just begun
    if width is not None:
        _fit(widths, width)
    heading, *others = rows
    return [
        [_line(heading, widths, colour=False)],
        *(_block(row, widths, width, colour=colour) for row in others),
    ]


def _widths(rows: Sequence[tuple[str, ...]]) -> Widths:
    return {heading: max(width(row[column]) for row in rows) for column, heading in enumerate(_HEADINGS)}


def _fit(widths: Widths, columns: int) -> None:
    """Narrow the table: what matters least goes, names are cut, and notes get what is left where it is enough."""
    notes = widths.pop("NOTE")
    for heading in ("RESTARTS", "BUSY", "SINCE"):
        if _taken(widths) > columns:
            widths.pop(heading, None)
    for heading, least in (("NAME", SHORTEST_NAME), ("STATE", 1)):
        too_much = max(_taken(widths) - columns, 0)
        widths[heading] = max(widths[heading] - too_much, min(widths[heading], least))
    room = columns - _taken(widths) - len(GAP)
    if room >= min(notes, _NARROWEST_NOTE):
        widths["NOTE"] = min(notes, room)


def _taken(widths: Widths) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def _row(component: dict[str, Any], now: float) -> tuple[str, ...]:
    since = ago(component["since"], now)
    restarts, busy = str(component["restarts"]), percent(component["busy_percent"])
    cells = (component["name"], component["state"], since, restarts, busy, component["note"] or "")
    return tuple(printable(cell) for cell in cells)


def _block(row: tuple[str, ...], widths: Widths, columns: int | None, *, colour: bool) -> list[str]:
    *cells, note = row
    if columns is None:
        return [_line(row, widths, colour=colour)]
    if "NOTE" in widths:
        indent = _taken(widths) - widths["NOTE"]
        first, *rest = in_lines(note, widths["NOTE"], _MOST_LINES)
    else:
        indent = _INDENT
        first, rest = "", in_lines(note, max(columns - _INDENT, 1), _MOST_LINES) if note else []
    return [_line((*cells, first), widths, colour=colour), *(" " * indent + line for line in rest)]


def _line(row: tuple[str, ...], widths: Widths, *, colour: bool) -> str:
    cells = []
    for heading, cell in zip(_HEADINGS, row, strict=True):
        if size := widths.get(heading):
            text = fitted(cell, size, right=heading in RIGHT)
            cells.append(painted(text, cell, colour=colour and heading == "STATE"))
    return GAP.join(cells).rstrip()
