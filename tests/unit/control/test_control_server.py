"""HTTP on a real unix socket: what goes through, and where the bounds are."""

from __future__ import annotations

import http.client
import json
import socket
import stat
from contextlib import ExitStack, closing
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred, maybeDeferred

from support.reactor import reactor
from support.waiting import wait_until
from wampsup.control.connections import MOST_CONNECTIONS
from wampsup.control.messages import Answer, Refusal, Reply, Request
from wampsup.control.request import LARGEST_BODY
from wampsup.control.unix import SocketPlace, listen
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.logged import LoggedErrors
    from support.reactor import Run


class Server:
    """A control server that echoes requests; `held` are those to `/hold`, which it does not answer."""

    def __init__(self) -> None:
        self.held: list[Deferred[Answer]] = []
        self.cancelled = 0

    def answer(self, request: Request) -> Deferred[Answer]:
        result: Deferred[Answer] = Deferred(self._cancel)
        if request.path == "/hold":
            self.held.append(result)
        elif request.path == "/bug":
            result.errback(RuntimeError("a bug"))
        elif request.path.startswith("/refused/"):
            status = HTTPStatus(int(request.path.removeprefix("/refused/")))
            result.callback(Refusal(status, "no").reply())
        else:
            echo = {"method": request.method, "query": request.query, "body": request.body.decode()}
            result.callback(Reply(content=echo, headers={"X-Echo": "yes"}))
        return result

    def _cancel(self, _result: Deferred[Answer]) -> None:
        self.cancelled += 1


class Connection(http.client.HTTPConnection):
    """HTTP on the unix socket `c.sock` of the current folder."""

    def __init__(self) -> None:
        super().__init__("wampsup", timeout=10)

    def connect(self) -> None:
        self.sock = connected()

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        self.request(method, path, body)
        response = self.getresponse()
        return response.status, json.loads(response.read())


def connected() -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect("c.sock")
    return connection


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    parts: list[bytes] = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and detail of an answer after which the connection ends."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/problem+json\r\n" in head
    assert b"\r\nConnection: close" in head
    problem = json.loads(body)
    assert int(head.split(b" ")[1]) == problem["status"]
    return problem["status"], problem["detail"]


@pytest.fixture
def server(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.chdir(tmp_path)  # a socket's path has room for 107 bytes
    server = Server()
    port = run(lambda: listen(server.answer, SocketPlace(path="c.sock"), reactor))
    yield server
    run(lambda: maybeDeferred(port.stopListening))


def test_a_request_and_its_reply_go_through_whole(server: Server) -> None:
    with closing(Connection()) as connection:
        connection.request("POST", "/x?select=a%2Ab&select=c&empty=", b'{"a": "\xc3\xa4"}')
        response = connection.getresponse()
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["X-Echo"] == "yes"
        assert response.headers["Server"].startswith("wampsup/")
        assert json.loads(response.read()) == {
            "method": "POST",
            "query": {"select": ["a*b", "c"], "empty": [""]},
            "body": '{"a": "ä"}',
        }


def test_head_gets_the_head_of_what_get_gets(server: Server) -> None:
    with closing(Connection()) as connection:
        heads = []
        for method in ("GET", "HEAD"):
            connection.request(method, "/refused/404")
            response = connection.getresponse()
            body = response.read()
            heads.append([(name, value) for name, value in response.getheaders() if name != "Date"])
        assert heads[0] == heads[1]
        assert body == b""


@pytest.mark.parametrize(("status", "phrase"), [(404, "Not Found"), (422, "Unprocessable Content")])
def test_a_status_has_its_words(server: Server, status: int, phrase: str) -> None:
    with closing(Connection()) as connection:
        connection.request("GET", f"/refused/{status}")
        response = connection.getresponse()
        assert (response.status, response.reason, json.loads(response.read())["title"]) == (status, phrase, phrase)


def test_a_form_is_not_taken_apart(server: Server) -> None:
    with closing(Connection()) as connection:
        connection.request("POST", "/x", b"a=b", {"Content-Type": "application/x-www-form-urlencoded"})
        assert json.loads(connection.getresponse().read())["body"] == "a=b"


def test_a_connection_serves_many_requests(server: Server) -> None:
    with closing(Connection()) as connection:
        for _ in range(3):
            assert connection.ask("GET", "/x")[0] == 200


def test_the_socket_has_its_mode_and_is_gone_with_the_server(run: Run, tmp_path: Path, server: Server) -> None:
    assert stat.S_IMODE((tmp_path / "c.sock").stat().st_mode) == 0o600
    port = run(lambda: listen(server.answer, SocketPlace(path="d.sock", mode=0o660), reactor))
    assert stat.S_IMODE((tmp_path / "d.sock").stat().st_mode) == 0o660
    run(lambda: maybeDeferred(port.stopListening))
    assert not (tmp_path / "d.sock").exists()


def test_a_body_announced_as_too_large_is_refused_before_it_comes(server: Server) -> None:
    with closing(connected()) as connection:
        connection.sendall(f"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n".encode())
        assert refusal(received(connection)) == (413, "the body is over 1048576 bytes")


def test_a_body_that_grows_too_large_is_refused(server: Server) -> None:
    with closing(connected()) as connection:
        head = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        endless = head + (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 1000
        with pytest.raises(ConnectionError):
            connection.sendall(endless)


def test_headers_that_are_too_large_are_refused(server: Server) -> None:
    with closing(connected()) as connection:
        connection.sendall(b"GET /x HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n")
        assert refusal(received(connection)) == (431, "the head of the request is over 16384 bytes")


def test_what_is_not_http_is_hung_up_on_and_harms_nobody(server: Server) -> None:
    with closing(connected()) as connection:
        connection.sendall(b"\x00\xff hello\r\n\r\n")
        received(connection)
    with closing(Connection()) as connection:
        assert connection.ask("GET", "/x")[0] == 200


def test_there_is_a_most_of_connections_and_who_is_idle_longest_makes_room(server: Server) -> None:
    with ExitStack() as closed:
        waiting, first, *crowd = [closed.enter_context(closing(connected())) for _ in range(MOST_CONNECTIONS)]
        waiting.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: len(server.held) == 1, 10, "the request")
        first.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert first.recv(65536).startswith(b"HTTP/1.1 200 ")
        newcomer = closed.enter_context(closing(Connection()))
        assert newcomer.ask("GET", "/x")[0] == 200
        assert received(crowd[0]) == b""
        for connection in (crowd[1], first):
            connection.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert server.cancelled == 0


def test_where_all_connections_wait_for_an_answer_another_is_refused(server: Server) -> None:
    with ExitStack() as closed:
        for connection in [closed.enter_context(closing(connected())) for _ in range(MOST_CONNECTIONS)]:
            connection.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: len(server.held) == MOST_CONNECTIONS, 10, "the requests")
        told = refusal(received(closed.enter_context(closing(connected()))))
        assert told == (503, "too many others are being answered: try again")
        assert server.cancelled == 0


def test_a_client_that_hangs_up_takes_its_request_back(server: Server) -> None:
    with closing(connected()) as connection:
        connection.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: len(server.held) == 1, 10, "the request")
    wait_until(lambda: server.cancelled == 1, 10, "the cancellation")


def test_a_bug_of_ours_is_answered_logged_and_survived(server: Server, logged_errors: LoggedErrors) -> None:
    with closing(Connection()) as connection:
        status, problem = connection.ask("GET", "/bug")
        assert (status, problem["detail"]) == (500, "the supervisor failed: its log says how")
        assert connection.ask("GET", "/x")[0] == 200
    assert len(logged_errors.take("a bug")) == 1


def test_a_socket_that_can_not_be_made_is_told(run: Run, server: Server) -> None:
    def fail() -> str:
        with pytest.raises(WampsupError) as caught:
            listen(server.answer, SocketPlace(path="nowhere/c.sock"), reactor)
        return caught.value.message

    assert run(fail) == "cannot make the control socket `nowhere/c.sock`: no such file or directory"
