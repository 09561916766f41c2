"""`wampsup logs` against a real fleet on the embedded router."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from support.command import EXECUTABLE, environment, fleet, following, wampsup
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"
    log_lines = 20

    [router]
    listen = "rs://unix:r.sock"

    [defaults]
    transports = "rs://unix:r.sock"
    restart = { policy = "never" }

    [components.clock]
    main = "parts:clock"
    group = "time"

    [components.chatty]
    main = "parts:chatty"
    autostart = false

    [components.kettle]
    main = "parts:kettle"
    autostart = false

    [groups.time]
"""

PARTS = """
    import logging
    from twisted.internet.defer import Deferred
    from twisted.internet.task import deferLater

    async def clock(reactor, session):
        print("tick \\x1b[2J")
        await Deferred()

    async def chatty(reactor, session):
        for number in range(100):
            print("word", number)
            await deferLater(reactor, 0)
        await Deferred()

    async def kettle(reactor, session):
        logging.getLogger("kettle").warning("nearly dry")
        raise ValueError("dry")
"""


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return short_path


@pytest.fixture
def edge(folder: Path) -> Iterator[Fleet]:
    with fleet(write_fleet(folder, FLEET)) as running:
        running.until("clock", "running")
        wait_until(lambda: "tick" in running.err, 20, "the first tick")
        yield running


def messages(text: str) -> list[str]:
    """The lines without their times."""
    lines = text.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z |    ", line) for line in lines)
    return [line if line.startswith("    ") else line[25:] for line in lines]


def documents(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def said(edge: Fleet, *arguments: str) -> list[str]:
    return [line["message"] for line in documents(edge.wampsup("logs", "--json", *arguments).out)]


def test_all_lines_are_those_that_the_log_has(edge: Fleet) -> None:
    shown = edge.wampsup("logs")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines() == list(edge.lines)
    assert messages(shown.out)[-1] == "info  [clock] tick \\x1b[2J"


def test_json_is_a_document_a_line_and_controls_are_json_s(edge: Fleet) -> None:
    told = documents(edge.wampsup("logs", "clock", "--json").out)
    assert [(one["component"], one["level"], one["logger"]) for one in told] == [
        ("clock", "info", "wampsup.logs.lifecycle"),
        ("clock", "info", "stdout"),
    ]
    assert told[1]["message"] == "tick \x1b[2J"
    assert list(told[1]) == ["time", "level", "component", "message", "logger", "traceback"]


def test_names_patterns_and_groups_select_and_a_count_limits(edge: Fleet) -> None:
    for names in (["clock"], ["cl*"], ["group:time"]):
        assert messages(edge.wampsup("logs", "-n1", *names).out) == ["info  [clock] tick \\x1b[2J"]
    assert edge.wampsup("logs", "kettle").out == ""
    assert edge.wampsup("logs", "-n", "0").out == ""
    assert edge.wampsup("logs", "-n", "all").out == edge.wampsup("logs", "-n", "-1").out == edge.wampsup("logs").out


def test_a_component_that_talks_much_takes_the_room_of_nobody(edge: Fleet) -> None:
    edge.wampsup("start", "chatty")
    wait_until(lambda: "word 99" in edge.err, 20, "the last word")
    assert said(edge, "chatty") == [f"word {number}" for number in range(80, 100)]
    assert "tick \x1b[2J" in said(edge)


def test_a_component_keeps_its_lines_when_it_is_started_again_and_takes_them_along_when_it_is_taken_out(
    folder: Path, edge: Fleet
) -> None:
    edge.wampsup("restart", "clock")
    wait_until(lambda: edge.err.count("tick") == 2, 20, "the second tick")
    assert said(edge, "clock").count("tick \x1b[2J") == 2
    write_fleet(folder, FLEET.replace("[components.clock]", "[components.watch]"))
    assert edge.wampsup("reload").code == 0
    wait_until(lambda: edge.wampsup("status", "clock").code == 4, 20, "the end of the clock")
    assert edge.wampsup("logs", "clock").code == 4
    assert not any(line["component"] == "clock" for line in documents(edge.wampsup("logs", "--json").out))


def test_an_error_comes_with_its_traceback(edge: Fleet) -> None:
    edge.wampsup("start", "kettle")
    edge.until("kettle", "failed")
    shown = messages(edge.wampsup("logs", "kettle").out)
    assert shown[1] == "warn  [kettle] nearly dry"
    assert shown[2].startswith("error [kettle] failed: ValueError: dry")
    assert shown[-1] == "    ValueError: dry"


def test_lines_are_told_as_they_come_until_ctrl_c(edge: Fleet) -> None:
    with following(edge, "logs", "clock", "-n1") as process:
        assert process.stdout is not None
        assert messages(process.stdout.readline()) == ["info  [clock] tick \\x1b[2J"]
        edge.wampsup("stop", "clock")
        assert messages(process.stdout.readline()) == ["info  [clock] stopped"]
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0


def test_the_end_of_the_supervisor_is_the_end_of_the_lines(edge: Fleet) -> None:
    with following(edge, "logs", "-n0") as process:
        wait_until(lambda: documents(edge.wampsup("logs", "--json").out), 20, "a line")
        assert process.stdout is not None
        edge.wampsup("restart", "clock")
        process.stdout.readline()
        assert edge.wampsup("shutdown").code == 0
        out, err = process.communicate(timeout=20)
        assert messages(out)[-1] == "info  [clock] stopped"
        assert err == "the supervisor of fleet `edge` has ended\n"
        assert process.returncode == 0


def test_who_follows_begins_with_the_last_lines(edge: Fleet) -> None:
    with following(edge, "logs") as process:
        assert process.stdout is not None
        assert process.stdout.readline().rstrip("\n") == edge.lines[0]


def test_a_reader_that_has_seen_enough_ends_it_at_once(edge: Fleet) -> None:
    with following(edge, "logs") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_name_that_there_is_not_is_refused(edge: Fleet) -> None:
    shown = edge.wampsup("logs", "nobody", "-f")
    assert (shown.code, shown.out, shown.err) == (4, "", "error: no component `nobody` in fleet `edge`\n")
    shown = edge.wampsup("logs", "nobody", "--json")
    assert (shown.code, shown.json["error"]) == (4, "no component `nobody` in fleet `edge`")


def test_without_a_supervisor_there_are_no_lines(folder: Path) -> None:
    shown = wampsup("logs", env={"XDG_RUNTIME_DIR": str(folder)})
    assert (shown.code, shown.out) == (3, "")


def test_on_a_terminal_levels_have_their_colours_unless_nobody_wants_them(edge: Fleet) -> None:
    edge.wampsup("start", "kettle")
    edge.until("kettle", "failed")
    for no_color, warn in (("", b"Z \x1b[33mwarn\x1b[0m  [kettle]"), ("1", b"Z warn  [kettle]")):
        screen, terminal = pty.openpty()
        try:
            subprocess.run(
                [EXECUTABLE, "logs", "kettle"],
                env=environment({**edge.env, "NO_COLOR": no_color}),
                stdout=terminal,
                timeout=60,
                check=True,
            )
            assert warn in os.read(screen, 65536)
        finally:
            os.close(terminal)
            os.close(screen)


def test_a_fleet_that_keeps_no_lines_says_so(folder: Path) -> None:
    with fleet(write_fleet(folder, FLEET.replace("log_lines = 20", "log_lines = 0"))) as edge:
        shown = edge.wampsup("logs")
        assert (shown.code, shown.out) == (1, "")
        assert shown.err == (
            "error: this fleet keeps no lines of its log\nhint: give `log_lines` in `[supervisor]` a number above 0\n"
        )


def test_they_can_be_had_with_what_everybody_has(edge: Fleet) -> None:
    reply = edge.request("GET", "/v1/logs?select=clock&tail=1")
    assert reply.headers["Content-Type"] == "application/x-ndjson"
    assert (reply.body["component"], reply.body["message"]) == ("clock", "tick \x1b[2J")
    assert reply.body["id"] > 1
