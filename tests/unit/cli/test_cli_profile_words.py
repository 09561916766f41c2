"""What `wampsup profile` shows of a profile, and what it writes for speedscope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from wampsup import __version__
from wampsup.cli.profile import speedscope, text

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = "/usr/lib/python3.11/site-packages"
FUNCTIONS = [
    {"name": "work", "module": "shop.parts", "file": "/srv/shop/parts.py", "line": 3},
    {"name": "slow", "module": "shop.parts", "file": "/srv/shop/parts.py", "line": 10},
    {"name": "doRead", "module": "twisted.internet.tcp", "file": f"{PACKAGES}/twisted/internet/tcp.py", "line": 250},
    {"name": "send", "module": "twisted.web", "file": f"{PACKAGES}/twisted/web/__init__.py", "line": 9},
    {"name": "onMessage", "module": "autobahn.wamp", "file": f"{PACKAGES}/autobahn/wamp.py", "line": 7},
    {"name": "(other stacks)", "module": "", "file": "", "line": 0},
]
WORK, SLOW, READ, SEND, MESSAGE, OTHERS = range(6)
NOTHING: dict[str, Any] = {"samples": 0, "seconds": 0.0, "stacks": []}

# What https://www.speedscope.app/file-format-schema.json says of a file with sampled profiles.
FORMAT = {
    "type": "object",
    "required": ["$schema", "profiles", "shared"],
    "properties": {
        "$schema": {"const": "https://www.speedscope.app/file-format-schema.json"},
        "name": {"type": "string"},
        "exporter": {"type": "string"},
        "activeProfileIndex": {"type": "number"},
        "shared": {
            "type": "object",
            "required": ["frames"],
            "properties": {
                "frames": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {
                            "name": {"type": "string"},
                            "file": {"type": "string"},
                            "line": {"type": "number"},
                            "col": {"type": "number"},
                        },
                        "additionalProperties": False,
                    },
                }
            },
        },
        "profiles": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "name", "unit", "startValue", "endValue", "samples", "weights"],
                "properties": {
                    "type": {"const": "sampled"},
                    "name": {"type": "string"},
                    "unit": {"enum": ["none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"]},
                    "startValue": {"type": "number"},
                    "endValue": {"type": "number"},
                    "samples": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                    "weights": {"type": "array", "items": {"type": "number"}},
                },
                "additionalProperties": False,
            },
        },
    },
}


def seen(*stacks: tuple[Sequence[int], int, float]) -> dict[str, Any]:
    """Stacks, each with the line of its innermost function and its seconds; a hundred samples a second."""
    told = [{"functions": at, "line": line, "samples": round(s * 100), "seconds": s} for at, line, s in stacks]
    return {"samples": sum(one["samples"] for one in told), "seconds": sum(one[2] for one in stacks), "stacks": told}


def profile(reactor: dict[str, Any], threads: dict[str, Any] = NOTHING, busy: float = 1.5) -> dict[str, Any]:
    return {
        "name": "clock",
        "rate": 99.0,
        "seconds": 10.0,
        "looks": 990,
        "busy_seconds": busy,
        "functions": FUNCTIONS,
        "reactor": reactor,
        "threads": threads,
    }


def test_a_person_sees_the_share_the_hottest_functions_and_the_tree_of_calls() -> None:
    shown = text(profile(seen(([WORK, SLOW], 12, 1.4), ([WORK], 3, 0.595), ([WORK, OTHERS], 0, 0.005))))
    assert shown == [
        "clock · in the reactor for 2 of 10 s (20.0 %), 200 samples · 1.5 s of processor time",
        "",
        "   SELF    TOTAL  FUNCTION",
        " 70.0 %   70.0 %  slow  shop/parts.py:10, most at line 12",
        " 29.8 %  100.0 %  work  shop/parts.py:3",
        "",
        "  TOTAL  CALLS",
        "100.0 %  work  shop/parts.py:3",
        " 70.0 %    slow  shop/parts.py:10",
    ]


def test_calls_within_libraries_are_one_line_of_the_tree() -> None:
    shown = text(profile(seen(([READ, SEND, MESSAGE, WORK], 3, 1.0))))
    assert shown[-3:] == ["  TOTAL  CALLS", "100.0 %  3 calls in twisted, autobahn", "100.0 %    work  shop/parts.py:3"]


def test_where_the_way_through_libraries_parts_each_way_is_shown() -> None:
    shown = text(profile(seen(([READ, SEND, WORK], 3, 0.6), ([READ, MESSAGE, SLOW], 10, 0.4))))
    assert shown[-5:] == [
        "100.0 %  doRead  twisted/internet/tcp.py:250",
        " 60.0 %    send  twisted/web/__init__.py:9",
        " 60.0 %      work  shop/parts.py:3",
        " 40.0 %    onMessage  autobahn/wamp.py:7",
        " 40.0 %      slow  shop/parts.py:10",
    ]


def test_a_function_that_calls_itself_counts_once() -> None:
    shown = text(profile(seen(([WORK, WORK, WORK], 3, 1.0))))
    assert shown[3] == "100.0 %  100.0 %  work  shop/parts.py:3"


def test_threads_have_a_part_of_their_own() -> None:
    shown = text(profile(NOTHING, seen(([SLOW], 10, 3.0))))
    assert shown[0] == (
        "clock · in the reactor for 0 of 10 s (0.0 %), 0 samples · in threads, 300 samples · 1.5 s of processor time"
    )
    assert shown[1:3] == ["", "In its threads, those that wait included:"]
    assert shown[-1] == "100.0 %  slow  shop/parts.py:10"


@pytest.mark.parametrize(
    ("busy", "sentence"),
    [
        (0.0, "`clock` did not run in that time"),
        (0.002, "`clock` ran too briefly to be seen: look for more `--seconds`, or at a higher `--rate`"),
    ],
)
def test_that_nothing_was_seen_is_said(busy: float, sentence: str) -> None:
    headline, _, *rest = text(profile(NOTHING, busy=busy))
    assert headline.startswith("clock · in the reactor for 0 of 10 s (0.0 %), 0 samples · ")
    assert rest == [sentence]


def test_what_a_terminal_obeys_is_shown_escaped() -> None:
    taken = profile(seen(([0], 3, 1.0)))
    taken["functions"] = [{"name": "wo\x1b[31mrk", "module": "", "file": "", "line": 0}]
    assert text(taken)[-1] == "100.0 %  wo\\x1b[31mrk"


def test_speedscope_gets_a_file_in_its_format() -> None:
    made = speedscope(profile(seen(([WORK, SLOW], 12, 1.5), ([OTHERS], 0, 0.5)), seen(([SLOW], 10, 3.0))))
    jsonschema.validate(made, FORMAT)
    assert made["exporter"] == f"wampsup {__version__}"
    assert made["shared"]["frames"][SLOW] == {"name": "slow", "file": "/srv/shop/parts.py", "line": 10}
    assert made["shared"]["frames"][OTHERS] == {"name": "(other stacks)"}
    reactor, threads = made["profiles"]
    assert reactor == {
        "type": "sampled",
        "name": "clock",
        "unit": "seconds",
        "startValue": 0,
        "endValue": 2.0,
        "samples": [[WORK, SLOW], [OTHERS]],
        "weights": [1.5, 0.5],
    }
    assert (threads["name"], threads["samples"]) == ("clock in threads", [[SLOW]])


def test_speedscope_gets_a_file_also_of_nothing() -> None:
    made = speedscope(profile(NOTHING))
    jsonschema.validate(made, FORMAT)
    assert [one["samples"] for one in made["profiles"]] == [[]]
