"""Components that misbehave, many of them, and terminals of every width: what a person sees stays whole."""

from __future__ import annotations

import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from support.command import fleet
from support.files import write_fleet, write_module
from support.terminal import seen
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Fleet

HEAD = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"
    realms = ["realm1"]

    [defaults]
    realm = "realm1"
    transports = "rs://unix:r.sock"
    restart = { policy = "never" }
"""

PARTS = """
    import os
    import sys
    import time

    from autobahn.twisted.component import Component
    from autobahn.twisted.wamp import ApplicationSession
    from twisted.internet.defer import Deferred
    from twisted.internet.task import deferLater

    async def clock(reactor, session):
        await Deferred()

    async def exits(reactor, session):
        sys.exit("bye")

    async def interrupts(reactor, session):
        raise KeyboardInterrupt

    async def exits_later(reactor, session):
        reactor.callLater(0, sys.exit, 4)
        await Deferred()

    async def long_winded(reactor, session):
        raise RuntimeError("first\\n\\tsecond \\x1b[31mred\\r\\nthird " + "x" * 5000)

    class Speechless(Exception):
        def __str__(self):
            raise ValueError("no words")

    async def speechless(reactor, session):
        raise Speechless

    async def talkative(reactor, session):
        for number in range(20_000):
            print("line", number)
        await Deferred()

    async def blocking(reactor, session):
        await deferLater(reactor, 0.1)
        print("blocking")
        time.sleep(2)
        await Deferred()

    async def ends_the_process(reactor, session):
        await deferLater(reactor, 0.1)
        os._exit(7)

    class Session(ApplicationSession):
        pass

    decorated = Component()
"""


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return short_path


def write(folder: Path, **mains: str) -> Path:
    """A fleet of these components, by name, which are references to a `main`; `_` in a name stands for `-`."""
    tables = [f'[components.{name.replace("_", "-")}]\nmain = "parts:{main}"\n' for name, main in mains.items()]
    return write_fleet(folder, dedent(HEAD) + "\n".join(tables))


def test_whatever_a_main_raises_is_its_failure_alone(folder: Path) -> None:
    mains = {"clock": "clock", "exits": "exits", "interrupts": "interrupts", "speechless": "speechless"}
    with fleet(write(folder, **mains, later="exits_later")) as running:
        for name in ("exits", "interrupts", "speechless"):
            running.until(name, "failed")
        wait_until(lambda: "SystemExit: 4" in running.err, 10)
        notes = {name: running.component(name)["note"] for name in mains}
        assert notes == {
            "clock": None,
            "exits": "SystemExit: bye; to try again: wampsup start exits",
            "interrupts": "KeyboardInterrupt; to try again: wampsup start interrupts",
            "speechless": "Speechless: <exception str() failed>; to try again: wampsup start speechless",
        }
        assert running.component("later")["state"] == "running"
        done = running.wampsup("start", "exits")
        assert (done.code, done.err) == (
            1,
            "error: `exits` has failed: SystemExit: bye; to try again: wampsup start exits\n",
        )


def test_a_message_of_many_lines_and_five_thousand_characters_is_a_line_that_can_be_read(folder: Path) -> None:
    with fleet(write(folder, wordy="long_winded")) as running:
        running.until("wordy", "failed")
        told = running.wampsup("status").out.splitlines()[-1]
        error = "RuntimeError: first second \\x1b[31mred third " + "x" * 271 + "…"
        assert told.endswith(f"  {error}; to try again: wampsup start wordy")
        assert running.wampsup("start", "wordy").err.count("\n") == 1
        message = running.component("wordy")["last_error"]["message"]
        assert message == "first\n\tsecond \x1b[31mred\r\nthird " + "x" * 5000
        assert "\x1b" not in running.wampsup("show", "wordy").out
        assert "\x1b" not in running.err


def test_a_component_that_prints_a_lot_hides_nobody(folder: Path) -> None:
    with fleet(write(folder, talkative="talkative", clock="clock")) as running:
        wait_until(lambda: any(line.endswith(" [talkative] line 19999") for line in running.lines), 30)
        assert running.component("clock")["state"] == "running"
    assert sum(" [talkative] line " in line for line in running.lines) == 20_000


def test_a_command_waits_for_a_supervisor_that_a_component_blocks_for_a_while(folder: Path) -> None:
    with fleet(write(folder, blocking="blocking", clock="clock")) as running:
        wait_until(lambda: " [blocking] blocking" in running.err, 10)
        begun = time.monotonic()
        impatient = running.wampsup("status", "--timeout", "0.2")
        assert impatient.code == 3
        shown = running.wampsup("status")
        assert (shown.code, shown.err) == (0, "")
        assert time.monotonic() - begun > 1


def test_a_component_that_ends_the_process_leaves_nothing_that_is_in_the_way(folder: Path) -> None:
    path = write(folder, rude="ends_the_process")
    with fleet(path) as running:
        assert running.wait() == 7
        assert running.wampsup("status").code == 3
        write_module(folder, PARTS.replace("os._exit(7)", "await Deferred()"))
        assert running.wampsup("start", path, "--detach").code == 0
        assert running.wampsup("shutdown").code == 0


def test_five_hundred_components(folder: Path) -> None:
    with fleet(write(folder, **{f"sensor_{number}": "clock" for number in range(500)})) as running:
        wait_until(lambda: running.wampsup("status", "--check").code == 0, 30)
        assert len(running.wampsup("status").out.splitlines()) == 502
        assert running.wampsup("restart", "--all").out.splitlines()[-1] == "sensor-499: running"
        stopped = running.wampsup("stop", "sensor-1*", "--json").json["results"]
        assert {one["state"] for one in stopped} == {"stopped"}
        assert len(stopped) == 111
    assert " error " not in running.err


def test_a_name_may_hold_every_character_that_the_file_allows(folder: Path) -> None:
    name = "aZ09_.-x"
    text = dedent(HEAD) + f'[components."{name}"]\nmain = "parts:clock"\n'
    with fleet(write_fleet(folder, text)) as running:
        running.until(name, "running")
        assert running.wampsup("restart", name).out == f"{name}: running\n"
        assert running.wampsup("show", name).out.splitlines()[0] == name
        assert running.wampsup("status", name).code == 0


KINDS = """
    [components.plain]
    main = "parts:clock"

    [components.classy]
    session_factory = "parts:Session"

    [components.decorated]
    component = "parts:decorated"
"""


def test_show_tells_what_each_kind_of_component_runs(folder: Path) -> None:
    with fleet(write_fleet(folder, dedent(HEAD) + dedent(KINDS))) as running:
        for name, runs in {
            "plain": "main parts:clock",
            "classy": "session_factory parts:Session",
            "decorated": "component parts:decorated",
        }.items():
            running.until(name, "running")
            assert f"  runs            {runs}\n" in running.wampsup("show", name).out


LONG = "a-name-that-is-rather-long-for-a-column-of-a-table"


def shown(running: Fleet, columns: int) -> list[str]:
    """The table in a terminal of that width."""
    lines = seen("status", env={**running.env, "NO_COLOR": "1"}, width=columns)
    return lines[next(index for index, line in enumerate(lines) if line.startswith("NAME")) :]


def test_the_table_fits_the_terminal(folder: Path) -> None:
    with fleet(write(folder, **{"clock": "clock", LONG.replace("-", "_"): "long_winded"})) as running:
        running.until(LONG, "failed")
        running.until("clock", "running")
        for columns in (30, 40, 60, 80, 132):
            lines = shown(running, columns)
            assert max(len(line) for line in lines) <= columns
            assert lines[1].split()[:2] == ["clock", "running"]
            text = " ".join(" ".join(lines[2:]).split())
            assert "RuntimeError: first second" in text
            assert f"to try again: wampsup start {LONG}" in text or columns < 60
        head, *note = shown(running, 80)[2:]
        assert head.startswith(f"{LONG}  failed ")
        assert note[0].startswith("    RuntimeError: first second \\x1b[31mred third xxx")
        assert note[1:] == ["    to try again:", f"    wampsup start {LONG}"]
