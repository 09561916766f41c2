"""HTTP over TCP on a real port: reads alone, under no name but ours, and nothing that a page could use."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.logger import globalLogPublisher

from support.reactor import reactor
from support.waiting import wait_until
from wampsup.control.connections import MOST_CONNECTIONS
from wampsup.control.feed import MOST_FOLLOWERS
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply
from wampsup.control.request import LARGE
from wampsup.control.tcp import listen
from wampsup.control.twin import FleetTwin
from wampsup.errors import WampsupError
from wampsup.model.spec import HttpAddress
from wampsup.model.state import Kind, LastError, Problem
from wampsup.runtime.journal import Journal
from wampsup.runtime.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.reactor import Run
    from wampsup.control.messages import Answer, Request

    Ask = Callable[..., tuple[int, Any]]

NOW = 1_700_000_000.5


@pytest.fixture
def shutdowns() -> list[None]:
    """One for each time that somebody has ended the fleet."""
    return []


def nobody(_request: Request) -> Deferred[Answer]:
    raise AssertionError("nobody asks")


@pytest.fixture
def fleet() -> FleetTwin:
    """What is served."""
    return FleetTwin(["clock"], NOW)


@pytest.fixture
def port(run: Run, fleet: FleetTwin, shutdowns: list[None]) -> Iterator[int]:
    control = Control(
        fleet,
        Identity(name="edge", fleet_file="/etc/edge.toml", started_at=NOW, socket="/run/wampsup/edge.sock"),
        shutdown=lambda: shutdowns.append(None),
        seconds=lambda: NOW,
        journal=Journal(lambda: NOW),
        lines=Lines(9),
    )
    listening = run(lambda: listen(control.answer, HttpAddress("127.0.0.1", 0), ["edge.example"], reactor))
    yield listening.port.getHost().port
    assert fleet.sent == []
    run(lambda: maybeDeferred(listening.stopListening))


@pytest.fixture
def ask(port: int) -> Ask:
    def ask(method: str, path: str, **headers: str) -> tuple[int, Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request(method, path, b'{"select": ["*"]}' if method == "POST" else None, named)
            response = connection.getresponse()
            assert not any(name.lower().startswith("access-control") for name, _ in response.getheaders())
            return response.status, json.loads(response.read() or b"null")

    return ask


def test_how_the_fleet_is_can_be_read(ask: Ask) -> None:
    assert [one["name"] for one in ask("GET", "/v1/components")[1]["components"]] == ["clock"]
    assert ask("GET", "/livez")[0] == 200


def test_errors_are_told_without_the_lines_of_code_that_tracebacks_show(ask: Ask, fleet: FleetTwin) -> None:
    problem = Problem(kind=Kind.MAIN, type="ValueError", message="dry", traceback="Traceback ...")
    fleet.put("clock", last_error=LastError(problem=problem, at=NOW))
    for told in (ask("GET", "/v1/components/clock")[1], ask("GET", "/v1/components")[1]["components"][0]):
        assert (told["last_error"]["message"], told["last_error"]["traceback"]) == ("dry", None)


PRIVATE = ["POST /v1/start", "POST /v1/stop", "POST /v1/restart", "POST /v1/reload", "POST /v1/profile"]


@pytest.mark.parametrize("asked", [*PRIVATE, "POST /v1/shutdown", "GET /v1/logs", "GET /v1/logs?follow=1"])
def test_nothing_can_be_changed_nor_logs_be_read_and_the_way_to_that_is_told(
    ask: Ask, asked: str, shutdowns: list[None]
) -> None:
    status, problem = ask(*asked.split())
    assert status == 403
    assert problem["hint"] == (
        "ask on the control socket; from elsewhere, `ssh -L 9100:/run/wampsup/edge.sock HOST` brings it to"
        " http://localhost:9100/"
    )
    assert shutdowns == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "edge.example", "EDGE.example.", socket.gethostname()])
def test_names_of_this_machine_and_those_of_the_file_are_answered_to(ask: Ask, host: str) -> None:
    assert ask("GET", "/v1/supervisor", Host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "rebound.example:9100", "edge.example.evil.example", "wampsup", "a/b", "%2frun%2fedge.sock"],
)
def test_no_other_name_is(ask: Ask, host: str) -> None:
    status, problem = ask("GET", "/v1/supervisor", Host=host)
    assert (status, problem["detail"]) == (421, f"this is not `{host.partition(':')[0]}`")


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT"])
def test_no_other_method_does_anything(ask: Ask, method: str) -> None:
    headers = {"Origin": "http://evil.example", "Access_Control_Request_Method": "POST"}
    assert ask(method, "/v1/components", **headers)[0] == 403
    assert ask(method, "/v1/components")[0] == 405


def test_strangers_who_follow_take_no_place_of_others(port: int, ask: Ask) -> None:
    with ExitStack() as closed:
        for _ in range(MOST_CONNECTIONS):
            stranger = closed.enter_context(closing(socket.create_connection(("127.0.0.1", port), 10)))
            stranger.sendall(b"GET /v1/events?follow=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with closing(socket.create_connection(("127.0.0.1", port), 10)) as one_more:
            one_more.sendall(b"GET /v1/events?follow=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"64 clients follow already" in one_more.recv(4096)
        assert MOST_FOLLOWERS == 64
        wait_until(lambda: ask("GET", "/v1/supervisor")[0] == 200)


def test_all_that_strangers_want_waits_for_its_turn(run: Run) -> None:
    turns: list[Deferred[None]] = []

    def turn() -> Deferred[None]:
        turns.append(Deferred())
        return turns[-1]

    long = Reply(content=b" " * (LARGE + 1))
    listening = run(lambda: listen(lambda _: succeed(long), HttpAddress("127.0.0.1", 0), [], reactor, turn))
    with closing(socket.create_connection(("127.0.0.1", listening.port.getHost().port), 10)) as stranger:
        stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
        for count in (1, 2):
            wait_until(lambda count=count: len(turns) == count)  # type: ignore[misc]
            run(lambda: turns[-1].callback(None))
        assert b"200 OK" in stranger.recv(4096)
    run(lambda: maybeDeferred(listening.stopListening))


def test_a_port_in_use_is_told(run: Run) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        address = HttpAddress("127.0.0.1", other.getsockname()[1])

        def fail() -> WampsupError:
            with pytest.raises(WampsupError) as caught:
                listen(nobody, address, [], reactor)
            return caught.value

        error = run(fail)
    assert error.message == f"cannot serve HTTP on `{address}`: the port is in use"
    assert error.hint == "set another `http` in `[supervisor]`"


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True)])
def test_what_can_be_reached_from_elsewhere_is_warned_of(run: Run, host: str, warned: bool) -> None:  # noqa: FBT001
    said: list[str] = []

    def say(event: Any) -> None:
        said.append(f"{event['log_level'].name} {event['log_format'].format(**event)}")

    observe: Any = say
    globalLogPublisher.addObserver(observe)
    try:
        listening = run(lambda: listen(nobody, HttpAddress(host, 0), [], reactor))
    finally:
        globalLogPublisher.removeObserver(observe)
    port = listening.port.getHost().port
    run(lambda: maybeDeferred(listening.stopListening))
    url = f"http://{HttpAddress(host, port)}/"
    ours = [line for line in said if url in line]
    assert ours[0] == f"info {url} answers everybody who reaches it: there it can be read, and nothing changed"
    assert [line.startswith(f"warn {url} can be reached from other machines") for line in ours[1:]] == [True] * warned
