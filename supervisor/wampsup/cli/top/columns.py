"""The table's columns: which of them there is room for, and what stands in them.

A line is a list of spans, each with the role that decides how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wampsup.cli.columns import fitted
from wampsup.cli.render import ago, percent
from wampsup.cli.table import GAP, RIGHT, SHORTEST_NAME
from wampsup.cli.top.history import sparkline
from wampsup.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.cli.top.history import History


class Span(NamedTuple):
    """A piece of a line; its role is the name of a state, one of the view's own, or empty."""

    text: str
    role: str = ""


class Column(NamedTuple):
    """A column of the table, and how many columns of the terminal it takes."""

    heading: str
    width: int


LEAST_TOP = 5.0
"""The full height of a sparkline in percent, at the least: what is idle looks idle."""

_SORTED_BY = {"busy": "BUSY", "state": "STATE", "name": "NAME"}
_WIDTHS = {"STATE": 12, "SINCE": 5, "RESTARTS": 8, "BUSY": 7, "TREND": 10}
_GIVEN_UP = ("RESTARTS", "TREND", "SINCE", "BUSY")
"""The columns that go where there is no room, that which matters least first."""

_LONGEST_TREND = 30
_SHORTEST_HEADING = len("NAME▼")
_SHORTEST_NOTE = 12
_WIDE = 100
"""Columns of a line from which on trends grow with it."""


def layout(width: int, longest_name: int) -> list[Column]:
    """The columns for lines of `width`, where no name is longer than that."""
    widths = {"NAME": max(longest_name, _SHORTEST_HEADING)} | _WIDTHS
    widths["TREND"] += max(0, min((width - _WIDE) // 2, _LONGEST_TREND - widths["TREND"]))

    def left() -> int:
        return width - sum(size + len(GAP) for size in widths.values())

    for heading in _GIVEN_UP:
        if left() < _SHORTEST_NOTE:
            del widths[heading]
    if (missing := _SHORTEST_NOTE - left()) > 0:
        widths["NAME"] = max(widths["NAME"] - missing, min(widths["NAME"], SHORTEST_NAME))
    return [Column(*column) for column in widths.items()] + [Column("NOTE", max(left(), 0))]


def headings(columns: Sequence[Column], order: str, *, reverse: bool) -> list[Span]:
    """The line above the table; that by which it is sorted is marked."""
    line: list[Span] = []
    for column in columns:
        is_sorted = _SORTED_BY[order] == column.heading
        mark = ("▲" if reverse else "▼") if is_sorted else ""
        line.append(_span(line, column, column.heading + mark, "sorted" if is_sorted else "heading"))
    return line


def cells(columns: Sequence[Column], component: dict[str, Any], history: History, now: float) -> list[Span]:
    """The line of one component."""
    line: list[Span] = []
    for column in columns:
        text = printable(_text(column, component, history, now))
        line.append(_span(line, column, text, _role(column.heading, component)))
    return line


def _text(column: Column, component: dict[str, Any], history: History, now: float) -> str:
    match column.heading:
        case "SINCE":
            return ago(component["since"], now)
        case "BUSY":
            return percent(component["busy_percent"])
        case "TREND":
            return sparkline(history.of(component["name"]), history.begun, column.width, LEAST_TOP)
        case heading:
            return str(component[heading.lower()] or ("0" if heading == "RESTARTS" else ""))


def _role(heading: str, component: dict[str, Any]) -> str:
    match heading:
        case "STATE":
            return str(component["state"])
        case "TREND":
            return "trend"
        case "NOTE":
            return "note"
        case _:
            return ""


def _span(before: Sequence[Span], column: Column, text: str, role: str) -> Span:
    text = fitted(text, column.width, right=column.heading in RIGHT)
    return Span(f"{GAP}{text}" if before else text, role)
