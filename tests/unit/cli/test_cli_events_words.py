"""How an event reads, and what the client makes of a stream of them."""

from __future__ import annotations

import os
import socket
import time
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from wampsup.cli.arguments import parse
from wampsup.cli.client import Client
from wampsup.cli.events import in_words
from wampsup.errors import NoSuchComponentError, NoSupervisorError, UsageError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def event(**changes: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "at": "2026-11-22T12:03:04.567Z",
        "component": "pricing",
        "group": None,
        "from": "running",
        "to": "backoff",
        "desired": "up",
        "event": "ended",
        "by": None,
        "attempt": 3,
        "note": None,
        "error": None,
        **changes,
    }


WORDS: tuple[tuple[dict[str, Any], str], ...] = (
    (
        event(note="ValueError: the kettle is dry; next try in 2.1 s"),
        "21:03:04 pricing running -> backoff  ValueError: the kettle is dry; next try in 2.1 s",
    ),
    (event(), "21:03:04 pricing running -> backoff"),
    (
        event(event="stall", to="running", note="blocked the reactor for 1.20 s at feed.py:31 in on_price"),
        "21:03:04 pricing stalled  blocked the reactor for 1.20 s at feed.py:31 in on_price",
    ),
    (event(to="waiting", by="autostart"), "21:03:04 pricing running -> waiting  with the fleet"),
    (event(to="waiting", by="reload"), "21:03:04 pricing running -> waiting  by a reload"),
    (
        event(to="stopping", by="person", note="leaving, cut off in 10.0 s"),
        "21:03:04 pricing running -> stopping  by a person: leaving, cut off in 10.0 s",
    ),
    (event(to="stopping", by="requires:db"), "21:03:04 pricing running -> stopping  requires db"),
    (event(to="stopping", by="group:shop"), "21:03:04 pricing running -> stopping  with group shop"),
    (
        event(to="stopped", by="person", note="stopped by a person"),
        "21:03:04 pricing running -> stopped  stopped by a person",
    ),
    (
        event(to="running", desired="down", by="shutdown", note="leaves once `x` has left"),
        "21:03:04 pricing running, wanted down  with the fleet: leaves once `x` has left",
    ),
    (
        event(component=None, to=None, event="stall", note="blocked the reactor for 0.30 s"),
        "21:03:04 the supervisor stalled  blocked the reactor for 0.30 s",
    ),
    (
        event(component=None, to=None, event="reload", note="2 added"),
        "21:03:04 the fleet: reload  2 added",
    ),
    (event(note="\x1b[31mred\nline"), "21:03:04 pricing running -> backoff  \\x1b[31mred\\nline"),
    ({"lost": 1, "after": 9}, "1 event lost: they came faster than they could be shown"),
    ({"lost": 12, "after": 20}, "12 events lost: they came faster than they could be shown"),
)


@pytest.mark.parametrize(("told", "words"), WORDS)
def test_an_event_is_a_line_in_local_time(told: dict[str, Any], words: str) -> None:
    assert in_words(told, colour=False) == words


def test_the_state_that_it_came_to_has_the_colour_that_status_gives_it() -> None:
    assert in_words(event(), colour=True) == "21:03:04 pricing running -> \x1b[33mbackoff\x1b[0m"
    assert in_words(event(to="connecting"), colour=True) == "21:03:04 pricing running -> connecting"


@pytest.mark.parametrize("count", ["-1", "x", "1.5", "9" * 10])
def test_a_count_is_a_whole_number(count: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(["events", f"-n{count}"])
    assert caught.value.render() == (
        f"error: argument -n: `{count}` is no whole number\nhint: `wampsup events --help` shows how to use it"
    )


HEAD = b"HTTP/1.0 200 OK\r\nServer: wampsup/1\r\n\r\n"


def streamed(answer: list[bytes]) -> list[bytes]:
    """The lines that the client makes of an answer that comes in these parts."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("c.sock")
        listening.listen()
        asked: list[bytes] = []

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                asked.append(connection.recv(65536))
                for part in answer:
                    connection.sendall(part)
                    time.sleep(0.01)  # so that it is read by itself

        server = Thread(target=serve)
        server.start()
        try:
            client = Client("c.sock", "the supervisor of fleet `edge`", patience=0.2)
            batches = list(client.stream("/v1/events?x=y", None))
        finally:
            server.join(10)
            os.unlink("c.sock")  # noqa: PTH108 - as the client has it
    assert asked == [b"GET /v1/events?x=y HTTP/1.0\r\nHost: wampsup\r\n\r\n"]
    return [line for batch in batches for line in batch]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path has room for 107 bytes


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ([HEAD], []),
        ([HEAD[:9], HEAD[9:] + b"a\nb\n"], [b"a", b"b"]),
        ([HEAD, b"a\nb", b"c\n", b"d\n"], [b"a", b"bc", b"d"]),
        ([HEAD, b" ", b"a\n", b" ", b" "], [b" a"]),
    ],
)
def test_lines_are_put_together_however_they_come(answer: list[bytes], lines: list[bytes]) -> None:
    assert streamed(answer) == lines


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("answer", [[], [HEAD, b"a\nb"]])
def test_a_stream_that_breaks_off_is_told(answer: list[bytes]) -> None:
    with pytest.raises(NoSupervisorError) as caught:
        streamed(answer)
    assert caught.value.message == "the supervisor of fleet `edge` hung up before it had answered"


@pytest.mark.usefixtures("here")
def test_who_else_answers_is_told_from_a_supervisor() -> None:
    with pytest.raises(NoSupervisorError) as caught:
        streamed([b"HTTP/1.0 200 OK\r\nServer: Docker\r\n\r\na\n"])
    assert caught.value.message == "what answers on `c.sock` is no supervisor"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("status", "error"), [(b"404 Not Found", NoSuchComponentError), (b"503 Service Unavailable", WampsupError)]
)
def test_a_refusal_is_told_in_the_words_of_the_supervisor(status: bytes, error: type[WampsupError]) -> None:
    with pytest.raises(WampsupError) as caught:
        streamed([HEAD.replace(b"200 OK", status) + b'{"detail"', b': "no component `x`"}'])
    assert type(caught.value) is error
    assert caught.value.message == "no component `x`"
