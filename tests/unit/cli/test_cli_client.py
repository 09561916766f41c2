"""The client against servers that answer well, badly, and not at all."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from support.users import NOBODY, only_root
from wampsup.cli.client import Client, quote, selection
from wampsup.errors import NoSuchComponentError, NoSupervisorError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Server:
    """Takes one request, keeps it, and answers with what it is told; `None`: not at all."""

    def __init__(self) -> None:
        self.answer: bytes | None = b""
        self.trickle = False
        self.asked = b""
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind("c.sock")
        self._listening.listen()
        self._kept: list[socket.socket] = []
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX) as nudge:  # for a test that asked nothing
            nudge.connect("c.sock")
        self._thread.join(10)
        self._listening.close()
        for connection in self._kept:
            connection.close()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        self._kept.append(connection)
        self.asked = connection.recv(65536)
        with suppress(OSError):  # who asked has hung up
            while self.trickle:
                connection.sendall(b"x")
                time.sleep(0.05)
            if self.answer is not None:
                connection.sendall(self.answer)
                connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.chdir(tmp_path)  # a socket's path has room for 107 bytes
    server = Server()
    yield server
    server.close()


def client() -> Client:
    return Client("c.sock", "the supervisor of fleet `edge`", patience=0.2)


def reply(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nServer: wampsup/1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_a_request_is_plain_http(server: Server) -> None:
    server.answer = reply("200 OK", b'{"results": []}')
    assert client().post("/v1/stop", {"select": ["a"]}) == {"results": []}
    head, _, body = server.asked.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /v1/stop HTTP/1.1",
        b"Host: wampsup",
        b"Connection: close",
        b"Content-Length: 17",
    ]
    assert body == b'{"select": ["a"]}'


def test_an_answer_without_a_component_says_so(server: Server) -> None:
    server.answer = reply("404 Not Found", b'{"detail": "no component `x`", "hint": "look"}')
    with pytest.raises(NoSuchComponentError) as caught:
        client().get("/v1/components/x")
    assert caught.value.render() == "error: no component `x`\nhint: look"


def test_a_refusal_is_told_in_the_words_of_the_supervisor(server: Server) -> None:
    server.answer = reply("403 Forbidden", b'{"detail": "this fleet belongs to another user"}')
    with pytest.raises(WampsupError) as caught:
        client().get("/v1/supervisor")
    assert (caught.value.message, caught.value.exit_code) == ("this fleet belongs to another user", 1)


def test_a_supervisor_that_does_not_answer_is_given_up(server: Server) -> None:
    server.answer = None
    with pytest.raises(NoSupervisorError) as caught:
        client().get("/v1/supervisor")
    assert caught.value.message == "the supervisor of fleet `edge` did not answer within 0.2 s"
    assert caught.value.hint == "a component may block the process: its log may say more"


@pytest.mark.parametrize("answer", [b"", reply("200 OK", b'{"results": [')])
def test_half_an_answer_is_none(server: Server, answer: bytes) -> None:
    server.answer = answer
    with pytest.raises(NoSupervisorError) as caught:
        client().get("/v1/supervisor")
    assert caught.value.message == "the supervisor of fleet `edge` hung up before it had answered"


@pytest.mark.parametrize("answer", [b"nonsense", b'HTTP/1.1 404 Not Found\r\nServer: Docker\r\n\r\n{"message": "?"}'])
def test_whoever_else_answers_is_told_from_a_supervisor(server: Server, answer: bytes) -> None:
    server.answer = answer
    with pytest.raises(NoSupervisorError) as caught:
        client().get("/v1/supervisor")
    assert caught.value.render() == "error: what answers on `c.sock` is no supervisor"


def test_an_answer_that_trickles_in_is_given_up_as_well(server: Server) -> None:
    server.trickle = True
    with pytest.raises(NoSupervisorError) as caught:
        client().get("/v1/supervisor")
    assert caught.value.message == "the supervisor of fleet `edge` did not answer within 0.2 s"


def test_a_supervisor_with_a_full_queue_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as waiting:
        busy.bind("c.sock")
        busy.listen(0)
        waiting.connect("c.sock")
        with pytest.raises(NoSupervisorError) as caught:
            client().get("/v1/supervisor")
    assert caught.value.render() == "error: the supervisor of fleet `edge` takes no more connections"


@only_root
def test_a_socket_of_another_user_is_told(server: Server) -> None:
    def told() -> str:
        with pytest.raises(NoSupervisorError) as caught:
            client().get("/v1/supervisor")
        return caught.value.render()

    assert NOBODY.tells(told) == "error: this user may not use the control socket `c.sock`"


def test_names_and_patterns_are_encoded() -> None:
    assert selection([]) == ""
    assert selection(["feed@1", "sensor-*"]) == "?select=feed%401&select=sensor-%2A"
    assert quote("a/b ü&=#?") == "a%2Fb%20%C3%BC%26%3D%23%3F"
