"""`wampsup top` on a real terminal, of a real fleet."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from support.command import fleet
from support.files import unix_path, write_fleet, write_module
from support.terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    main = "parts:main"

    [components.pricing]
    main = "parts:main"
"""

PARTS = """
    from twisted.internet.defer import Deferred

    async def main(reactor, session):
        print("[red]at work[/red]")
        await Deferred()
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder: Path = tmp_path_factory.mktemp("fleet")
    write_module(folder, PARTS)
    with fleet(write_fleet(folder, FLEET)) as started:
        started.until("clock", "running")
        started.until("pricing", "running")
        yield started


def test_a_component_is_stopped_and_started_after_a_question(running: Fleet) -> None:
    with on_terminal("top", "--sort", "name", env=running.env) as terminal:
        terminal.sees("edge · up ")
        terminal.sees("2 components: 2 running")
        terminal.sees("connecting -> running")
        begin = terminal.type("T")
        terminal.sees("Stop `clock`?", begin)
        begin = terminal.type("n")
        terminal.sees("? help", begin)
        begin = terminal.type("j")
        terminal.sees("pricing  running for", begin)
        begin = terminal.type("T")
        terminal.sees("Stop `pricing`?", begin)
        begin = terminal.type("y")
        terminal.sees("pricing: stopped", begin)
        assert running.component("pricing")["state"] == "stopped"
        assert running.component("clock")["state"] == "running"
        begin = terminal.type("S")
        terminal.sees("Start `pricing`?", begin)
        begin = terminal.type("y")
        terminal.sees("pricing: running", begin)
        begin = terminal.type("l")
        terminal.sees("[pricing] [red]at work[/red]", begin)
        begin = terminal.type("q")
        terminal.sees("? help", begin)
        begin = terminal.type("\r")
        terminal.sees("restart policy", begin)
        begin = terminal.type("q")
        terminal.sees("? help", begin)
        terminal.type("q")
        assert terminal.wait() == 0
        assert terminal.is_as_before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, None])
def test_however_it_ends_the_terminal_is_as_it_was(running: Fleet, number: signal.Signals | None) -> None:
    with on_terminal("top", env=running.env) as terminal:
        terminal.sees("? help")
        if number is None:
            terminal.type("\x03")
        else:
            terminal.process.send_signal(number)
        assert terminal.wait() == 0
        assert terminal.is_as_before
        assert "Traceback" not in terminal.text


def test_a_fleet_that_ends_is_told_and_comes_back(tmp_path: Path) -> None:
    write_module(tmp_path, PARTS)
    with unix_path() as socket:
        path = write_fleet(tmp_path, FLEET.replace('name = "edge"', f'socket = "{socket}"'))
        with fleet(path) as first:
            first.until("clock", "running")
            with on_terminal("top", "--socket", str(socket), env={}) as terminal:
                terminal.sees("2 components: 2 running")
                assert first.stop() == 0
                terminal.sees(f"the supervisor on `{socket}` does not answer")
                begin = len(terminal.text)
                with fleet(path):
                    terminal.sees("answered in", begin)
                    terminal.type("q")
                    assert terminal.wait() == 0
                assert terminal.is_as_before
                assert "Traceback" not in terminal.text


def test_names_choose_whom_it_shows(running: Fleet) -> None:
    with on_terminal("top", "c*", env=running.env) as terminal:
        terminal.sees("? help")
        terminal.sees("clock")
        assert "pricing" not in terminal.text.replace("`pricing`", "")
    with on_terminal("top", "nobody", env=running.env) as terminal:
        terminal.sees("error: no component `nobody` in fleet `edge`")
        assert terminal.wait() == 4


def test_it_needs_a_terminal(running: Fleet) -> None:
    done = running.wampsup("top")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: `top` needs a terminal\nhint: `wampsup status` shows the same once, anywhere\n"
    with on_terminal("top", env={**running.env, "TERM": "dumb"}) as terminal:
        assert terminal.wait() == 2
        terminal.sees("error: `top` needs a terminal")


def test_without_textual_it_tells_what_to_install(running: Fleet, tmp_path: Path) -> None:
    (tmp_path / "textual.py").write_text("raise ModuleNotFoundError('No module named textual', name='textual')\n")
    with on_terminal("top", env={**running.env, "PYTHONPATH": str(tmp_path)}) as terminal:
        assert terminal.wait() == 1
        terminal.sees("error: `top` needs textual, which is not installed")
        terminal.sees("hint: pip install 'wampsup[top]'")


def test_an_order_that_there_is_not_is_refused(running: Fleet) -> None:
    done = running.wampsup("top", "--sort", "stat")
    assert done.code == 2
    assert "did you mean `state`?" in done.err
