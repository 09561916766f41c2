"""Reloading a `wampsup.Fleet`: one that was made of a file can be, one that a program has made can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autobahn.twisted.component import Component
from twisted.internet.threads import deferToThread

from support.command import wampsup
from support.files import write_fleet
from support.reactor import until
from wampsup import Fleet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Result
    from support.reactor import Run

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"

    [components.clock]
    main = "{module}:clock"
    transports = "rs://unix:r.sock"
    {more}
"""

PARTS = """
    from twisted.internet.defer import Deferred

    async def clock(reactor, session):
        await Deferred()
"""


async def reload() -> Result:
    result: Result = await deferToThread(lambda: wampsup("reload"))
    return result


def test_a_fleet_of_a_file_is_reloaded_where_its_router_stays(
    run: Run, runtime: Path, component_module: Callable[[str], str]
) -> None:
    module = component_module(PARTS)

    def write(more: str = "") -> Path:
        return write_fleet(runtime, FLEET.format(module=module, more=more))

    path = write()

    async def scenario() -> None:
        fleet = Fleet.from_file(path)
        await fleet.start()
        await until(lambda: fleet.status()["clock"]["state"] == "running")
        write("instances = 2")
        done = await reload()
        assert (done.code, done.out, done.err) == (0, "added: clock@1, clock@2\nremoved: clock\n", "")
        await until(lambda: [one["state"] for one in fleet.status().values()] == ["running", "running"])
        assert list(fleet.status()) == ["clock@1", "clock@2"]
        await fleet.stop()

    run(scenario)


def test_a_fleet_that_a_program_has_made_has_no_file_to_read_again(run: Run, runtime: Path) -> None:
    async def scenario() -> None:
        fleet = Fleet(Component(transports="ws://127.0.0.1:1/ws"), name="edge")
        await fleet.start()
        done = await reload()
        assert (done.code, done.out) == (1, "")
        assert done.err == "error: this fleet has no file to read again: a program has made it\n"
        await fleet.stop()

    run(scenario)
