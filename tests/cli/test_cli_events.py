"""`wampsup events` against a real fleet on the embedded router."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.command import EXECUTABLE, environment, fleet, following
from support.files import short_folder, write_fleet, write_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"
    realms = ["realm1"]

    [defaults]
    realm = "realm1"
    transports = "rs://unix:r.sock"

    [components.clock]
    main = "parts:for_ever"

    [components.once]
    main = "parts:once"
    requires = ["clock"]

    [components.kettle]
    main = "parts:dry"
    autostart = false
    restart = { policy = "never" }
"""

PARTS = """
    from twisted.internet.defer import Deferred

    async def for_ever(reactor, session):
        await Deferred()

    async def once(reactor, session):
        pass

    async def dry(reactor, session):
        raise ValueError("the kettle is \\x1b[31mdry")
"""


@pytest.fixture
def edge() -> Iterator[Fleet]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        with fleet(write_fleet(folder, FLEET)) as running:
            running.until("once", "completed")
            yield running


def edge_file(edge: Fleet) -> Path:
    return Path(edge.request("GET", "/v1/supervisor").body["fleet_file"])


def moves(text: str) -> list[str]:
    """The lines without their times."""
    lines = text.splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)
    return [line[9:] for line in lines]


def documents(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_life_of_a_fleet_reads_as_a_story(edge: Fleet) -> None:
    shown = edge.wampsup("events")
    assert (shown.code, shown.err) == (0, "")
    assert moves(shown.out) == [
        "clock stopped -> waiting  with the fleet: waits for its turn",
        "once stopped -> waiting  with the fleet: waits for `clock` (connecting)",
        "clock waiting -> connecting",
        "clock connecting -> running",
        "once waiting -> connecting",
        "once connecting -> running",
        "once running -> stopping  leaving, cut off in 10.0 s",
        "once stopping -> completed  ended by itself",
    ]


def test_a_failure_is_told_with_its_error_and_nothing_that_the_terminal_obeys(edge: Fleet) -> None:
    edge.wampsup("start", "kettle")
    edge.until("kettle", "failed")
    shown = edge.wampsup("events", "kettle", "-n1")
    why = "ValueError: the kettle is \\x1b[31mdry; to try again: wampsup start kettle"
    assert moves(shown.out) == [f"kettle stopping -> failed  {why}"]
    told = documents(edge.wampsup("events", "kettle", "-n1", "--json").out)
    assert told[0]["error"] == {
        "kind": "main",
        "type": "ValueError",
        "uri": None,
        "message": "the kettle is \x1b[31mdry",
    }


def test_json_is_a_document_a_line_and_numbered_without_a_gap(edge: Fleet) -> None:
    edge.wampsup("stop", "clock")
    told = documents(edge.wampsup("events", "--json").out)
    assert [one["id"] for one in told] == list(range(1, len(told) + 1))
    last = told[-1]
    assert (last["component"], last["to"], last["desired"]) == ("clock", "stopped", "down")
    stop = next(one for one in told if one["event"] == "stop")
    assert (stop["component"], stop["by"], stop["from"], stop["to"]) == ("clock", "person", "running", "stopping")


def test_names_and_patterns_select_and_a_count_limits(edge: Fleet) -> None:
    told = documents(edge.wampsup("events", "cl*", "-n", "2", "--json").out)
    assert [(one["component"], one["to"]) for one in told] == [("clock", "connecting"), ("clock", "running")]
    assert edge.wampsup("events", "-n0").out == ""


def test_a_name_that_there_is_not_is_refused(edge: Fleet) -> None:
    shown = edge.wampsup("events", "nobody", "-f")
    assert (shown.code, shown.out, shown.err) == (4, "", "error: no component `nobody` in fleet `edge`\n")
    shown = edge.wampsup("events", "nobody", "--json")
    assert (shown.code, shown.json["error"]) == (4, "no component `nobody` in fleet `edge`")


def test_what_happens_is_told_as_it_happens_until_ctrl_c(edge: Fleet) -> None:
    with following(edge, "events", "-n1") as process:
        assert process.stdout is not None
        assert moves(process.stdout.readline()) == ["once stopping -> completed  ended by itself"]
        edge.wampsup("stop", "clock")
        assert moves(process.stdout.readline()) == [
            "clock running -> stopping  by a person: leaving, cut off in 10.0 s"
        ]
        assert moves(process.stdout.readline()) == ["clock stopping -> stopped  stopped by a person"]
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0


def test_the_end_of_the_supervisor_is_the_end_of_the_story(edge: Fleet) -> None:
    with following(edge, "events", "-n1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert edge.wampsup("shutdown").code == 0
        out, err = process.communicate(timeout=20)
        assert moves(out) == [
            "the fleet: shutdown",
            "once completed -> stopped  stopped with the fleet",
            "clock running -> stopping  with the fleet: leaving, cut off in 10.0 s",
            "clock stopping -> stopped  stopped with the fleet",
        ]
        assert err == "the supervisor of fleet `edge` has ended\n"
        assert process.returncode == 0


def test_a_reload_is_told_with_what_it_changed(edge: Fleet) -> None:
    with edge_file(edge).open("a") as file:
        file.write('\n[components.new]\nmain = "parts:for_ever"\nautostart = false\n')
    assert edge.wampsup("reload").code == 0
    told = documents(edge.wampsup("events", "-n1", "--json").out)
    assert (told[0]["component"], told[0]["event"], told[0]["note"]) == (None, "reload", "1 added")
    assert moves(edge.wampsup("events", "-n1").out) == ["the fleet: reload  1 added"]


def test_a_supervisor_that_is_killed_ends_the_story_as_well(edge: Fleet) -> None:
    with following(edge, "events", "--json", "-n1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        edge.signal(signal.SIGKILL)
        assert process.communicate(timeout=20) == ("", "the supervisor of fleet `edge` has ended\n")
        assert process.returncode == 0


def test_a_reader_that_has_seen_enough_ends_it_at_once(edge: Fleet) -> None:
    with following(edge, "events") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_on_a_terminal_states_have_their_colours(edge: Fleet) -> None:
    screen, terminal = pty.openpty()
    try:
        subprocess.run(
            [EXECUTABLE, "events", "-n1"], env=environment(edge.env), stdout=terminal, timeout=60, check=True
        )
        assert b"-> \x1b[32mcompleted\x1b[0m" in os.read(screen, 65536)
    finally:
        os.close(terminal)
        os.close(screen)


def test_it_can_be_followed_with_what_everybody_has(edge: Fleet) -> None:
    reply = edge.request("GET", "/v1/events?select=once&tail=1")
    assert reply.headers["Content-Type"] == "application/x-ndjson"
    assert reply.body["to"] == "completed"
