"""What fits into a terminal of some size."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from wampsup.cli.watch import picture

AT = datetime(2026, 11, 22, 19, 12, 3, tzinfo=UTC)


def component(name: str, state: str = "running", note: str | None = None, desired: str = "up") -> dict[str, Any]:
    since = AT.isoformat().replace("+00:00", "Z")
    known = {"name": name, "state": state, "desired": desired, "note": note}
    return known | {"since": since, "restarts": 0, "busy_percent": None}


def document(*components: dict[str, Any]) -> dict[str, Any]:
    states = [one["state"] for one in components]
    counts = {state: states.count(state) for state in states}
    supervisor = {"name": "edge", "uptime": 60, "counts": counts, "cpu": {"percent": {"10": None}}}
    return {"supervisor": supervisor, "components": list(components)}


SENSORS = [component(f"sensor-{number}") for number in range(6)]
FLEET = document(
    component("clock"),
    component("legacy", "stopped", "stopped by a person", "down"),
    *SENSORS,
    component("pricing", "backoff", "ValueError: the kettle is dry; next try in 2.1 s (3 of 5)"),
    component("billing", "fatal", "no licence"),
)


def shown(columns: int, height: int, trouble: str | None = None) -> list[str]:
    return picture(FLEET, AT.timestamp(), trouble, columns, height, colour=False)


def test_where_all_fit_they_stand_in_the_order_of_the_file() -> None:
    lines = shown(120, 12)
    assert [line.split()[0] for line in lines[2:]] == [one["name"] for one in FLEET["components"]]
    assert len(lines) == 12


def test_where_they_do_not_those_that_are_not_well_come_first_and_the_others_are_counted() -> None:
    assert shown(70, 8) == [
        "edge · up 1 m · 10 components: 7 running, 1 stopped, 1 backoff, 1",
        "fatal",
        "NAME      STATE    SINCE  RESTARTS  NOTE",
        "pricing   backoff    0 s         0  ValueError: the kettle is dry;",
        "                                    next try in 2.1 s (3 of 5)",
        "billing   fatal      0 s         0  no licence",
        "clock     running    0 s         0",
        "… and 7 more: 6 running, 1 stopped",
    ]


def test_what_is_troubling_stands_above() -> None:
    lines = shown(70, 24, "error: the supervisor does not answer\x1b[2J")
    assert lines[0] == "error: the supervisor does not answer\\x1b[2J"
    assert lines[1].startswith("NAME ")


@pytest.mark.parametrize("height", range(1, 15))
def test_it_never_takes_more_than_there_is(height: int) -> None:
    for columns in (20, 40, 80, 132):
        lines = shown(columns, height)
        assert len(lines) <= height
        assert max(map(len, lines)) <= columns
