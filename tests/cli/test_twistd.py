"""A fleet as a service: in twistd, and in twist by way of a plugin of the user's."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.files import write_fleet, write_module
from support.programs import hosted
from support.waiting import wait_until

if TYPE_CHECKING:
    from support.command import Fleet

BIN = Path(sys.executable).parent
TWISTD = (BIN / "twistd", "--nodaemon", "--no_save", "--pidfile=pid", "--python")

DRY = "ValueError: the kettle is dry"

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"

    [defaults]
    transports = "rs://unix:r.sock"
    restart = { initial_delay = 0.1, max_restarts = 1, jitter = 0 }

    [components.clock]
    main = "parts:clock"
    session_factory = "parts:Farewell"

    [components.kettle]
    main = "parts:kettle"
    autostart = false
"""

PARTS = """
    from autobahn.twisted.wamp import Session
    from twisted.internet.defer import Deferred

    class Farewell(Session):
        def onLeave(self, details):
            print("left:", details.reason)
            super().onLeave(details)

    async def clock(reactor, session):
        print("ticks")
        await Deferred()

    async def kettle(reactor, session):
        raise ValueError("the kettle is dry")
"""

TAC = """
    from twisted.application.service import Application
    from wampsup import Fleet

    application = Application("edge")
    Fleet.from_file("fleet.toml").setServiceParent(application)
"""

PLUGIN = """
    from twisted.application.service import ServiceMaker

    edge = ServiceMaker("edge", "maker", "the edge's components", "edge")
"""

MAKER = """
    from twisted.python import usage
    from wampsup import Fleet

    class Options(usage.Options):
        pass

    def makeService(options):
        return Fleet.from_file("fleet.toml")
"""


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_fleet(short_path, FLEET)
    write_module(short_path, PARTS)
    write_module(short_path, MAKER, "maker")
    write_fleet(short_path, TAC, "edge.tac")
    write_fleet(short_path, PLUGIN, "twisted/plugins/edge_plugin.py")
    return short_path


def said(host: Fleet) -> list[str]:
    """What it logged, without times and systems."""
    return [line.split("] ", 1)[-1] for line in host.lines]


def runs(host: Fleet) -> None:
    wait_until(lambda: "ticks" in said(host) or host.ended, 15, "the clock")
    assert not host.ended, host.err
    host.until("clock", "running")


def test_a_service_in_twistd_ends_in_order(folder: Path) -> None:
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        assert host.wampsup("status").code == 0
        host.signal(signal.SIGTERM)
        assert host.wait() == -signal.SIGTERM  # as twistd ends whatever it hosts
        lines = said(host)
        order = [
            "left: wamp.close.goodbye_and_out",
            "clock: stopped",
            "fleet `edge` has ended",
            "Main loop terminated.",
        ]
        assert [line for line in lines if line in order] == order
        assert "Unhandled" not in host.err
        assert list(host.socket.parent.iterdir()) == []
        assert not (folder / "r.sock").exists()
        assert not (folder / "pid").exists()


def test_the_log_of_a_host_stays_its_own_and_no_log_file_is_written(folder: Path) -> None:
    write_fleet(folder, FLEET.replace('name = "edge"\n', 'name = "edge"\n    log_file = "edge.log"\n'))
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        assert "no `log_file` is written: in this process the log is its host's" in said(host)
    assert not (folder / "edge.log").exists()


def test_a_plugin_hosts_a_fleet_in_twist(folder: Path) -> None:
    with hosted(
        [
            "/usr/bin/env",
            f"PYTHONPATH={':'.join([str(folder), *sys.path])}",
            BIN / "twist",
            "--log-format=text",
            "edge",
        ],
        folder,
    ) as host:
        runs(host)
        host.signal(signal.SIGTERM)
        host.wait()
        assert "left: wamp.close.goodbye_and_out" in said(host)
        assert list(host.socket.parent.iterdir()) == []


def test_the_end_of_a_critical_component_ends_twistd_with_a_failure(folder: Path) -> None:
    fleet = folder / "fleet.toml"
    fleet.write_text(fleet.read_text() + "critical = true\n")
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        assert host.wampsup("start", "--no-wait", "kettle").code == 0
        assert host.wait() == 1
        lines = said(host)
        order = [
            f"kettle: failed: gave up after 1 restart in 300 s: {DRY}; to try again: wampsup start kettle",
            "`kettle` is critical: the fleet ends",
            "left: wamp.close.goodbye_and_out",
            "fleet `edge` has ended",
            "Main loop terminated.",
        ]
        assert [line for line in lines if line in order] == order
        assert f"\t{DRY}" in host.lines
        assert not (folder / "pid").exists()


def test_a_service_reads_its_file_again_when_a_person_asks_for_it(folder: Path) -> None:
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        fleet = folder / "fleet.toml"
        fleet.write_text(fleet.read_text() + '[components.second]\nmain = "parts:clock"\n')
        assert host.wampsup("reload").code == 0
        host.until("second", "running")
        host.signal(signal.SIGTERM)
        host.wait()


def test_a_person_sees_the_lines_of_components_and_none_of_the_host_s(folder: Path) -> None:
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        host.wampsup("start", "--no-wait", "kettle")
        host.until("kettle", "failed")
        shown = host.wampsup("logs")
        assert (shown.code, shown.err) == (0, "")
        lines = [line[25:] for line in shown.out.splitlines() if not line.startswith("    ")]
        assert lines[0].startswith("info  [clock] joined realm1 as ")
        assert lines[1] == "info  [clock] ticks"
        assert [line for line in lines[2:] if "joined" not in line] == [
            f"warn  [kettle] {DRY}; next try in 0.1 s (1 of 1)",
            f"error [kettle] failed: gave up after 1 restart in 300 s: {DRY}; to try again: wampsup start kettle",
        ]
        assert shown.out.count(f"    {DRY}") == 2
        host.signal(signal.SIGTERM)
        host.wait()


def test_a_person_ends_twistd_by_ending_the_fleet(folder: Path) -> None:
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        assert host.wampsup("shutdown").code == 0
        assert host.wait() == 0
        assert "a person asked for the end: stopping the fleet in order" in said(host)


def test_a_host_may_do_something_else_when_the_fleet_ends(folder: Path) -> None:
    tac = folder / "edge.tac"
    tac.write_text(tac.read_text().replace('("fleet.toml")', '("fleet.toml", on_end=lambda code: print("code", code))'))
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        host.request("POST", "/v1/shutdown", {})
        wait_until(lambda: "code 0" in said(host), 15)
        assert not host.ended
        host.signal(signal.SIGTERM)
        host.wait()
        assert said(host).count("fleet `edge` has ended") == 1


def test_a_fleet_that_cannot_open_its_router_ends_twistd_with_a_failure(folder: Path) -> None:
    path = folder / "r.sock"
    path.mkdir()
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        assert host.wait() == 1
        assert [line for line in said(host) if line.startswith("error: ")] == [
            f"error: the router can't listen on `rs://unix:{path}`: `{path}` exists and is no socket"
        ]
        assert list(host.socket.parent.iterdir()) == []


def test_two_hosts_cannot_run_fleets_of_one_name(folder: Path) -> None:
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        runs(host)
        again: list[str | Path] = ["/usr/bin/env", f"XDG_RUNTIME_DIR={host.runtime}", *TWISTD, "edge.tac"]
        again[again.index("--pidfile=pid")] = "--pidfile=pid2"
        with hosted(again, folder) as second:
            assert second.wait() == 1
            assert f"error: fleet `edge` already runs (pid {host.pid})" in said(second)


def test_the_mistakes_of_a_fleet_file_are_shown_as_the_command_shows_them(folder: Path) -> None:
    fleet = folder / "fleet.toml"
    fleet.write_text(fleet.read_text().replace("autostart", "autostrat").replace("parts:clock", "parts"))
    with hosted([*TWISTD, "edge.tac"], folder) as host:
        assert host.wait() == 1
        shown = host.wampsup("start", fleet, env={"PWD": str(folder)}).err.replace(str(fleet), "fleet.toml")
        assert "did you mean `autostart`?" in shown
        assert shown.strip() in host.err
