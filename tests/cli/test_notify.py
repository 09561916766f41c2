"""What the real command tells a service manager: a real socket, as systemd has one."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from support.command import EXECUTABLE, environment, fleet, wampsup
from support.files import write_fleet, write_module
from support.manager import listener
from support.programs import program
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.manager import Listener, Told

FLEET = """
    [supervisor]
    name = "edge"
    stop_timeout = 7
    {supervisor}

    [router]
    listen = "rs://unix:r.sock"

    [defaults]
    transports = "rs://unix:r.sock"
"""

PARTS = """
    import json
    import os
    import socket
    import subprocess
    import sys
    import time
    from pathlib import Path

    from twisted.internet.defer import Deferred

    HERE = Path(__file__).parent
    PRINT = "import json, os; print(json.dumps(dict(os.environ)))"

    async def for_ever(reactor, session):
        await Deferred()

    def blocks(reactor, session):
        done = Deferred()
        reactor.callLater(1, block, session.config.extra)
        return done

    def block(extra):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.connect(extra["manager"])
            manager.send(b"BEGIN=1")
            time.sleep(extra["seconds"])
            manager.send(b"END=1")

    async def looks(reactor, session):
        inherited = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, check=True).stdout
        (HERE / "seen.new").write_text(json.dumps([dict(os.environ), json.loads(inherited)]))
        (HERE / "seen.new").rename(HERE / "seen")
        await Deferred()
"""

CLOCK = "[components.clock]\nmain = 'parts:for_ever'\n"
SUN = "[components.sun]\nmain = 'parts:for_ever'\n"


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return short_path


def write(folder: Path, components: str, supervisor: str = "") -> Path:
    return write_fleet(folder, FLEET.format(supervisor=supervisor).replace("\n    ", "\n") + components)


def env(systemd: Listener, watchdog: float | None = None) -> dict[str, str | None]:
    """What systemd tells a service of itself; `watchdog` in seconds."""
    interval = {} if watchdog is None else {"WATCHDOG_USEC": str(int(watchdog * 1e6))}
    return {"NOTIFY_SOCKET": systemd.where, **interval}


def words(told: Told) -> str:
    return " ".join(told.fields)


@pytest.mark.parametrize("abstract", [False, True], ids=["a path", "an abstract name"])
def test_a_whole_life_is_told(folder: Path, abstract: bool) -> None:  # noqa: FBT001 - a parameter of the test
    with listener(abstract=abstract) as systemd, fleet(write(folder, CLOCK + SUN), env=env(systemd)) as running:
        assert systemd.until("READY").fields["STATUS"].startswith("2 components: ")
        systemd.until("STATUS", matches=lambda text: text == "2 components: 2 running")
        before = time.monotonic_ns() // 1000
        running.signal(signal.SIGHUP)
        systemd.until("READY", 2)
        assert int(systemd.of("RELOADING")[0].fields["MONOTONIC_USEC"]) >= before
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
        assert systemd.until("STOPPING").fields == {"STOPPING": "1", "EXTEND_TIMEOUT_USEC": "15000000"}
        assert {told.pid for told in systemd.told} == {running.pid}
        life = [words(told) for told in systemd.told if set(told.fields) != {"STATUS"}]
        assert life == ["READY STATUS", "RELOADING MONOTONIC_USEC", "READY STATUS", "STOPPING EXTEND_TIMEOUT_USEC"]


def test_it_is_ready_although_its_router_is_not_there(folder: Path) -> None:
    lost = "[components.lost]\nmain = 'parts:for_ever'\ntransports = 'rs://unix:nobody.sock'\n"
    with listener() as systemd, fleet(write(folder, lost), env=env(systemd)) as running:
        systemd.until("READY")
        systemd.until("STATUS", matches=lambda text: text == "1 component: 1 reconnecting")
        assert not running.ended


def test_every_reload_is_told_also_one_that_fails_and_no_dry_run(folder: Path) -> None:
    path = write(folder, CLOCK)
    with listener() as systemd, fleet(path, env=env(systemd)) as running:
        assert running.wampsup("reload", "--dry-run").code == 0
        write(folder, CLOCK + SUN)
        assert running.wampsup("reload").code == 0
        systemd.until("READY", 2)
        systemd.until("STATUS", matches=lambda text: text == "2 components: 2 running")
        write(folder, CLOCK + "restrat = 1\n")
        assert running.wampsup("reload").code == 5
        systemd.until("READY", 3)
        assert len(systemd.of("RELOADING")) == 2


def test_an_end_that_a_person_asks_for_is_told_also_where_nothing_runs(folder: Path) -> None:
    with listener() as systemd, fleet(write(folder, CLOCK + "autostart = false\n"), env=env(systemd)) as running:
        systemd.until("READY")
        assert running.wampsup("shutdown").code == 0
        systemd.until("STOPPING")


def test_a_fleet_that_can_not_begin_is_never_ready(folder: Path) -> None:
    path = write(folder, CLOCK)
    with listener() as systemd, fleet(path), fleet(path, env=env(systemd)) as second:
        assert second.wait() == 1
        assert not systemd.of("READY")


def test_the_watchdog_is_fed_but_not_while_a_component_blocks_the_reactor(folder: Path) -> None:
    with listener() as systemd:
        blocker = (
            f"[components.blocker]\nmain = 'parts:blocks'\nextra = {{ manager = '{systemd.where}', seconds = 2 }}\n"
        )
        with fleet(write(folder, blocker), env=env(systemd, watchdog=0.4)):
            systemd.until("END")
            fed = len(systemd.of("WATCHDOG"))
            systemd.until("WATCHDOG", fed + 3)
        order = [words(told) for told in systemd.told]
        begin, end = order.index("BEGIN"), order.index("END")
        assert order[begin:end] == ["BEGIN"]
        assert systemd.told[end].at - systemd.told[begin].at > 1.9
        assert order[:begin].count("WATCHDOG") >= 5


def test_a_process_that_is_ended_as_it_is_stuck_says_where_it_was(folder: Path) -> None:
    with listener() as systemd:
        blocker = (
            f"[components.blocker]\nmain = 'parts:blocks'\nextra = {{ manager = '{systemd.where}', seconds = 60 }}\n"
        )
        with fleet(write(folder, blocker), env=env(systemd, watchdog=1)) as running:
            systemd.until("BEGIN")
            running.signal(signal.SIGABRT)
            assert running.wait() == -signal.SIGABRT
            assert re.search(rf'File "{folder}/parts\.py", line \d+ in block\n', running.err)


def test_no_component_inherits_the_variables(folder: Path) -> None:
    looks = "[components.looks]\nmain = 'parts:looks'\n"
    with listener() as systemd:
        variables: dict[str, str | None] = env(systemd, watchdog=30) | {"WATCHDOG_PID": "1"}
        with fleet(write(folder, looks), env=variables) as running:
            wait_until((folder / "seen").exists)
            for environ in json.loads((folder / "seen").read_text()):
                assert "XDG_RUNTIME_DIR" in environ
                assert not environ.keys() & variables.keys()
            assert running.err.count("the watchdog is not fed") == 1
        assert not systemd.of("WATCHDOG")


def test_in_the_background_the_child_tells_and_feeds_the_watchdog_of_its_parent(folder: Path) -> None:
    with listener() as systemd:
        runtime = {"XDG_RUNTIME_DIR": str(folder / "run")}
        command = f"WATCHDOG_PID=$$ exec {EXECUTABLE} start {write(folder, CLOCK)} --detach"
        start = subprocess.run(
            ["sh", "-c", command],
            env=environment(env(systemd, watchdog=0.4) | runtime),
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=30,
        )
        try:
            systemd.until("WATCHDOG", 3)
        finally:
            assert wampsup("shutdown", env=runtime).code == 0
        systemd.until("STOPPING")
        assert words(systemd.told[0]) == "READY STATUS"
        pids = {told.pid for told in systemd.told}
        assert len(pids) == 1
        assert f"(pid {pids.pop()})" in start.stderr


def test_a_socket_of_another_kind_is_told_once_and_disturbs_nobody(folder: Path) -> None:
    with fleet(write(folder, CLOCK), env={"NOTIFY_SOCKET": "vsock:2:1234"}) as running:
        running.until("clock", "running")
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
    said = [line for line in running.lines if "NOTIFY_SOCKET" in line]
    assert len(said) == 1
    assert "warn  [wampsup] no service manager is told of the fleet: `NOTIFY_SOCKET` is `vsock:2:1234`" in said[0]


def test_a_manager_that_is_gone_disturbs_nobody(folder: Path) -> None:
    gone = {"NOTIFY_SOCKET": str(folder / "gone"), "WATCHDOG_USEC": "100000"}
    with fleet(write(folder, CLOCK, 'log_level = "debug"'), env=gone) as running:
        running.until("clock", "running")
        running.signal(signal.SIGHUP)
        wait_until(lambda: "has been read again" in running.err)
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
    said = [line for line in running.lines if "service manager" in line]
    assert len(said) == 1
    assert "debug [wampsup] the service manager does not take what it is told: No such file or directory" in said[0]


def test_a_host_of_its_own_speaks_to_its_manager_itself(folder: Path) -> None:
    with listener() as systemd:
        source = f"""
            import os

            from autobahn.twisted.component import Component
            from wampsup import run

            os.environ["NOTIFY_SOCKET"] = "{systemd.where}"

            async def looks(reactor, session):
                print(os.environ["NOTIFY_SOCKET"])

            endpoint = {{"type": "unix", "path": "{folder}/r.sock"}}
            transport = {{"type": "rawsocket", "url": "rs://localhost", "endpoint": endpoint}}
            run([Component(main=looks, transports=[transport], realm="realm1")])
        """
        with fleet(write(folder, CLOCK)), program(folder, source) as host:
            assert host.wait() == 0, host.err
            assert systemd.where in host.err
        assert not systemd.told
