"""Who may ask a fleet, and where: its owner, root, its group, and readers over TCP; through the real command."""

from __future__ import annotations

import http.client
import shutil
import socket
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from support.command import EXECUTABLE, environment, fleet, wampsup
from support.files import write_fleet, write_module
from support.users import STRANGER, User, only_root
from support.waiting import free_port, wait_until

if TYPE_CHECKING:
    from support.command import Fleet

GROUP = 54_060
MEMBER = User(54_322, groups=(GROUP,))

FLEET = """
    [supervisor]
    name = "edge"
    {supervisor}

    [components.clock]
    main = "parts:clock"
    transports = "rs://unix:nobody.sock"
    autostart = false
"""


@pytest.fixture
def folder(short_path: Path) -> Path:
    """A folder that everybody can enter."""
    short_path.chmod(0o755)
    write_module(short_path, "def clock(reactor, session): pass")
    return short_path


def write(folder: Path, supervisor: str) -> Path:
    return write_fleet(folder, FLEET.format(supervisor=supervisor))


@only_root
def test_a_member_of_the_group_uses_the_socket_as_its_owner_does(folder: Path) -> None:
    path = folder / "c.sock"
    with fleet(write(folder, f'socket = "{path}"\nsocket_group = "{GROUP}"')) as running:
        assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_gid) == (0o660, GROUP)
        status = MEMBER.wampsup("status", "--socket", path)
        assert (status.code, "clock  stopped" in status.out) == (0, True), status.err
        assert MEMBER.wampsup("stop", "clock", "--socket", path).code == 0
        stranger = STRANGER.wampsup("status", "--socket", path)
        assert (stranger.code, stranger.err) == (3, f"error: this user may not use the control socket `{path}`\n")
        assert MEMBER.wampsup("shutdown", "--socket", path).code == 0
        assert running.wait() == 0


@only_root
def test_a_group_that_can_not_get_there_is_told_by_check_and_start(folder: Path) -> None:
    folder.chmod(0o700)
    path = write(folder, f'socket = "{folder}/c.sock"\nsocket_group = "{GROUP}"')
    told = f"error: group {GROUP} can't enter the folder `{folder}`, in which the control socket lies"
    hint = f"hint: chgrp {GROUP} {folder} && chmod g+x {folder}"
    for command, code in (("check", 5), ("start", 1)):
        done = wampsup(command, path, env={"XDG_RUNTIME_DIR": str(folder)})
        assert (done.code, done.err.splitlines()[0], done.err.splitlines()[-1]) == (code, told, hint)


@only_root
def test_root_is_told_how_to_reach_the_fleet_of_another_user(folder: Path) -> None:
    usual = Path("/tmp/wampsup-54321")  # that user's usual place
    shutil.rmtree(usual, ignore_errors=True)
    program = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(54_000); os.setuid(54_321)\n"
        f"os.mkdir('{usual}', 0o700)\n"
        f"listening = socket.socket(socket.AF_UNIX); listening.bind('{usual}/edge.sock'); listening.listen()\n"
        "print('listens', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "listens\n"
        done = wampsup("status", env={"XDG_RUNTIME_DIR": str(folder)})
        other.communicate("")
    shutil.rmtree(usual)
    assert (done.code, done.err.splitlines()[0]) == (3, "error: no supervisor is running")
    assert done.err.splitlines()[1].startswith("hint: root reaches the fleet of another user by its socket, as with `")


def test_a_fleet_whose_socket_is_gone_is_told_from_one_that_does_not_run(folder: Path) -> None:
    with fleet(write(folder, "")) as running:
        running.signal(19)  # it can't make its socket again
        running.socket.unlink()
        for arguments in ([], ["--fleet", "edge"]):
            done = running.wampsup("status", *arguments)
            assert (done.code, done.err.splitlines()[0]) == (
                3,
                f"error: fleet `edge` runs, but its control socket `{running.socket}` is not there",
            )
        running.signal(18)
        wait_until(running.socket.exists, 20)
        assert running.wampsup("status").code == 0


def address_of(running: Fleet) -> str:
    line = wait_until(lambda: next((line for line in running.lines if "http://" in line), None))
    return str(line).partition("http://")[2].partition("/")[0]


def test_over_tcp_it_can_be_read_and_nothing_more_once_the_file_says_so(folder: Path) -> None:
    with fleet(write(folder, 'http = "127.0.0.1:0"')) as running:
        host, _, port = address_of(running).partition(":")
        with closing(http.client.HTTPConnection(host, int(port), timeout=10)) as connection:
            for method, path, status in (
                ("GET", "/v1/components", 200),
                ("GET", "/livez", 200),
                ("POST", "/v1/shutdown", 403),
                ("GET", "/v1/logs", 403),
            ):
                connection.request(method, path)
                response = connection.getresponse()
                response.read()
                assert (path, response.status) == (path, status)
        write(folder, 'http = "127.0.0.1:1"')
        assert "`supervisor.http`" in running.wampsup("reload").err
        assert running.stop() == 0
        with closing(socket.socket()) as probe:
            assert probe.connect_ex((host, int(port))) != 0


def test_without_being_asked_it_listens_on_no_port(folder: Path) -> None:
    with fleet(write(folder, "")) as running:
        listening = [one for one in psutil.Process(running.pid).net_connections("inet") if one.status == "LISTEN"]
        assert listening == []


def test_a_port_in_use_ends_the_start_and_leaves_nothing(folder: Path) -> None:
    port = free_port()
    path = write(folder, f'http = "127.0.0.1:{port}"')
    with closing(socket.create_server(("127.0.0.1", port))), fleet(path) as running:
        assert running.wait() == 1
        assert not running.socket.exists()
    assert running.lines[-2:] == (
        f"error: cannot serve HTTP on `127.0.0.1:{port}`: the port is in use",
        "hint: set another `http` in `[supervisor]`",
    )


def test_a_fleet_in_a_program_of_its_own_serves_http_as_its_file_says(folder: Path) -> None:
    path = write(folder, 'http = "127.0.0.1:0"')
    (folder / "program.py").write_text(
        f"""
import sys
from twisted.internet import reactor
from twisted.logger import globalLogBeginner, textFileLogObserver
from wampsup import Fleet
globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stderr)], redirectStandardIO=False)
fleet = Fleet.from_file({str(path)!r})
def run():
    fleet.start(reactor).addCallback(lambda _: fleet.stop()).addBoth(lambda _: reactor.stop())
reactor.callWhenRunning(run)
reactor.run()
"""
    )
    done = subprocess.run(
        [EXECUTABLE.with_name("python"), folder / "program.py"],
        env=environment({"XDG_RUNTIME_DIR": str(folder / "run")}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert "answers everybody who reaches it" in done.stderr
    assert not list((folder / "run/wampsup").iterdir())
