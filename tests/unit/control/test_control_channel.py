"""How much of everybody's time one connection may take: on a clock of its own, and without a socket."""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Twisted, which has no types for all it has)
from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.testing import StringTransport

from support.turns import Turns
from wampsup.control.channel import BODY_SECONDS, HEAD_SECONDS, MOST_HEADERS, UNREAD_SECONDS
from wampsup.control.messages import Answer, Refusal, Reply, Request
from wampsup.control.request import LARGE, LARGEST_BODY
from wampsup.control.server import IDLE_SECONDS, ControlSite, Door
from wampsup.control.target import MOST_PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"


class Transport(StringTransport):
    """A client that reads all that it is sent, unless it is told not to."""

    def __init__(self, channel: Any) -> None:
        super().__init__()
        self._channel = channel
        self.reads = True
        self.cut = False

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.producer is not None and not self.reads and len(self.value()) > LARGE:
            self.producer.pauseProducing()

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.cut = True


class Scene:
    """One connection; `asked` are the requests that have come, `reply` the answer to each."""

    def __init__(self, *, vouched: bool = True, refusal: Refusal | None = None) -> None:
        self.clock = Turns()
        self.asked: list[Request] = []
        self.reply: Answer = Reply(content={})
        door = Door(party=self._party, knows=lambda _host: True, vouched=vouched)
        self._refusal = refusal
        self.site = ControlSite(self._answer, door, self.clock)
        self.channel = self.site.buildProtocol(None)
        self.transport: Any = Transport(self.channel)
        self.channel.makeConnection(self.transport)

    def _party(self, _transport: Any) -> str:
        if self._refusal is not None:
            raise self._refusal
        return "somebody"

    def _answer(self, request: Request) -> Deferred[Answer]:
        self.asked.append(request)
        return succeed(self.reply)

    def send(self, data: bytes) -> None:
        self.channel.dataReceived(data)

    def turn(self, seconds: float = 0) -> None:
        self.clock.advance(seconds)

    def turn_after(self, seconds: float, then: Callable[[], None]) -> None:
        """A turn of a reactor that was kept busy: timers that are due come first, and what others have sent after."""
        self.clock.rightNow += seconds
        timers: Any = self.clock.getDelayedCalls()
        for call in [one for one in timers if one.getTime() <= self.clock.seconds()]:
            self.clock.calls.remove(call)
            call.called = 1
            call.func(*call.args, **call.kw)
        then()
        self.turn()

    @property
    def told(self) -> tuple[int, str]:
        """Status and detail of the refusal with which the connection ended."""
        assert self.transport.disconnecting
        head, _, body = self.transport.value().partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), json.loads(body)["detail"]

    def gone(self) -> None:
        """The connection is lost; no timer outlives it."""
        self.channel.connectionLost()
        assert self.clock.getDelayedCalls() == []


def test_who_may_not_come_in_is_told_so_before_anything_is_read() -> None:
    scene = Scene(refusal=Refusal(HTTPStatus.FORBIDDEN, "not you"))
    assert scene.told == (403, "not you")
    scene.send(WHOLE)
    assert scene.asked == []
    scene.gone()


def test_a_head_that_comes_byte_by_byte_has_its_time_from_the_first() -> None:
    scene = Scene()
    scene.turn(IDLE_SECONDS - 1)
    for second in range(HEAD_SECONDS):
        assert not scene.transport.disconnecting
        scene.send(WHOLE[second : second + 1])
        scene.turn(1)
    assert scene.told == (408, "the head of the request took over 10 s")
    scene.send(WHOLE)
    assert scene.asked == []
    scene.gone()


def test_a_body_that_comes_byte_by_byte_has_its_time_from_its_head_on() -> None:
    scene = Scene()
    scene.send(b"POST /x HTTP/1.1\r\nHost: x\r\n")
    scene.turn(HEAD_SECONDS - 1)
    scene.send(b"Content-Length: 100\r\n\r\n")
    for _ in range(BODY_SECONDS):
        assert not scene.transport.disconnecting
        scene.send(b"x")
        scene.turn(1)
    assert scene.told == (408, "the body of the request took over 30 s")
    scene.gone()


def test_what_has_come_in_time_while_the_loop_was_busy_is_in_time() -> None:
    scene = Scene()
    scene.send(WHOLE[:5])
    scene.turn_after(HEAD_SECONDS + 1, lambda: scene.send(WHOLE[5:]))
    assert len(scene.asked) == 1
    assert not scene.transport.disconnecting
    scene.gone()


def test_what_has_been_read_while_the_loop_was_busy_is_read_in_time() -> None:
    scene = Scene(vouched=False)
    scene.reply = Reply(content=b" " * (3 * LARGE))
    scene.transport.reads = False
    scene.send(WHOLE)
    scene.turn_after(UNREAD_SECONDS + 1, scene.channel.resumeProducing)
    assert not scene.transport.cut
    scene.gone()


def test_a_second_request_has_its_time_as_well() -> None:
    scene = Scene()
    scene.send(WHOLE + b"G")
    scene.turn()
    scene.turn(HEAD_SECONDS - 1)
    assert not scene.transport.disconnecting
    scene.turn(1)
    assert scene.transport.disconnecting
    assert len(scene.asked) == 1
    scene.gone()


def test_a_request_that_is_whole_takes_no_time_of_its_own() -> None:
    scene = Scene()
    scene.send(WHOLE)
    scene.turn()
    scene.turn(IDLE_SECONDS - 1)
    assert not scene.transport.disconnecting
    scene.turn(1)
    assert scene.transport.disconnecting
    scene.gone()


def test_of_requests_that_come_together_all_but_the_first_wait_for_their_turn() -> None:
    scene = Scene()
    scene.send(WHOLE * 1000)
    assert len(scene.asked) == 1
    scene.turn()
    assert len(scene.asked) == 1000
    scene.gone()


def test_who_reads_no_answers_is_asked_no_more_questions_and_cut_off() -> None:
    scene = Scene()
    scene.transport.reads = False
    scene.reply = Reply(content=b"x" * (LARGE // 2))
    scene.send(WHOLE * 1000)
    for _ in range(100):
        scene.turn()
    assert len(scene.asked) == 2
    assert len(scene.transport.value()) < 2 * LARGE
    scene.turn(UNREAD_SECONDS)
    assert scene.transport.cut
    scene.gone()


def test_a_large_answer_is_sent_as_it_is_read_and_waits_only_so_long() -> None:
    scene = Scene()
    scene.transport.reads = False
    scene.reply = Reply(content=b"x" * (10 * LARGE))
    scene.send(WHOLE)
    assert len(scene.transport.value()) < 3 * LARGE
    for _ in range(3):
        scene.turn(UNREAD_SECONDS - 1)
        scene.transport.clear()
        scene.channel.resumeProducing()
    assert not scene.transport.cut
    scene.turn(UNREAD_SECONDS)
    assert scene.transport.cut
    scene.gone()


def test_a_large_answer_comes_whole() -> None:
    scene = Scene()
    scene.reply = Reply(content=bytes(range(256)) * LARGE, media_type="application/x-all")
    scene.send(WHOLE)
    head, _, body = scene.transport.value().partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: 16777216" in head
    assert body == scene.reply.content
    scene.turn()
    scene.send(WHOLE)
    assert len(scene.asked) == 2
    scene.gone()


def test_a_connection_that_should_end_waits_only_so_long_for_its_client_to_read() -> None:
    scene = Scene()
    scene.send(WHOLE.replace(b"Host", b"Connection: close\r\nHost"))
    scene.turn()
    assert scene.transport.disconnecting
    scene.turn(UNREAD_SECONDS)
    assert scene.transport.cut
    scene.gone()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /x HTTP/1.1\r\n" + b"X: y\r\n" * (MOST_HEADERS + 1) + b"\r\n", 400),
        (b"GET /x HTTP/1.1\r\n" + b"X: " + b"y" * 9000 + b"\r\nY: " + b"y" * 9000 + b"\r\n\r\n", 400),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", 431),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX y\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (f"POST / HTTP/1.1\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n".encode(), 413),
    ],
)
def test_what_is_too_large_or_no_http_is_refused_before_anybody_is_asked(sent: bytes, status: int) -> None:
    scene = Scene()
    scene.send(sent)
    scene.send(WHOLE)
    assert scene.told[0] == status
    assert scene.asked == []
    scene.gone()


def test_a_body_in_chunks_is_measured() -> None:
    scene = Scene()
    scene.send(b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(17):
        scene.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
    assert scene.told == (413, "the body is over 1048576 bytes")
    assert scene.asked == []
    scene.gone()


@pytest.mark.parametrize(("count", "status"), [(MOST_PARAMETERS, b"200"), (MOST_PARAMETERS + 1, b"400")])
def test_the_parameters_of_a_query_are_counted(count: int, status: bytes) -> None:
    scene = Scene()
    scene.send(b"GET /x?" + b"&".join([b"select=a"] * count) + b" HTTP/1.1\r\n\r\n")
    assert scene.transport.value().split(b" ")[1] == status
    scene.gone()


def test_a_host_that_is_given_twice_is_none() -> None:
    scene = Scene()
    scene.send(b"GET /x HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    assert scene.transport.value().startswith(b"HTTP/1.1 400 ")
    scene.gone()


def test_all_answers_keep_pages_of_other_sites_from_using_them() -> None:
    refused, answered = Scene(refusal=Refusal(HTTPStatus.FORBIDDEN, "not you")), Scene()
    answered.send(WHOLE.replace(b"Host", b"Origin: http://evil.example\r\nHost"))
    for scene in (refused, answered):
        head = scene.transport.value().partition(b"\r\n\r\n")[0].decode().split("\r\n")
        assert {
            "X-Content-Type-Options: nosniff",
            "X-Frame-Options: DENY",
            "Referrer-Policy: no-referrer",
            "Cross-Origin-Resource-Policy: same-origin",
            "Cache-Control: no-store",
        } <= set(head)
        assert not any(line.lower().startswith("access-control-") for line in head)
        scene.gone()


@pytest.mark.parametrize("vouched", [True, False])
def test_a_request_bears_the_word_of_its_door(vouched: bool) -> None:  # noqa: FBT001
    scene = Scene(vouched=vouched)
    scene.send(WHOLE)
    assert scene.asked[0].vouched is vouched
    scene.gone()
