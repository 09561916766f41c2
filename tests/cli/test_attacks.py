"""What has gone wrong at the neighbours: each of their mistakes, tried on a running fleet."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import time
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from support.command import fleet, wampsup
from support.files import short_folder, write_fleet, write_module
from support.users import STRANGER, only_root
from support.waiting import wait_until
from wampsup.control.connections import MOST_CONNECTIONS
from wampsup.control.feed import MOST_FOLLOWERS
from wampsup.control.request import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"
    socket = "c.sock"
    socket_mode = "0666"
    http = "127.0.0.1:0"

    [components.clock]
    main = "parts:clock"
    transports = "rs://unix:nobody.sock"
    autostart = false
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with short_folder() as made:
        made.chmod(0o755)
        write_module(made, "def clock(reactor, session): pass")
        write_fleet(made, FLEET.replace("c.sock", f"{made}/c.sock"))
        yield made


@pytest.fixture(scope="module")
def edge(folder: Path) -> Iterator[Fleet]:
    """A fleet whose socket everybody may connect to, and which serves HTTP over TCP."""
    with fleet(folder / "fleet.toml") as running:
        yield running


def over_tcp(edge: Fleet, method: str, path: str, body: str | None = None) -> int:
    url = next(line for line in edge.lines if "http://127.0.0.1:" in line).partition("http://")[2]
    with closing(http.client.HTTPConnection(url.partition("/")[0], timeout=10)) as connection:
        connection.request(method, path, body)
        return connection.getresponse().status


ATTRIBUTES = [
    "__class__",
    "__init__/__globals__",
    "fleet",
    "_fleet",
    "answer",
    "supervisor.fleet.spec",
    "shutdown.call",
]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_names_in_a_request_are_no_attributes(edge: Fleet, attribute: str) -> None:
    """supervisord, CVE-2017-11610: method names were walked as attributes."""
    for path in (f"/{attribute}", f"/v1/{attribute}", f"/v1/components/{attribute}", f"/v1/start/{attribute}"):
        for method in ("GET", "POST"):
            assert edge.request(method, path).status in {404, 405}
    for command in ("start", "stop", "restart", "profile"):
        assert edge.request("POST", f"/v1/{command}", {"select": [attribute]}).status in {404, 422}


@only_root
def test_control_is_not_open_to_who_is_not_known(edge: Fleet) -> None:
    """CVE-2019-12105 in supervisord, and circus on TCP: control without authentication."""
    stop = b"POST /v1/shutdown HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    assert STRANGER.ask(edge.socket, stop).startswith("HTTP/1.1 403 Forbidden\n")
    done = STRANGER.wampsup("shutdown", "--socket", edge.socket)
    assert done.code == 1
    assert done.err.splitlines() == [
        "error: this fleet belongs to another user (uid 0), and user 54321 may not use it",
        "hint: its `socket_group` in `[supervisor]` lets others in",
    ]
    for path in ("start", "stop", "restart", "reload", "profile", "shutdown"):
        assert over_tcp(edge, "POST", f"/v1/{path}", '{"select": ["*"]}') == 403
    assert not edge.ended


DEFINITIONS: list[dict[str, Any]] = [
    {"select": ["clock"], "main": "os:abort"},
    {"select": ["clock"], "extra": {"a": 1}},
    {"select": [{"name": "new", "main": "os:abort"}]},
    {"select": ["os:abort"]},
    {"select": ["../../etc/passwd"]},
    {"path": "/tmp/evil.toml"},
    {"fleet_file": "/tmp/evil.toml", "dry_run": False},
    {"components": {"new": {"main": "os:abort"}}},
]


@pytest.mark.parametrize("body", DEFINITIONS, ids=json.dumps)
def test_no_request_defines_what_runs(edge: Fleet, body: dict[str, Any]) -> None:
    """Circus and process-compose: an API that can define new commands."""
    before = edge.request("GET", "/v1/components").body
    for path in ("start", "restart", "reload", "profile", "shutdown"):
        assert edge.request("POST", f"/v1/{path}", body).status in {404, 422}
    for method in ("POST", "PUT", "PATCH"):
        for path in ("/v1/components", "/v1/components/new", "/v1/components/clock"):
            assert edge.request(method, path, body).status == 405
    assert edge.request("GET", "/v1/components").body["components"] == before["components"]


@pytest.mark.parametrize("kind", ["file", "folder", "link to a file", "link to nowhere", "pipe"])
def test_what_lies_at_the_path_of_the_socket_is_not_removed(kind: str, short_path: Path) -> None:
    """process-compose: a socket path is removed whatever it is."""
    write_module(short_path, "def clock(reactor, session): pass")
    path, precious = short_path / "c.sock", short_path / "precious"
    precious.write_text("precious")
    match kind:
        case "file":
            precious.rename(path)
        case "folder":
            path.mkdir()
        case "link to a file":
            path.symlink_to(precious)
        case "link to nowhere":
            path.symlink_to(short_path / "nowhere")
        case _:
            os.mkfifo(path)
    before = path.lstat()
    done = wampsup(
        "start",
        write_fleet(short_path, FLEET.replace("c.sock", str(path)).replace("edge", "yard")),
        env={"XDG_RUNTIME_DIR": str(short_path)},
    )
    assert (done.code, done.err) == (
        1,
        f"error: `{path}` is not a socket\nhint: remove it, or set another `socket` in `[supervisor]`\n",
    )
    assert path.lstat() == before
    assert not precious.exists() or precious.read_text() == "precious"


def test_a_socket_that_a_cleaner_removed_comes_back(short_path: Path) -> None:
    """supervisord #480, #1409: a socket in /tmp that cleaners delete. Ours is missed, told of, and made again."""
    write_module(short_path, "def clock(reactor, session): pass")
    with fleet(write_fleet(short_path, FLEET.replace('socket = "c.sock"', ""))) as running:
        shutil.rmtree(running.socket.parent)
        wait_until(running.socket.exists, 20)
        assert running.wampsup("status").code == 0
        assert running.socket.parent.stat().st_mode & 0o777 == 0o700
        assert "was gone, and has been made again" in running.err
        told = running.wampsup("events").out
        assert f"the fleet: socket  the control socket {running.socket} was gone" in told
        running.socket.unlink()
        gone = running.wampsup("status")
        assert gone.code in {0, 3}  # it may be there again
        assert gone.code == 0 or "runs, but its control socket" in gone.err


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_folder_that_is_open_to_all_is_no_place_for_the_socket(mode: int, short_path: Path) -> None:
    """The answer that supervisord's users give each other: chmod 777."""
    write_module(short_path, "def clock(reactor, session): pass")
    path = write_fleet(short_path, FLEET.replace("c.sock", f"{short_path}/open/c.sock").replace("edge", "yard"))
    (short_path / "open").mkdir()
    (short_path / "open").chmod(mode)
    env: dict[str, str | None] = {"XDG_RUNTIME_DIR": str(short_path)}
    started = wampsup("start", path, env=env)
    assert (started.code, started.err.splitlines()[1]) == (1, f"hint: chmod o-w {short_path}/open")
    checked = wampsup("check", path, env=env)
    assert checked.code == 5
    assert f"--> {path}:3:10" in checked.err
    usual = short_path / "wampsup"
    usual.chmod(mode)
    done = wampsup("start", write_fleet(short_path, FLEET.replace('socket = "c.sock"', "")), env=env)
    assert (done.code, done.err.splitlines()[1]) == (1, f"hint: chmod 700 {usual}")


@only_root
def test_root_picks_no_file_up_from_where_it_stands(short_path: Path) -> None:
    """supervisord: a config file picked up from the current directory by root."""
    evil = short_path / "evil"
    evil.mkdir()
    write_module(evil, f"import pathlib; pathlib.Path('{short_path}/owned').touch()\ndef clock(r, s): pass")
    for name in ("fleet.toml", "wampsup.toml", ".wampsup.toml", "supervisord.conf"):
        (evil / name).write_text('[components.a]\nmain = "parts:clock"\n')
    for package in ("wampsup", "twisted", "json", "socket"):
        (evil / f"{package}.py").write_text(f"import pathlib; pathlib.Path('{short_path}/owned').touch()")
    for command in (
        ["start"],
        ["start", "fleet"],
        ["status"],
        ["check"],
        ["reload"],
        ["schema"],
        ["start", "--detach"],
    ):
        wampsup(*command, cwd=evil, env={"XDG_RUNTIME_DIR": str(short_path)})
    assert not (short_path / "owned").exists()
    evil.chmod(0o777)
    done = wampsup("start", "fleet.toml", cwd=evil, env={"XDG_RUNTIME_DIR": str(short_path)})
    assert done.code == 5
    assert "root runs nothing that others can change" in done.err
    assert not (short_path / "owned").exists()


@only_root
def test_logs_are_read_by_those_alone_who_have_control(edge: Fleet) -> None:
    """supervisord: logs served without the check that control has."""
    for path in ("/v1/logs", "/v1/logs?follow=1", "/v1/logs?select=clock", "/v1/logs/", "//v1/logs", "/v1/%6cogs"):
        assert over_tcp(edge, "GET", path) in {403, 404}
    assert STRANGER.ask(edge.socket, b"GET /v1/logs HTTP/1.1\r\nHost: x\r\n\r\n").startswith("HTTP/1.1 403 ")
    assert edge.wampsup("logs", "--socket", edge.socket).code == 0


HOSTILE = ["*a*a*a*a*a*b", "*a" * 127 + "b", "(a+)+$", "[" * 200, "?*" * 127 + "x", "*" * 256]


@pytest.mark.parametrize("pattern", HOSTILE, ids=lambda pattern: pattern[:12])
def test_a_pattern_is_no_regular_expression_and_takes_no_time(edge: Fleet, pattern: str) -> None:
    """pm2, CVE-2025-5891: regular expressions from clients."""
    before = edge.request("GET", "/v1/supervisor").body["loop"]["busy_seconds"]
    for _ in range(5):
        asked = edge.request("GET", f"/v1/components?select={quote(pattern)}")
        assert asked.status == (200 if pattern == "*" * 256 else 404)
        edge.request("POST", "/v1/stop", {"select": [pattern] * 16})
    many = min(10_000, LARGEST_BODY // (len(pattern) + 5))
    assert edge.request("POST", "/v1/stop", {"select": [pattern] * many}).status in {404, 422}
    assert edge.request("GET", "/v1/supervisor").body["loop"]["busy_seconds"] - before < 2


def test_clients_that_hold_all_that_they_can_get_do_not_keep_the_owner_waiting(edge: Fleet) -> None:
    with ExitStack() as closed:

        def connect(sent: bytes) -> socket.socket:
            connection = closed.enter_context(closing(socket.socket(socket.AF_UNIX)))
            connection.connect(str(edge.socket))
            connection.sendall(sent)
            return connection

        for _ in range(MOST_FOLLOWERS):  # who never read
            connect(b"GET /v1/events?follow=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        slow = [connect(b"G") for _ in range(MOST_CONNECTIONS)]  # a byte at a time
        for _ in range(8):  # a flood of requests without reading
            flood = connect(b"")
            flood.settimeout(0)
            for _ in range(200):
                try:
                    flood.send(b"GET /v1/components HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
                except BlockingIOError:
                    break
        for _ in range(5):
            for one in slow:
                with suppress(OSError):
                    one.send(b"E")
            began = time.monotonic()
            done = wampsup("status", "--socket", edge.socket)
            assert (done.code, "clock" in done.out) == (0, True), done.err
            assert time.monotonic() - began < 10
    assert not edge.ended
