"""`[supervisor] reactor`: which one a fleet runs on, and what this system does not have."""

from __future__ import annotations

import select
import signal
from typing import TYPE_CHECKING

import pytest

from support.command import fleet, wampsup
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

FLEET = """
    [supervisor]
    name = "edge"
    reactor = "{reactor}"

    [router]
    listen = "rs://unix:r.sock"

    [components.teller]
    main = "parts:main"
    realm = "realm1"
    transports = "rs://unix:r.sock"
"""
PARTS = """
    import asyncio
    import warnings

    from twisted.internet.defer import Deferred

    with warnings.catch_warnings(action="ignore"):
        early = asyncio.get_event_loop_policy().get_event_loop()

    async def main(reactor, session):
        names = [each.__name__ for each in type(reactor).__mro__]
        loop = getattr(reactor, "_asyncioEventloop", None)
        print("on", names[:3], "over", type(loop).__mro__[1].__module__)
        if loop is not None:
            await Deferred.fromFuture(asyncio.ensure_future(asyncio.sleep(0)))
            print("slept", loop is early)
        await Deferred()
"""
FOREIGN = "epoll" if hasattr(select, "kqueue") else "kqueue"
"""A kind of another system."""


def write(folder: Path, reactor: str) -> Path:
    write_module(folder, PARTS)
    return write_fleet(folder, FLEET.format(reactor=reactor))


KINDS = [
    ("epoll", "EPollReactor", None),
    ("kqueue", "KQueueReactor", None),
    ("poll", "PollReactor", None),
    ("asyncio", "AsyncioSelectorReactor", "asyncio.unix_events"),
    ("uvloop", "AsyncioSelectorReactor", "uvloop"),
]


@pytest.mark.parametrize(("reactor", "of_twisted", "loop"), [kind for kind in KINDS if kind[0] != FOREIGN])
def test_a_fleet_runs_on_the_reactor_that_its_file_names(
    tmp_path: Path, reactor: str, of_twisted: str, loop: str | None
) -> None:
    path = write(tmp_path, reactor)
    assert wampsup("check", path).code == 0
    with fleet(path) as running:
        running.until("teller", "running")
        wait_until(lambda: f"'Aware', '{of_twisted}'] over {loop or 'builtins'}" in running.err, 10, running.err)
        if loop:
            wait_until(lambda: "slept True" in running.err, 10, running.err)


@pytest.mark.parametrize("command", ["check", "start"])
def test_a_reactor_that_this_system_does_not_have_is_an_error_at_its_line(tmp_path: Path, command: str) -> None:
    result = wampsup(command, write(tmp_path, FOREIGN), env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert (result.code, result.out) == (5, "")
    assert f"error: the reactor can't be `{FOREIGN}`: this system has none\n" in result.err
    assert f' --> {tmp_path}/fleet.toml:3:11\n  |\n3 | reactor = "{FOREIGN}"\n' in result.err
    assert 'hint: `reactor = "auto"` takes the best that it has' in result.err


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("raise ModuleNotFoundError(name='uvloop')", "it is not installed"),
        ("raise ImportError('no libuv')", "no libuv"),
    ],
)
def test_a_package_that_is_missing_is_told_with_how_to_get_it(tmp_path: Path, source: str, problem: str) -> None:
    broken = tmp_path / "broken"
    write_module(broken, source, "uvloop")
    result = wampsup("check", write(tmp_path, "uvloop"), env={"PYTHONPATH": str(broken)})
    assert (result.code, result.out) == (5, "")
    assert f"error: the reactor can't be `uvloop`: {problem}\n" in result.err
    assert "hint: pip install 'wampsup[uvloop]'" in result.err


BUSY = """
    import time
    from pathlib import Path

    from twisted.internet import task

    async def main(reactor, session):
        while True:
            Path("busy").touch()
            end = time.monotonic() + 0.3
            while time.monotonic() < end:
                pass
            await task.deferLater(reactor, 0)
"""


@pytest.mark.parametrize(("number", "said"), [(signal.SIGTERM, "SIGTERM: stopping"), (signal.SIGHUP, "read again")])
def test_a_signal_in_the_middle_of_a_components_event_is_the_supervisors_own(
    tmp_path: Path, number: int, said: str
) -> None:
    path = write(tmp_path, "auto")
    write_module(tmp_path, BUSY.replace('"busy"', f'"{tmp_path}/busy"'))
    with fleet(path) as running:
        running.until("teller", "running")
        wait_until((tmp_path / "busy").exists)
        running.signal(number)
        wait_until(lambda: said in running.err, 20)
    (line,) = (line for line in running.lines if said in line)
    assert "info  [wampsup] " in line
