"""The table and the page that people see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wampsup.cli.render import _policy, duration, page, summary
from wampsup.cli.table import table
from wampsup.printable import printable
from wampsup.printable import width as width_of

NOW = datetime(2026, 11, 22, 19, 12, 3, tzinfo=UTC)
AUTH = "ticket refused (wamp.error.authentication_failed); after the fix: wampsup start billing"


def component(name: str, state: str, ago: float, restarts: int = 0, note: str | None = None) -> dict[str, Any]:
    since = (NOW - timedelta(seconds=ago)).isoformat().replace("+00:00", "Z")
    return {"name": name, "state": state, "since": since, "restarts": restarts, "note": note, "busy_percent": None}


FLEET = [
    component("clock", "running", 3 * 3600 + 5),
    component("pricing", "backoff", 4, 3, "ValueError: the kettle is dry; next try in 2.1 s (3 of 5)"),
    component("billing", "fatal", 7200, 0, AUTH),
    component("legacy", "stopped", 720, 0, "stopped by a person"),
]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.9, "0 s"), (59, "59 s"), (60, "1 m"), (3599, "59 m"), (3600, "1 h"), (86400 * 40, "40 d")],
)
def test_a_duration_is_told_in_the_largest_unit_that_it_fills(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_summary_counts_running_ones_first() -> None:
    counts = {"stopped": 1, "fatal": 2, "running": 1}
    told = summary({"name": "edge", "uptime": 10800.5, "counts": counts, "cpu": {"percent": {"10": 4.14}}})
    assert told == "edge · up 3 h · 4 components: 1 running, 2 fatal, 1 stopped · busy 4.1 %"
    young = {"name": "edge", "uptime": 1, "cpu": {"percent": {"10": None}}}
    assert summary(young | {"counts": {"failed": 1}}) == "edge · up 1 s · 1 component: 1 failed"
    assert summary(young | {"counts": {}}) == "edge · up 1 s · 0 components"


def test_the_table_is_whole_where_it_is_not_for_a_terminal() -> None:
    assert table(FLEET, NOW.timestamp(), width=None, colour=False) == [
        "NAME     STATE    SINCE  RESTARTS  NOTE",
        "clock    running    3 h         0",
        "pricing  backoff    4 s         3  ValueError: the kettle is dry; next try in 2.1 s (3 of 5)",
        f"billing  fatal      2 h         0  {AUTH}",
        "legacy   stopped   12 m         0  stopped by a person",
    ]


def test_the_table_tells_how_busy_they_are_where_that_is_known() -> None:
    fleet = [
        component("clock", "running", 60) | {"busy_percent": 0.21},
        component("pricing", "backoff", 4, 3, "dry") | {"busy_percent": 12.0},
    ]
    assert table([*fleet, component("legacy", "stopped", 5)], NOW.timestamp(), width=None, colour=False) == [
        "NAME     STATE    SINCE  RESTARTS    BUSY  NOTE",
        "clock    running    1 m         0   0.2 %",
        "pricing  backoff    4 s         3  12.0 %  dry",
        "legacy   stopped    5 s         0",
    ]
    assert table(fleet, NOW.timestamp(), width=40, colour=False)[1:] == [
        "clock    running    1 m   0.2 %",
        "pricing  backoff    4 s  12.0 %  dry",
    ]


def test_in_a_terminal_a_note_goes_on_below_and_what_comes_next_is_kept_together() -> None:
    busy = [one | {"busy_percent": 0.0} for one in FLEET]
    assert table(busy, NOW.timestamp(), width=80, colour=False) == [
        "NAME     STATE    SINCE  RESTARTS   BUSY  NOTE",
        "clock    running    3 h         0  0.0 %",
        "pricing  backoff    4 s         3  0.0 %  ValueError: the kettle is dry;",
        "                                          next try in 2.1 s (3 of 5)",
        "billing  fatal      2 h         0  0.0 %  ticket refused",
        "                                          (wamp.error.authentication_failed);",
        "                                          after the fix: wampsup start billing",
        "legacy   stopped   12 m         0  0.0 %  stopped by a person",
    ]


def test_of_a_long_reason_as_much_is_shown_as_leaves_room_for_what_comes_next() -> None:
    wordy = component("pricing", "backoff", 4, 3, f"ValueError: {'no tea, ' * 30}; next try in 2.1 s (3 of 5)")
    assert table([wordy], NOW.timestamp(), width=70, colour=False)[1:] == [
        "pricing  backoff    4 s         3  ValueError: no tea, no tea, no tea,",
        "                                   no tea, no tea, no tea, no tea, no…",
        "                                   next try in 2.1 s (3 of 5)",
    ]


def test_where_no_room_is_left_beside_the_columns_notes_stand_in_lines_of_their_own() -> None:
    assert table(FLEET, NOW.timestamp(), width=50, colour=False) == [
        "NAME     STATE    SINCE  RESTARTS",
        "clock    running    3 h         0",
        "pricing  backoff    4 s         3",
        "    ValueError: the kettle is dry;",
        "    next try in 2.1 s (3 of 5)",
        "billing  fatal      2 h         0",
        "    ticket refused",
        "    (wamp.error.authentication_failed);",
        "    after the fix: wampsup start billing",
        "legacy   stopped   12 m         0",
        "    stopped by a person",
    ]
    assert table(FLEET, NOW.timestamp(), width=30, colour=False)[:3] == [
        "NAME     STATE    SINCE",
        "clock    running    3 h",
        "pricing  backoff    4 s",
    ]


@pytest.mark.parametrize("width", range(1, 140))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = component("a-name-that-is-rather-long-for-a-column-of-a-table", "reconnecting", 1, 2, f"{'x' * 200}; now")
    wide = component("kettle", "backoff", 1, 2, "ValueError: 茶がない " * 9 + "; next try now")
    for fleet in (FLEET, [*FLEET, long], [wide | {"busy_percent": 1.0}]):
        lines = table(fleet, NOW.timestamp(), width=width, colour=False)
        assert max(map(width_of, lines)) <= max(width, 11)  # a letter of the state, and 8 of the name


def test_names_are_cut_at_last() -> None:
    fleet = [*FLEET, component("a-name-that-is-rather-long-for-a-column-of-a-table", "reconnecting", 1)]
    for width, line in (
        (90, "a-name-that-is-rather-long-for-a-column-of-a-table  reconnecting    1 s         0"),
        (70, "a-name-that-is-rather-long-for-a-column-of-a-table  reconnecting"),
        (40, "a-name-that-is-rather-lon…  reconnecting"),
        (11, "a-name-…  …"),
    ):
        lines = table(fleet, NOW.timestamp(), width=width, colour=True)
        assert lines[-1].replace("\x1b[33m", "").replace("\x1b[0m", "") == line


def test_a_policy_that_never_restarts_has_no_more_to_say() -> None:
    assert _policy({"policy": "never", "max_restarts": 5}) == "never"


def test_colour_is_put_on_the_state_alone() -> None:
    lines = table(FLEET, NOW.timestamp(), width=80, colour=True)
    assert lines[0] == "NAME     STATE    SINCE  RESTARTS  NOTE"
    assert lines[1] == "clock    \x1b[32mrunning\x1b[0m    3 h         0"
    assert lines[2].startswith("pricing  \x1b[33mbackoff\x1b[0m    4 s")


def test_what_a_terminal_would_obey_is_shown_escaped() -> None:
    evil = component("a\x1b[2Jb", "backoff", 1, 0, "red\x1b[31m\nforged\u202e")
    assert table([evil], NOW.timestamp(), width=None, colour=False)[1] == (
        "a\\x1b[2Jb  backoff    1 s         0  red\\x1b[31m\\nforged\\u202e"
    )
    assert printable("tab\t del\x7f c1\x9b line\u2028 half\udcff ü…") == (
        "tab\\t del\\x7f c1\\x9b line\\u2028 half\\udcff ü…"
    )


def test_the_page_tells_policy_transports_and_the_last_error_with_its_traceback() -> None:
    shown = component("pricing", "failed", 60, 5, "gave up after 5 restarts in 300 s: ValueError: dry") | {
        "desired": "up",
        "group": "shop",
        "realm": "realm1",
        "session_id": None,
        "transport": "ws://127.0.0.1:8080/ws",
        "attempts": 6,
        "reconnects": 0,
        "next_attempt_at": None,
        "runs": {"main": "shop:pricing", "session_factory": None, "component": None},
        "authentication": ["ticket"],
        "left_behind": {
            "count": 2,
            "threads": 1,
            "contexts": 2,
            "last": [{"note": "timer `poll` made at feed.py:31 in on_join (cancelled)"}],
        },
        "usage": {
            "busy_seconds": 3.1416,
            "busy_percent": {"1": 0.5, "10": 12.25, "60": 1.0},
            "events": 1200,
            "longest_event_ms": 12.345,
            "stalls": 2,
            "longest_stall_ms": 1204.5,
            "messages_in": 3,
            "messages_out": 2,
            "bytes_in": 300,
            "bytes_out": 200,
        },
        "transports": [
            {"type": "websocket", "url": "ws://127.0.0.1:8080/ws"},
            {"type": "rawsocket", "url": "rs://unix:/r.sock"},
        ],
        "policy": {
            "restart": {
                "policy": "on-failure",
                "initial_delay": 1.0,
                "max_delay": 60.0,
                "growth": 2.0,
                "max_restarts": 5,
                "window": 300.0,
            },
            "after": ["clock"],
            "requires": ["db", "feed@1"],
            "health": {"procedure": "com.example.ping", "interval": 10.0, "timeout": 5.0, "failures": 3},
            "start_timeout": 30.0,
            "stop_timeout": 10.0,
            "max_stall": 1.5,
        },
        "next": "gave up after 5 restarts in 300 s; a person has to start it: wampsup start pricing",
        "last_error": {
            "kind": "main",
            "type": "ValueError",
            "uri": None,
            "message": "dry",
            "traceback": "Traceback:\n  File \x1b\n",
            "at": "2026-11-22T19:11:03.000Z",
        },
    }
    assert page(shown, NOW.timestamp(), width=50)[1:5] == [
        "",
        "  gave up after 5 restarts in 300 s; a person has",
        "  to start it: wampsup start pricing",
        "",
    ]
    steady = shown["policy"] | {"restart": shown["policy"]["restart"] | {"growth": 1.0}}
    assert "  restart policy  on-failure, at most 5 in 300 s, delays of about 1 s" in page(
        shown | {"policy": steady}, NOW.timestamp()
    )
    narrow = page(shown, NOW.timestamp(), width=50)
    assert [line for line in narrow if len(line) > 50] == ["  transports      ws://127.0.0.1:8080/ws (websocket)"]
    at = narrow.index("  note            gave up after 5 restarts in 300")
    assert narrow[at + 1] == "                  s: ValueError: dry"
    assert "  transport       ws://127.0.0.1:8080/ws" in narrow
    assert page(shown, NOW.timestamp()) == [
        "pricing",
        "",
        "  gave up after 5 restarts in 300 s; a person has to start it: wampsup start pricing",
        "",
        "  state           failed for 1 m",
        "  note            gave up after 5 restarts in 300 s: ValueError: dry",
        "  desired         up",
        "  runs            main shop:pricing",
        "  group           shop",
        "  after           clock",
        "  requires        db, feed@1",
        "  realm           realm1",
        "  transport       ws://127.0.0.1:8080/ws",
        "  transports      ws://127.0.0.1:8080/ws (websocket)",
        "                  rs://unix:/r.sock (rawsocket)",
        "  authentication  ticket",
        "  attempts        6",
        "  restarts        5",
        "  reconnects      0",
        "  restart policy  on-failure, at most 5 in 300 s, delays from 1 s to 60 s",
        "  health          com.example.ping every 10 s, within 5 s; 3 misses in a row fail it",
        "  timeouts        start 30 s, stop 10 s",
        "  max stall       1.5 s; a longer one is a failure",
        "  last error      ValueError: dry",
        "  error kind      main, 1 m ago",
        "  left behind     threads that still run: 1",
        "                  ended attempts that something holds on to: 2",
        "                  timer `poll` made at feed.py:31 in on_join (cancelled)",
        "  busy            3.14 s of processor time; 0.5 % over 1 s, 12.2 % over 10 s, 1.0 % over 60 s",
        "  stalls          2, the longest 1.20 s",
        "  events          1200, the longest took 12.3 ms",
        "  messages        in 3 (300 bytes), out 2 (200 bytes)",
        "",
        "    Traceback:",
        "      File \\x1b",
    ]
