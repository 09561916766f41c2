"""A supervisor whose components block it, or leave threads behind: it ends all the same, and soon."""

from __future__ import annotations

import signal
import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from support.command import fleet
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

FLEET = """
    [supervisor]
    name = "edge"
    stop_timeout = 60
    {supervisor}

    [router]
    listen = "rs://unix:r.sock"
    realms = ["realm1"]
"""

PARTS = """
    import threading
    import time
    from pathlib import Path

    from twisted.internet.defer import Deferred
    from twisted.internet.threads import deferToThread

    def begun():
        Path(__file__).with_name("begun").touch()

    async def blocks(reactor, session):
        begun()
        time.sleep(100)

    async def defers(reactor, session):
        begun()
        await deferToThread(time.sleep, 100)

    async def threads(reactor, session):
        threading.Thread(target=time.sleep, args=[100]).start()
        begun()
        await Deferred()

    async def stops(reactor, session):
        begun()
        reactor.stop()

    async def crashes(reactor, session):
        await deferToThread(begun)
        reactor.callLater(0, reactor.crash)

    async def crashes_itself(reactor, session):
        reactor.crash()

    async def leaves_a_thread(reactor, session):
        threading.Thread(target=time.sleep, args=[100]).start()
"""

BLOCKED = "[wampsup] component `c` blocks this process at parts.py:13 in blocks: it ends at once"
THREADS = "[wampsup] threads of components still run: the process ends without them"


def write(folder: Path, main: str, supervisor: str = "") -> Path:
    write_module(folder, PARTS)
    components = f"""
    [components.c]
    main = "parts:{main}"
    transports = "rs://unix:r.sock"
"""
    return write_fleet(folder, dedent(FLEET).format(supervisor=supervisor) + dedent(components))


@pytest.mark.parametrize(
    ("main", "code", "said"), [("blocks", 1, BLOCKED), ("defers", 0, THREADS), ("threads", 0, THREADS)]
)
def test_a_second_signal_waits_for_no_thread_and_for_nobody_who_blocks(
    short_path: Path, main: str, code: int, said: str
) -> None:
    with fleet(write(short_path, main), wait=False) as running:
        wait_until((short_path / "begun").exists, 20)
        running.signal(signal.SIGTERM)
        if main != "blocks":
            wait_until(lambda: "SIGTERM: stopping the fleet in order" in running.err, 10)
        begun = time.monotonic()
        while not running.ended and time.monotonic() - begun < 1:
            running.signal(signal.SIGTERM)  # one signal that is still to be handled swallows the next
            time.sleep(0.1)
        assert running.wait() == code
        assert time.monotonic() - begun < 6
        assert said in running.err


def test_threads_keep_nothing_alive_once_the_fleet_has_ended_in_order(short_path: Path) -> None:
    with fleet(write(short_path, "leaves_a_thread", 'exit_when = "all-done"')) as running:
        begun = time.monotonic()
        assert running.wait() == 0
        assert time.monotonic() - begun < 6
        assert THREADS in running.err


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ("stops", "[wampsup] component `c` has stopped the reactor: the fleet ends"),
        ("crashes_itself", "[wampsup] component `c` has crashed the reactor: the fleet ends at once"),
        ("crashes", "[wampsup] component `c` has crashed the reactor: the fleet ends at once"),
    ],
)
def test_a_component_that_stops_the_reactor_is_named(short_path: Path, main: str, said: str) -> None:
    with fleet(write(short_path, main)) as running:
        assert running.wait() == 1
        assert said in running.err
