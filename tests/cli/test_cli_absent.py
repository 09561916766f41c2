"""Commands to a supervisor that hangs, dies, or is none: told within a bounded time, with exit code 3."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, UnixStreamServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from support.command import EXECUTABLE, environment, fleet, wampsup
from support.files import short_folder, write_fleet, write_module
from support.waiting import wait_until
from wampsup import __version__
from wampsup.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"

    [components.clock]
    main = "parts:clock"
    transports = "rs://unix:nobody.sock"
    autostart = false # so that the supervisor opens nothing by itself
"""

HINT = "hint: a component may block the process: its log may say more\n"


@pytest.fixture(scope="module")
def path() -> Iterator[Path]:
    with short_folder() as folder:
        write_module(folder, "def clock(reactor, session): pass")
        yield write_fleet(folder, FLEET)


@pytest.fixture
def edge(path: Path) -> Iterator[Fleet]:
    with fleet(path) as running:
        yield running


@pytest.fixture
def hanging(edge: Fleet) -> Iterator[Fleet]:
    edge.signal(signal.SIGSTOP)
    yield edge
    edge.signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("command", "patience"),
    [
        (["status"], 0.5),
        (["show", "clock"], 0.5),
        (["start", "clock"], 2),
        (["stop", "--all"], 2),
        (["restart", "c*"], 2),
        (["shutdown"], 1.5),
    ],
)
def test_a_supervisor_that_hangs_is_given_up(hanging: Fleet, command: list[str], patience: float) -> None:
    begun = time.monotonic()
    done = hanging.wampsup(*command, "--timeout", "0.5")
    assert time.monotonic() - begun < patience + 5
    assert (done.code, done.out) == (3, "")
    assert done.err == f"error: the supervisor of fleet `edge` did not answer within {patience:g} s\n{HINT}"


def test_without_being_told_a_command_waits_ten_seconds_for_an_answer(hanging: Fleet) -> None:
    done = hanging.wampsup("status", "--json")
    assert done.code == 3
    assert done.json["error"] == "the supervisor of fleet `edge` did not answer within 10 s"


def test_a_supervisor_that_dies_in_the_midst_is_told(edge: Fleet) -> None:
    process = subprocess.Popen(
        [EXECUTABLE, "start", "clock"], env=environment(edge.env), stderr=subprocess.PIPE, encoding="utf-8"
    )
    # A waiting command holds its connection, and the supervisor a descriptor for it.
    descriptors = Path(f"/proc/{edge.pid}/fd")
    before = len(list(descriptors.iterdir()))
    wait_until(lambda: len(list(descriptors.iterdir())) > before or process.poll() is not None, 10)
    edge.signal(signal.SIGKILL)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 3
    assert err == "error: the supervisor of fleet `edge` hung up before it had answered\n"


def test_what_a_killed_supervisor_left_is_no_supervisor_and_gives_way_to_a_new_one(edge: Fleet, path: Path) -> None:
    edge.signal(signal.SIGKILL)
    edge.wait()
    assert edge.socket.exists()
    done = edge.wampsup("status")
    none = "error: no supervisor is running\nhint: start one with `wampsup start FLEET.toml`\n"
    assert (done.code, done.out, done.err) == (3, "", none)
    again = edge.wampsup("start", path, "--detach")
    assert again.code == 0
    assert edge.wampsup("status").code == 0
    assert edge.wampsup("shutdown", "--json").json == {"name": "edge", "ended": True}
    assert not edge.socket.exists()


def answering(listening: socket.socket, answer: bytes) -> None:
    with listening.accept()[0] as connection:
        connection.recv(65536)
        connection.sendall(answer)


@pytest.mark.parametrize(
    "answer", [b'HTTP/1.1 200 OK\r\nServer: Docker\r\n\r\n{"components": []}', b"SSH-2.0-x\r\n", b"\x00\xff"]
)
def test_a_socket_of_another_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path has room for 107 bytes
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind("other.sock")
        other.listen()
        thread = Thread(target=answering, args=(other, answer))
        thread.start()
        done = wampsup("status", "--socket", "other.sock", cwd=tmp_path)
        thread.join()
    assert (done.code, done.out) == (3, "")
    assert done.err == "error: what answers on `other.sock` is no supervisor\n"


class Odd(UnixStreamServer):
    """Gives everybody the same `answer`."""

    answer = b""


class OddConnection(BaseRequestHandler):
    """One of its connections, on which nothing may be said."""

    server: Odd

    def handle(self) -> None:
        """Answer."""
        with suppress(ConnectionError):
            self.request.recv(65536)
            self.request.sendall(self.server.answer)


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Odd]:
    """It serves on `other.sock`, here."""
    monkeypatch.chdir(tmp_path)
    with Odd("other.sock", OddConnection) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


ODD = [
    (b"200 OK", b"[]"),
    (b"200 OK", b"null"),
    (b"200 OK", b'{"components": [{}], "results": [{}]}'),
    (b"200 OK", b"[" * 100_000),
    (b"200 OK", b"\xff\xfe"),
    (b"422 No", b'{"errors": [1], "detail": "x"}'),
    (b"500 No", b"{}"),
    (b"none", b"{}"),
]
COMMANDS = [
    "status",
    "show a",
    "start a",
    "stop a",
    "restart a",
    "reload",
    "shutdown",
    "profile a",
    "logs",
    "events -f",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_answer_that_makes_no_sense_is_told(odd: Odd, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for status, content in ODD:
        odd.answer = b"HTTP/1.1 %b\r\nServer: wampsup/0.0\r\n\r\n%b\n" % (status, content)
        code = main([*command.split(), "--socket", "other.sock"])
        told = capsys.readouterr()
        assert (code, told.out) == (3, ""), (odd.answer, told)
        assert told.err.startswith("error: ")
        if "understood" in told.err:
            assert told.err.endswith(f"\nhint: it runs wampsup 0.0, and this is {__version__}: start it anew\n")


def test_it_is_told_as_one_document_where_that_is_asked_for(odd: Odd) -> None:
    odd.answer = b"HTTP/1.1 200 OK\r\nServer: wampsup/%b\r\n\r\n[]" % __version__.encode()
    done = wampsup("status", "--check", "--json", "--socket", "other.sock")
    assert (done.code, done.err, done.json["hint"]) == (3, "", None)
    why = r"\(TypeError: no object, but \[\] at client.py:\d+\)"
    told = f"what the supervisor on `other.sock` answers can't be understood {why}"
    assert re.fullmatch(told, done.json["error"])


def test_a_path_that_is_no_socket_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = wampsup("status", "--socket", "file", cwd=tmp_path)
    assert done.code == 3
    assert done.err.splitlines()[0] == "error: the supervisor on `file` does not answer"
