"""Processes that components fork off: they are no second supervisor, and keep nothing of the first one."""

from __future__ import annotations

import os
import re
import signal
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest

from support.command import fleet
from support.files import unix_path, write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"
    socket = "c.sock"
    http = "127.0.0.1:0"
    reactor = "REACTOR"

    [router]
    listen = "rs://unix:router.sock"

    [components.forks]
    main = "parts:MAIN"
    transports = "rs://unix:router.sock"
"""

PARTS = """
import os, sys, time
from multiprocessing import get_context
from twisted.internet.defer import Deferred

async def exits(reactor, session):
    child = os.fork()
    if child == 0:
        sys.exit("the loop catches this")
    print("child", child)
    await Deferred()

def stays():
    time.sleep(60)

async def works(reactor, session):
    worker = get_context("fork").Process(target=stays)
    worker.start()
    print("child", worker.pid)
    await Deferred()
"""


CHILD = re.compile(r"child (\d+)")


def write(folder: Path, main: str, reactor: str = "auto") -> Path:
    write_module(folder, PARTS)
    text = FLEET.replace("MAIN", main).replace("REACTOR", reactor)
    return write_fleet(folder, text.replace("c.sock", f"{folder}/c.sock"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """One whose path is short enough for sockets."""
    with unix_path() as path:
        yield path.parent


@pytest.mark.parametrize("reactor", ["auto", "poll", "asyncio"])
def test_a_child_that_comes_back_to_the_loop_ends_there(reactor: str, folder: Path) -> None:
    ending = "wampsup: a process that `forks` has forked has come back to the loop: it ends"
    with fleet(write(folder, "exits", reactor)) as running:
        wait_until(lambda: ending in running.lines)
        asked = [running.request("GET", "/v1/supervisor").body["pid"] for _ in range(20)]
        assert set(asked) == {running.pid}
        assert running.component("forks")["state"] == "running"
        assert running.stop() == 0


def test_a_child_that_outlives_its_supervisor_keeps_nobody_from_its_place(folder: Path) -> None:
    path = write(folder, "works")
    with fleet(path) as killed, ExitStack() as ending:
        wait_until(lambda: CHILD.search(killed.err))
        ending.callback(end_child, killed)
        killed.process.kill()
        killed.process.wait()
        with fleet(path) as again:
            ending.callback(end_child, again)
            again.until("forks", "running")
            wait_until(lambda: CHILD.search(again.err))
            end_child(again)


def end_child(of: Fleet) -> None:
    """End the process that a component has told of, if it is there."""
    found = CHILD.search(of.err)
    if found is not None:
        with suppress(ProcessLookupError):
            os.kill(int(found[1]), signal.SIGKILL)
