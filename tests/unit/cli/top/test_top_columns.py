"""The columns of the table, at every width."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from support.viewed import component
from wampsup.cli.top.columns import Span, cells, headings, layout
from wampsup.cli.top.history import History
from wampsup.printable import width as width_of

NOW = datetime(2026, 11, 22, 23, 16, 8, tzinfo=UTC).timestamp()
KETTLE = component("kettle", "backoff", 12.34, restarts=3, note="ValueError: dry; next try in 2.1 s")


def text(spans: list[Span]) -> str:
    return "".join(span.text for span in spans)


def history() -> History:
    known = History()
    known.add(1.0, [KETTLE])
    return known


def test_a_wide_line_has_all_of_it() -> None:
    columns = layout(120, 7)
    assert text(headings(columns, "busy", reverse=False)).rstrip() == (
        "NAME     STATE         SINCE  RESTARTS    BUSY▼  TREND                 NOTE"
    )
    assert text(cells(columns, KETTLE, history(), NOW)).rstrip() == (
        "kettle   backoff         3 h         3   12.3 %                     █  ValueError: dry; next try in 2.1 s"
    )


@pytest.mark.parametrize("width", range(30, 220))
@pytest.mark.parametrize("name", ["kettle", "k" * 60])
def test_no_line_is_longer_than_the_screen_is_wide(width: int, name: str) -> None:
    columns = layout(width, len(name))
    for line in (headings(columns, "state", reverse=True), cells(columns, KETTLE | {"name": name}, history(), NOW)):
        assert len(text(line)) <= width
    assert [column.heading for column in columns][:2] == ["NAME", "STATE"]


def test_wide_characters_stand_in_columns_too() -> None:
    columns = layout(80, 8)
    plain = text(cells(columns, KETTLE | {"name": "kettle"}, history(), NOW))
    for name in ("茶がない", "茶", "茶がない、本当に", "e\u0301"):
        line = text(cells(columns, KETTLE | {"name": name, "note": "乾" * 40}, history(), NOW))
        assert width_of(line) == width_of(plain) == 80
        assert width_of(line[: line.index("backoff")]) == plain.index("backoff")


def test_what_matters_least_goes_first() -> None:
    def shown(width: int) -> str:
        return " ".join(column.heading for column in layout(width, 10))

    assert shown(80) == "NAME STATE SINCE RESTARTS BUSY TREND NOTE"
    assert shown(70) == "NAME STATE SINCE BUSY TREND NOTE"
    assert shown(60) == "NAME STATE SINCE BUSY NOTE"
    assert shown(50) == "NAME STATE BUSY NOTE"
    assert shown(40) == "NAME STATE NOTE"


def test_the_column_by_which_it_is_sorted_is_marked_with_the_direction() -> None:
    line = text(headings(layout(100, 10), "name", reverse=True))
    assert line.startswith("NAME▲ ")
    marked = [span.text.strip() for span in headings(layout(100, 10), "state", reverse=False) if span.role == "sorted"]
    assert marked == ["STATE▼"]


def test_text_of_the_fleet_is_made_printable_and_cut() -> None:
    hostile = component("kettle", "fatal", None, note="[red]\x1b[31m\nrm -rf" + "x" * 100)
    line = text(cells(layout(80, 6), hostile, history(), NOW))
    assert "\x1b" not in line
    assert "\n" not in line
    assert "[red]\\x1b[31m" in line
    assert line.rstrip().endswith("…")


def test_a_state_is_told_in_a_word_and_by_its_role() -> None:
    spans = cells(layout(80, 6), KETTLE, history(), NOW)
    assert Span("  backoff     ", "backoff") in spans
