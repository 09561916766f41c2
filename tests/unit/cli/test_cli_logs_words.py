"""How a line of a log reads on a terminal and elsewhere, and how many are asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wampsup.cli.arguments import parse
from wampsup.cli.logs import in_json, in_text
from wampsup.errors import UsageError
from wampsup.logs.render import as_json, as_text
from wampsup.model.record import Record
from wampsup.runtime.lines import Line

RECORD = Record(
    at=1_700_000_000.123,
    level="warn",
    component="clock",
    message="warn \x1b[2J\n[b]",
    logger="shop",
    traceback="T\n  f\x07\n",
)


def line(record: Record = RECORD) -> dict[str, Any]:
    """A record as the control API tells it."""
    told: dict[str, Any] = json.loads(Line(record).json())
    return told


def test_a_line_reads_as_in_the_log() -> None:
    assert in_text(line(), colour=False) == as_text(RECORD)
    assert as_text(RECORD).split("\n") == [
        "2023-11-14T22:13:20.123Z warn  [clock] warn \\x1b[2J",
        "    [b]",
        "    T",
        "      f\\x07",
    ]
    own = Record(at=1_700_000_000.999, level="info", message="fleet `edge` answers")
    assert in_text(line(own), colour=True) == "2023-11-14T22:13:20.999Z info  [wampsup] fleet `edge` answers"


def test_json_is_what_the_log_in_json_has() -> None:
    assert in_json(line()) == as_json(RECORD)
    assert list(json.loads(in_json(line()))) == ["time", "level", "component", "message", "logger", "traceback"]


@pytest.mark.parametrize(
    ("level", "colour"), [("critical", "31"), ("error", "31"), ("warn", "33"), ("debug", "2"), ("trace", "2")]
)
def test_a_level_has_its_colour_where_there_are_colours(level: str, colour: str) -> None:
    record = Record(at=0.0, level=level, component=level, message=level)
    plain = f"1970-01-01T00:00:00.000Z {level:<5} [{level}] {level}"
    assert in_text(line(record), colour=False) == plain
    assert in_text(line(record), colour=True) == plain.replace(level, f"\x1b[{colour}m{level}\x1b[0m", 1)


def test_lines_that_were_lost_are_told() -> None:
    assert in_text({"lost": 1, "after": 9}, colour=False) == "1 line lost: they came faster than they could be shown"
    assert in_text({"lost": 12, "after": 9}, colour=True) == "12 lines lost: they came faster than they could be shown"
    assert json.loads(in_json({"lost": 12, "after": 9})) == {"lost": 12, "after": 9}


@pytest.mark.parametrize(
    ("typed", "tail"),
    [
        ((), None),
        (("-n", "5"), 5),
        (("-n0",), 0),
        (("--tail=5",), 5),
        (("-n", "-1"), -1),
        (("-n", "all"), -1),
        (("--tail", "all", "clock"), -1),
    ],
)
def test_how_many_lines_are_wanted(typed: tuple[str, ...], tail: int | None) -> None:
    assert parse(["logs", *typed]).tail == tail


@pytest.mark.parametrize("count", ["-2", "x", "1.5", "9" * 10])
def test_a_count_is_a_whole_number_or_all(count: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(["logs", f"-n{count}"])
    assert caught.value.render() == (
        f"error: argument -n/--tail: `{count}` is no whole number, and not `all`\n"
        "hint: `wampsup logs --help` shows how to use it"
    )
