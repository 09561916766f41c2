"""Streams over a real unix socket: whole, in order, bounded where a client does not read, and gone with it."""

from __future__ import annotations

import http.client
import json
import socket
import time
from contextlib import ExitStack, closing
from contextvars import copy_context
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import maybeDeferred
from twisted.internet.testing import StringTransport

from support.listening import context_of
from support.reactor import Usage, reactor, sleep
from support.turns import Turns
from support.waiting import wait_until
from wampsup.control.connections import FLUSH_SECONDS, MOST_CONNECTIONS
from wampsup.control.feed import MOST_FOLLOWERS, Feed, Followers
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Request
from wampsup.control.server import ControlSite, Door
from wampsup.control.streams import HEARTBEAT_SECONDS, Sender
from wampsup.control.twin import FleetTwin
from wampsup.control.unix import SocketPlace, listen
from wampsup.model.record import Record
from wampsup.model.state import Stopped, Waiting
from wampsup.model.transition import Cause
from wampsup.reactor.scope import component_name
from wampsup.runtime.journal import Journal
from wampsup.runtime.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.reactor import Run

NOW = 1_700_000_000.5
FOLLOW = b"GET /v1/events?follow=1 HTTP/1.%d\r\nHost: wampsup\r\n\r\n"


class Scene:
    """Control over a fleet in memory, whose journal keeps 500 events; and its lines."""

    def __init__(self) -> None:
        self.fleet = FleetTwin(["clock"], NOW)
        self.journal = Journal(lambda: NOW, 500)
        identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=NOW)
        self.lines = Lines(500)
        self.control = Control(
            self.fleet,
            identity,
            shutdown=lambda: None,
            seconds=lambda: NOW,
            journal=self.journal,
            lines=self.lines,
        )

    def move(self, count: int = 1) -> None:
        """Start the component or stop it, so many times."""
        unit = self.fleet.units["clock"]
        for _ in range(count):
            before = unit.component
            state = Stopped(since=NOW) if isinstance(before.state, Waiting) else Waiting(since=NOW)
            unit.component = replace(before, state=state)
            self.journal.record(unit, before, unit.component, Cause(event="start"))


class Served(Scene):
    """The same on the unix socket `c.sock` of the current folder; `close` ends the fleet as its supervisor does."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self._port: Any = run(lambda: listen(self.control.answer, SocketPlace(path="c.sock"), reactor))

    def close(self) -> None:
        async def end() -> None:
            self.journal.end()
            self.lines.end()
            port, self._port = self._port, None
            if port is not None:
                await maybeDeferred(port.stopListening)

        self._run(end)

    def happen(self, count: int) -> None:
        """Let so many events happen, in many turns of the reactor."""

        async def move() -> None:
            for _ in range(count // 100):
                self.move(100)
                await sleep(0)

        self._run(move)


@pytest.fixture
def served(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.chdir(tmp_path)  # a socket's path has room for 107 bytes
    scene = Served(run)
    yield scene
    scene.close()


def connected(request: bytes = b"") -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect("c.sock")
    connection.sendall(request)
    return connection


def following(connection: socket.socket) -> http.client.HTTPResponse:
    """The answer to a request to follow that was sent on this connection."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response


def received(connection: socket.socket) -> bytes:
    parts: list[bytes] = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_events_come_as_they_happen_and_end_with_the_fleet(run: Run, served: Served) -> None:
    run(served.move)
    with closing(connected(FOLLOW % 1)) as connection, following(connection) as response:
        assert response.headers["Content-Type"] == "application/x-ndjson"
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.headers["Server"].startswith("wampsup/")
        for number in (1, 2, 3):
            assert json.loads(response.readline())["id"] == number
            run(served.move)
        served.close()
        assert json.loads(response.readline())["id"] == 4
        assert response.read() == b""
        assert response.isclosed()
        assert connection.recv(1) == b""


def test_head_of_a_stream_is_its_head_alone_and_the_connection_goes_on(served: Served) -> None:
    with closing(connected(FOLLOW.replace(b"GET", b"HEAD") % 1)) as connection:
        response = http.client.HTTPResponse(connection, method="HEAD")
        response.begin()
        assert (response.status, response.headers["Content-Type"]) == (200, "application/x-ndjson")
        connection.sendall(b"GET /v1/components/clock HTTP/1.1\r\nHost: wampsup\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_lines_come_from_any_thread_and_end_with_the_fleet(served: Served) -> None:
    def talk(name: str) -> None:
        for number in range(400):
            served.lines.keep(Record(at=NOW, level="info", component=name, message=str(number)))

    request = (FOLLOW % 1).replace(b"events", b"logs")
    with closing(connected(request)) as connection, following(connection) as response:
        threads = [Thread(target=talk, args=(name,)) for name in ("clock", "sun", "moon")]
        for thread in threads:
            thread.start()
        told = [json.loads(response.readline()) for _ in range(1200)]
        for thread in threads:
            thread.join(10)
        served.close()
        assert response.read() == b""
    assert [one["id"] for one in told] == list(range(1, 1201))
    for name in ("clock", "sun", "moon"):
        assert [one["message"] for one in told if one["component"] == name] == [str(number) for number in range(400)]


def test_a_line_of_a_component_does_not_have_it_charged_with_the_answer(run: Run, served: Served) -> None:
    sent: list[str | None] = []

    class Watched(Lines):
        def take(self, place: Any, most: int) -> Any:
            sent.append(component_name())
            return super().take(place, most)

    served.lines = Watched(500)
    feed = Feed(served.lines, served.fleet, Followers())
    stream = feed.stream(Request(method="GET", path="/v1/logs", query={"follow": ["1"]}))
    sender = run(lambda: Sender(stream, Answer(), InContext()))
    run(sender.begin)
    line = Record(at=NOW, level="info", component="clock", message="tick")
    run(lambda: context_of("clock").run(served.lines.keep, line))
    wait_until(lambda: len(sent) == 3)
    run(sender.stopProducing)
    assert sent == [None, None, None]


def test_a_connection_goes_on_behind_a_stream_that_ended(run: Run, served: Served) -> None:
    run(served.move)
    with closing(connected()) as connection:
        for _ in range(2):
            connection.sendall((FOLLOW % 1).replace(b"?follow=1", b""))
            with following(connection) as response:
                assert len(response.read().splitlines()) == 1


def test_an_old_client_is_sent_no_chunks_and_hung_up_on_at_the_end(run: Run, served: Served) -> None:
    run(served.move)
    with closing(connected((FOLLOW % 0).replace(b"?follow=1", b""))) as connection:
        head, _, body = received(connection).partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert json.loads(body)["id"] == 1


def test_a_client_that_does_not_read_is_told_how_many_events_it_has_lost(served: Served) -> None:
    count = 20_000
    with closing(connected(FOLLOW % 1)) as connection, following(connection) as response:
        served.happen(count)
        told: list[Any] = []
        while not told or told[-1].get("id") != count:
            told.append(json.loads(response.readline()))
    lost = [one for one in told if "lost" in one]
    numbers = [one["id"] for one in told if "id" in one]
    assert sum(one["lost"] for one in lost) + len(numbers) == count
    assert sum(one["lost"] for one in lost) > count // 2
    position = 0
    for one in told:
        position += one.get("lost", 1)
        assert position == one.get("id", one.get("after"))


def test_a_client_that_does_not_read_costs_nobody_anything(run: Run, served: Served) -> None:
    with closing(connected(FOLLOW % 1)), closing(connected(FOLLOW % 1)) as reads, following(reads) as response:
        for number in range(1, 5001):
            if number % 100 == 1:
                run(lambda: served.move(100))
            assert json.loads(response.readline())["id"] == number


def test_a_client_that_is_gone_leaves_nothing_behind(run: Run, served: Served) -> None:
    before = run(Usage.now)
    with closing(connected(FOLLOW % 1)) as reads, closing(connected(FOLLOW % 1)):
        following(reads)
        served.happen(2000)
    run(before.again)
    run(served.move)
    with ExitStack() as closed:
        for _ in range(MOST_FOLLOWERS):
            connection = closed.enter_context(closing(connected(FOLLOW % 1)))
            assert closed.enter_context(following(connection)).status == 200


def test_who_follows_leaves_room_for_commands(run: Run, served: Served) -> None:
    with ExitStack() as closed:
        for _ in range(MOST_FOLLOWERS):
            closed.enter_context(following(closed.enter_context(closing(connected(FOLLOW % 1)))))
        for _ in range(MOST_CONNECTIONS):
            connection = closed.enter_context(closing(connected(b"GET /v1/components HTTP/1.1\r\nHost: x\r\n\r\n")))
            assert closed.enter_context(following(connection)).status == 200
        run(served.move)
        with closing(connected(FOLLOW % 1)) as connection, following(connection) as refused:
            assert refused.status == 503


def test_a_client_that_does_not_read_does_not_hold_the_end(served: Served) -> None:
    with closing(connected(FOLLOW % 1)):
        served.happen(5000)
        began = time.monotonic()
        served.close()
        assert time.monotonic() - began < FLUSH_SECONDS + 2


def test_a_client_that_reads_on_gets_the_whole_story_before_the_end(served: Served) -> None:
    with closing(connected(FOLLOW % 1)) as connection, following(connection) as response:
        served.happen(5000)
        ending = Thread(target=served.close)
        ending.start()
        told = [json.loads(line) for line in response]
        assert connection.recv(1) == b""
        ending.join(10)
    assert sum(one.get("lost", 1) for one in told) == 5000


def test_a_connection_that_waits_for_nothing_is_hung_up_on_at_the_end(served: Served) -> None:
    with closing(connected()) as silent, closing(connected()) as answered:
        answered.sendall(b"GET /v1/components HTTP/1.1\r\nHost: x\r\n\r\n")
        with following(answered) as response:
            response.read()
        began = time.monotonic()
        served.close()
        assert time.monotonic() - began < FLUSH_SECONDS
        assert silent.recv(1) == answered.recv(1) == b""


class InContext:
    """A reactor that makes each call in the context of whoever asks for it."""

    callLater = staticmethod(reactor.callLater)  # noqa: N815 - Twisted's name

    def callFromThread(self, call: Callable[[], None]) -> None:  # noqa: N802 - Twisted's name
        reactor.callFromThread(copy_context().run, call)


class Answer:
    """A request that takes whatever is sent."""

    def write(self, data: bytes) -> None:
        pass

    def registerProducer(self, producer: object, streaming: bool) -> None:  # noqa: FBT001, N802 - Twisted's
        pass


class Silence(Scene):
    """A client that follows, on a clock of its own."""

    def __init__(self, request: bytes) -> None:
        super().__init__()
        self.clock = Turns()
        self.transport: Any = StringTransport()
        door = Door(party=lambda _transport: "somebody", knows=lambda _host: True, vouched=True)
        self.protocol = ControlSite(self.control.answer, door, self.clock).buildProtocol(None)
        self.protocol.makeConnection(self.transport)
        self.protocol.dataReceived(request)
        self.transport.clear()

    def sent_in(self, seconds: int) -> bytes:
        """What is sent in so many seconds."""
        for _ in range(seconds):
            self.clock.advance(1)
        sent: bytes = self.transport.value()
        self.transport.clear()
        return sent


def _of_a_browser(request: bytes) -> bytes:
    return request.replace(b"Host", b"Accept: text/event-stream\r\nHost")


@pytest.mark.parametrize(
    ("request_of", "heartbeat"), [(lambda line: line, b"1\r\n \r\n"), (_of_a_browser, b"3\r\n:\n\n\r\n")]
)
def test_a_stream_that_says_nothing_is_kept_open_with_heartbeats(
    request_of: Callable[[bytes], bytes], heartbeat: bytes
) -> None:
    scene = Silence(request_of(FOLLOW % 1))
    assert scene.sent_in(HEARTBEAT_SECONDS - 1) == b""
    assert scene.sent_in(10 * HEARTBEAT_SECONDS) == 10 * heartbeat
    assert not scene.transport.disconnecting


def test_a_client_that_does_not_read_is_sent_no_heartbeats() -> None:
    scene = Silence(FOLLOW % 1)
    scene.transport.producer.pauseProducing()
    scene.move()
    assert scene.sent_in(10 * HEARTBEAT_SECONDS) == b""
    scene.transport.producer.resumeProducing()
    assert b'"id":1' in scene.sent_in(1)


def test_no_timer_outlives_a_stream() -> None:
    scene = Silence(FOLLOW % 1)
    scene.move()
    scene.transport.producer.stopProducing()
    assert scene.clock.getDelayedCalls() == []
    scene.move()
    assert scene.sent_in(60) == b""
