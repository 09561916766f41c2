"""`wampsup status --watch`: on a terminal, into a pipe, and while the supervisor comes and goes."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.command import EXECUTABLE, environment, fleet
from support.files import write_fleet, write_module
from support.terminal import on_terminal, terminal
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.command import Fleet
    from support.terminal import Terminal

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"
    realms = ["realm1"]

    [components.clock]
    main = "parts:for_ever"
    realm = "realm1"
    transports = "rs://unix:r.sock"
    instances = 5
"""
PARTS = """
    from twisted.internet.defer import Deferred

    async def for_ever(reactor, session):
        await Deferred()
"""
OTHER_SCREEN, BACK = "\x1b[?1049h\x1b[?25l", "\x1b[?1049l\x1b[?25h"


@pytest.fixture
def path(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return write_fleet(short_path, FLEET)


@pytest.fixture
def edge(path: Path) -> Iterator[Fleet]:
    with fleet(path) as running:
        running.until("clock@5", "running")
        yield running


@contextmanager
def watched(edge: Fleet, *arguments: str) -> Iterator[Terminal]:
    env = {**edge.env, "NO_COLOR": "1"}
    with on_terminal("status", "--watch", "0.1", *arguments, env=env) as shown:
        shown.receives("NAME")
        yield shown


def pictures(shown: Terminal) -> list[list[str]]:
    """What was drawn, one picture after the other."""
    drawn = re.findall(r"\x1b\[\?2026h\x1b\[H(.*?)\x1b\[J\x1b\[\?2026l", shown.output, re.DOTALL)
    return [picture.replace("\x1b[K", "").split("\r\r\n") for picture in drawn]


def test_it_is_drawn_in_place_and_the_terminal_is_left_as_it_was(edge: Fleet) -> None:
    with watched(edge) as shown:
        assert not shown.echoes()
        wait_until(lambda: len(pictures(shown)) >= 3)
        shown.type("\x03")
        assert shown.wait() == 0
        assert shown.is_as_before
    assert shown.output.startswith(OTHER_SCREEN)
    assert pictures(shown)[-1][0].startswith("edge · up ")
    end = shown.output.partition(BACK)[2].splitlines()
    assert end == pictures(shown)[-1], "what was last seen can be seen still"


def test_what_happens_is_seen(edge: Fleet) -> None:
    with watched(edge, "clock@1") as shown:
        assert edge.wampsup("stop", "clock@1").code == 0
        shown.receives("stopped by a person")
        assert edge.wampsup("start", "clock@1").code == 0
        wait_until(lambda: pictures(shown)[-1][2].split()[:2] == ["clock@1", "running"])
        shown.type("q")
        assert shown.wait() == 0


def test_another_size_of_the_terminal_is_heeded_at_once(edge: Fleet) -> None:
    with on_terminal("status", "--watch", "3600", env=edge.env) as shown:
        shown.receives("clock@5")
        shown.resize(40, 5)
        shown.receives("… and 3 more: 3 running")
        assert [len(lines) for lines in pictures(shown)[-1:]] == [5]
        shown.resize(80, 24)
        wait_until(lambda: len(pictures(shown)[-1]) == 7)
        shown.type("\x03")
        assert shown.wait() == 0


def test_it_can_be_paused(edge: Fleet) -> None:
    shell = f"set -m; {EXECUTABLE} status --watch 0.1; echo paused; read; fg; echo ended with $?"
    with terminal(["bash", "-c", shell], env=edge.env) as shown:
        shown.receives("clock@5")
        shown.type("\x1a")
        shown.receives(f"{BACK}\r\n")
        shown.receives("paused")
        assert shown.echoes()
        before = len(shown.output)
        shown.type("\n")
        shown.receives(OTHER_SCREEN, before)
        shown.receives("clock@5", before)
        assert not shown.echoes()
        shown.type("\x03")
        shown.receives("ended with 0")
        assert shown.echoes()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_ended_by_others_leaves_the_terminal_as_it_was(edge: Fleet, number: signal.Signals) -> None:
    with watched(edge) as shown:
        shown.process.send_signal(number)
        assert shown.wait() == -number
        assert shown.is_as_before
        assert shown.output.endswith(BACK)


def test_a_supervisor_that_is_started_anew_is_waited_for(path: Path) -> None:
    with fleet(path) as first:
        first.until("clock@5", "running")
        with watched(first) as shown:
            first.stop()
            shown.receives("error: the supervisor of fleet `edge` does not answer; last seen 0 s ago")
            assert pictures(shown)[-1][-1].split()[:2] == ["clock@5", "running"]
            assert first.wampsup("start", path, "--detach").code == 0
            wait_until(lambda: pictures(shown)[-1][0].startswith("edge · up "))
            assert first.wampsup("shutdown").code == 0
            shown.type("\x03")
            assert shown.wait() == 0


def test_into_a_pipe_it_writes_one_table_after_the_other_until_nobody_reads(edge: Fleet) -> None:
    process = subprocess.Popen(
        [EXECUTABLE, "status", "--watch", "0.1", "clock@1"],
        env=environment(edge.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(8)]
    assert [line.split()[0] if line.strip() else "" for line in lines] == ["edge", "NAME", "clock@1", ""] * 2
    assert "\x1b" not in "".join(lines)
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert (process.stderr.read(), process.wait(20)) == ("", 0)


def test_as_json_it_is_a_document_a_line_also_while_nobody_answers(path: Path) -> None:
    with fleet(path) as running:
        running.until("clock@5", "running")
        process = subprocess.Popen(
            [EXECUTABLE, "status", "--watch=0.1", "--json", "clock@1"],
            env=environment(running.env),
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert process.stdout is not None
        with process.stdout:
            first = json.loads(process.stdout.readline())
            assert [one["name"] for one in first["components"]] == ["clock@1"]
            running.stop()
            told = (json.loads(line) for line in process.stdout)
            error = next(document for document in told if "error" in document)
            assert error["error"] == "the supervisor of fleet `edge` does not answer"
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


def test_it_keeps_one_connection(edge: Fleet) -> None:
    with watched(edge, "clock@1") as shown:
        wait_until(lambda: len(pictures(shown)) >= 2)
        during = sockets(edge)
        wait_until(lambda: len(pictures(shown)) >= 5)
        assert sockets(edge) == during


def sockets(edge: Fleet) -> set[str]:
    """The sockets that the supervisor has open, by their inodes."""
    found = set()
    for link in Path(f"/proc/{edge.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(str(link.readlink()))
    return {target for target in found if target.startswith("socket:")}


def test_what_is_wrong_at_first_ends_it(edge: Fleet) -> None:
    assert edge.wampsup("status", "--watch", "nope").code == 4
    assert edge.wampsup("status", "--watch", "--check").code == 2
    assert edge.wampsup("status", "--watch=0").code == 2
