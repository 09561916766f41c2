"""The real control socket: who is let in, who is not, and that it comes back when somebody has removed it."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred, maybeDeferred, succeed

from support.reactor import reactor
from support.users import NOBODY, STRANGER, User, only_root
from support.waiting import wait_until
from wampsup.control.connections import MOST_CONNECTIONS
from wampsup.control.lock import Lock, clear_stale
from wampsup.control.messages import Answer, Reply, Request
from wampsup.control.unix import SocketPlace, listen
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.reactor import Run

    Serve = Callable[..., Path]

GROUP = 54_060
MEMBER, PRIMARY = User(54_322, groups=(7, GROUP)), User(54_323, GROUP)


@pytest.fixture
def folder(short_path: Path) -> Path:
    """A folder that everybody can enter."""
    short_path.chmod(0o755)
    return short_path


@pytest.fixture
def asked() -> list[Request]:
    """All requests that got as far as to be answered."""
    return []


@pytest.fixture
def serve(run: Run, folder: Path, asked: list[Request]) -> Iterator[Serve]:
    ports: list[Any] = []

    def answer(request: Request) -> Deferred[Answer]:
        asked.append(request)
        return Deferred() if request.path == "/hold" else succeed(Reply(content={"well": True}))

    def start(*, renewed: Callable[[str], None] = lambda _words: None, **keys: Any) -> Path:
        path = folder / "c.sock"
        place = SocketPlace(path=str(path), check_seconds=0.02, **keys)
        ports.append(run(lambda: listen(answer, place, reactor, renewed=renewed)))
        return path

    yield start

    async def stop() -> None:
        for port in ports:
            await maybeDeferred(port.stopListening)

    run(stop)


def status(answer: str) -> int:
    return int(answer.split(" ")[1])


@only_root
def test_another_user_is_refused_in_a_sentence_although_the_socket_is_open_to_all(
    serve: Serve, asked: list[Request]
) -> None:
    path = serve(mode=0o666)
    for stranger in (STRANGER, NOBODY, User(54_321, 0, (0,))):
        told = stranger.ask(path)
        assert status(told) == 403
        problem = json.loads(told.splitlines()[-1])
        assert problem["detail"] == (
            f"this fleet belongs to another user (uid 0), and user {stranger.uid} may not use it"
        )
        assert problem["hint"] == "its `socket_group` in `[supervisor]` lets others in"
    assert asked == []
    assert status(User(0, 0).ask(path)) == 200


@only_root
def test_another_user_who_says_nothing_costs_no_connection(serve: Serve) -> None:
    path = serve(mode=0o666)
    then = (
        "import time\n"
        f"held = [socket.socket(socket.AF_UNIX) for _ in range({3 * MOST_CONNECTIONS})]\n"
        "for one in held: one.connect(sys.argv[1])\n"
        "assert all(one.recv(99).startswith(b'HTTP/1.1 403 ') for one in held)\n"
        "print(len(held))"
    )
    with closing(socket.socket(socket.AF_UNIX)) as owner:
        owner.connect(str(path))  # it waits, idle, and is not the one to make room
        done = STRANGER._run("import socket", then, path)
        assert (done.out, done.err) == (f"{3 * MOST_CONNECTIONS}\n", "")
        owner.settimeout(10)
        owner.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert owner.recv(99).startswith(b"HTTP/1.1 200 ")


@only_root
@pytest.mark.parametrize("member", [MEMBER, PRIMARY])
def test_members_of_the_group_are_let_in_and_nobody_else(serve: Serve, member: User) -> None:
    path = serve(mode=0o660, group=GROUP)
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_gid) == (0o660, GROUP)
    assert status(member.ask(path)) == 200
    assert "Permission denied" in STRANGER.ask(path)
    path.chmod(0o666)
    assert status(STRANGER.ask(path)) == 403


@only_root
def test_members_of_the_group_who_take_all_connections_do_not_keep_the_owner_out(serve: Serve) -> None:
    path = serve(mode=0o660, group=GROUP)
    then = (
        f"held = [socket.socket(socket.AF_UNIX) for _ in range({MOST_CONNECTIONS})]\n"
        "for one in held: one.connect(sys.argv[1]); one.sendall(b'GET /hold HTTP/1.0\\r\\n\\r\\n')\n"
        "owner = socket.socket(socket.AF_UNIX); owner.settimeout(10)\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    program = f"import os, sys, socket\nos.setgroups([{GROUP}]); os.setgid(54_000); os.setuid(54_322)\n{then}"
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as crowd:
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == "held\n"
        for _ in range(10):
            assert status(User(0, 0).ask(path)) == 200
        crowd.communicate("")


def test_a_page_that_has_its_name_point_here_is_refused(serve: Serve, asked: list[Request]) -> None:
    path = serve()
    with closing(socket.socket(socket.AF_UNIX)) as browser:
        browser.settimeout(10)
        browser.connect(str(path))
        browser.sendall(b"GET /x HTTP/1.1\r\nHost: evil.example:9100\r\n\r\n")
        assert browser.recv(4096).startswith(b"HTTP/1.1 421 ")
        browser.sendall(b"POST /x HTTP/1.1\r\nHost: localhost:9100\r\nOrigin: http://evil.example\r\n\r\n")
        assert browser.recv(4096).startswith(b"HTTP/1.1 403 ")
    assert asked == []


# A socket that vanishes


def answers(path: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as probe:
        probe.settimeout(10)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        probe.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        return probe.recv(99).startswith(b"HTTP/1.1 200 ")


def test_a_socket_that_has_vanished_is_made_again_and_those_who_are_connected_stay(serve: Serve) -> None:
    told: list[str] = []
    path = serve(mode=0o640, renewed=told.append)
    with closing(socket.socket(socket.AF_UNIX)) as connected:
        connected.settimeout(10)
        connected.connect(str(path))
        path.unlink()
        wait_until(lambda: answers(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert told == [
            f"the control socket {path} was gone, and has been made again: keep what removes old files away from it"
        ]
        connected.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connected.recv(99).startswith(b"HTTP/1.1 200 ")


def test_it_is_made_again_only_by_who_still_owns_its_place(serve: Serve, folder: Path) -> None:
    refused: list[str] = []
    path = folder / "c.sock"
    lock = Lock.acquire(str(folder), "edge", str(path))

    def renew() -> None:
        try:
            lock.renew()
            clear_stale(str(path))
        except WampsupError as error:
            refused.append(error.message)
            raise

    serve(renew=renew)
    (folder / "c.lock").unlink()
    (folder / "edge.lock").unlink()
    other = Lock.acquire(str(folder), "edge", str(path))
    path.unlink()
    wait_until(lambda: len(refused) > 2)
    assert set(refused) == {f"fleet `edge` already runs (pid {os.getpid()})"}
    assert not path.exists()
    path.write_text("precious")
    other.release()
    wait_until(lambda: refused[-1] == f"`{path}` is not a socket")
    assert path.read_text() == "precious"
    path.unlink()
    wait_until(lambda: answers(path))
    with pytest.raises(WampsupError, match="already runs"):
        Lock.acquire(str(folder), "edge", str(path))
    lock.release()
    assert [each.name for each in folder.iterdir()] == ["c.sock"]
