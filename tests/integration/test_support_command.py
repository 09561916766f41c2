from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from support.command import fleet, wampsup
from support.files import write_fleet, write_module

if TYPE_CHECKING:
    from pathlib import Path

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:router.sock"
    realms = ["realm1"]

    [components.clock]
    main = "parts:clock"
    realm = "realm1"
    transports = "rs://unix:router.sock"
"""

PARTS = """
    async def clock(reactor, session):
        await session.subscribe(lambda: None, "nothing")
        await reactor_for_ever()

    async def reactor_for_ever():
        from twisted.internet.defer import Deferred
        await Deferred()
"""


@pytest.fixture
def edge(tmp_path: Path) -> Path:
    write_module(tmp_path, PARTS)
    return write_fleet(tmp_path, FLEET, "other.toml")


def test_a_command_gives_its_exit_code_and_both_streams() -> None:
    done = wampsup("--version", env={"XDG_RUNTIME_DIR": "/nonexistent"})
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("wampsup ")


def test_a_fleet_answers_and_ends_in_order(edge: Path) -> None:
    with fleet(edge) as running:
        assert running.until("clock", "running")["realm"] == "realm1"
        status = running.wampsup("status", "--json")
        assert (status.code, status.err) == (0, "")
        assert status.json["components"][0]["name"] == "clock"
        assert running.request("GET", "/v1/supervisor").body["pid"] == running.pid
        assert running.stop() == 0
        assert "clock" in running.err
        assert running.ended
    assert not running.socket.exists()


def test_a_fleet_that_is_killed_leaves_the_test_unharmed(edge: Path) -> None:
    with fleet(edge) as running:
        running.signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL


def test_a_fleet_that_cannot_start_is_given_with_its_exit_code(tmp_path: Path) -> None:
    with fleet(tmp_path / "none.toml") as running:
        assert running.wait() == 5
        assert running.lines[0].startswith("error: ")


def test_waiting_for_a_state_tells_what_the_fleet_said(edge: Path) -> None:
    with fleet(edge) as running, pytest.raises(AssertionError, match=r"`clock` fatal did not come about within 0.1 s"):
        running.until("clock", "fatal", timeout=0.1)
