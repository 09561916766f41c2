"""`/v1/events` in memory: what is streamed, in which form, from where on, and to how many."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from wampsup.control.feed import MOST_FOLLOWERS
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply, Request, Source, Stream
from wampsup.control.twin import FleetTwin
from wampsup.model.state import Stopped, Waiting
from wampsup.model.transition import Cause
from wampsup.reactor.account import Account
from wampsup.reactor.stall import Stall
from wampsup.runtime.journal import Journal

NOW = 1_700_000_000.5


class Scene:
    """Control over a fleet in memory and its journal, which keeps `size` events."""

    def __init__(self, size: int = 100) -> None:
        self.fleet = FleetTwin(["clock", "sensor-1", "sensor-2"], NOW)
        self.journal = Journal(lambda: NOW, size)
        self.woken = 0
        identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=NOW)
        self._control = Control(self.fleet, identity, shutdown=lambda: None, seconds=lambda: NOW, journal=self.journal)

    def move(self, *names: str) -> None:
        """Start the component, or stop it."""
        for name in names:
            unit = self.fleet.units[name]
            before = unit.component
            state = Stopped(since=NOW) if isinstance(before.state, Waiting) else Waiting(since=NOW)
            unit.component = replace(before, state=state)
            self.journal.record(unit, before, unit.component, Cause(event="start"))

    def ask(self, headers: dict[str, str] | None = None, **query: str) -> Any:
        """The answer to a request."""
        answers: list[Any] = []
        listed = {name: value.split() for name, value in query.items()}
        request = Request(method="GET", path="/v1/events", query=listed, headers=headers or {})
        self._control.answer(request).addCallback(answers.append)
        return answers[0]

    def open(self, headers: dict[str, str] | None = None, **query: str) -> Source:
        """What streams the answer to a request."""
        stream = self.ask(headers, **query)
        assert isinstance(stream, Stream)
        return stream.open(self._wake)

    def _wake(self) -> None:
        self.woken += 1


def read(source: Source) -> list[Any]:
    """All that there is to read now, each line parsed; `None` stands for the end."""
    told: list[Any] = []
    while part := source.read():
        told += [json.loads(line) for line in part.splitlines()]
    return told if part is not None else [*told, None]


def ids(told: list[Any]) -> list[Any]:
    return [one and one.get("id", one) for one in told]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_has_happened_is_told_line_by_line(scene: Scene) -> None:
    scene.move("clock", "sensor-1", "clock")
    told = read(scene.open())
    assert ids(told) == [1, 2, 3, None]
    assert (told[2]["component"], told[2]["from"], told[2]["to"]) == ("clock", "waiting", "stopped")
    assert scene.ask().media_type == "application/x-ndjson"


def test_where_nothing_has_happened_there_is_nothing_to_tell(scene: Scene) -> None:
    assert read(scene.open()) == [None]


def test_what_happens_while_it_is_read_is_not_told_to_who_does_not_follow(scene: Scene) -> None:
    scene.move("clock")
    source = scene.open()
    scene.move("clock")
    assert ids(read(source)) == [1, None]


def test_who_follows_is_told_what_has_happened_and_then_what_happens(scene: Scene) -> None:
    scene.move("clock")
    source = scene.open(follow="1")
    scene.move("clock")
    assert ids(read(source)) == [1, 2]
    assert scene.woken == 0
    scene.move("clock", "clock")
    assert scene.woken == 1
    assert ids(read(source)) == [3, 4]


def test_who_follows_comes_to_the_end_when_the_fleet_does_and_misses_nothing_before(scene: Scene) -> None:
    source = scene.open(follow="1")
    assert read(source) == []
    scene.move("clock")
    scene.journal.end()
    assert ids(read(source)) == [1, None]
    assert ids(read(scene.open(follow="1"))) == [1, None]


@pytest.mark.parametrize(
    ("headers", "query", "told"),
    [
        ({}, {"after": "2"}, [3, 4]),
        ({}, {"after": "4"}, []),
        ({}, {"after": "5"}, [1, 2, 3, 4]),
        ({"last-event-id": "3"}, {}, [4]),
        ({"last-event-id": "3"}, {"after": "1"}, [4]),
        ({}, {"tail": "1"}, [4]),
        ({}, {"tail": "0"}, []),
        ({}, {"after": "1", "tail": "1"}, [2, 3, 4]),
        ({}, {"tail": "1", "select": "clock"}, [3]),
    ],
)
def test_a_reader_says_where_to_begin(
    scene: Scene, headers: dict[str, str], query: dict[str, str], told: list[int]
) -> None:
    scene.move("clock", "sensor-1", "clock", "sensor-2")
    assert ids(read(scene.open(headers, **query))) == [*told, None]


def test_a_reader_that_resumes_too_late_is_told_what_it_missed() -> None:
    scene = Scene(size=2)
    scene.move(*["clock"] * 7)
    assert ids(read(scene.open(after="3"))) == [{"lost": 2, "after": 5}, 6, 7, None]
    assert ids(read(scene.open())) == [6, 7, None]


def test_a_reader_that_is_too_slow_is_told_what_it_lost() -> None:
    scene = Scene(size=2)
    source = scene.open(follow="1")
    scene.move(*["clock"] * 7)
    assert ids(read(source)) == [{"lost": 5, "after": 5}, 6, 7]


def test_names_and_patterns_select(scene: Scene) -> None:
    source = scene.open(follow="1", select="sensor-*")
    scene.journal.note("reload")
    scene.move("clock", "sensor-2", "clock", "sensor-1")
    assert ids(read(source)) == [3, 5]
    scene.move("clock")
    assert read(source) == []
    scene.move("sensor-1")
    assert ids(read(source)) == [7]
    assert scene.woken == 2


def test_a_component_that_a_reload_brings_is_selected_as_well_and_one_that_it_takes_away_is_told_to_its_end(
    scene: Scene,
) -> None:
    source = scene.open(follow="1", select="sensor-* clock")
    scene.fleet.replace(["sensor-1"], NOW)
    removed = scene.fleet.units["sensor-1"]
    scene.fleet.replace(["timer", "sensor-3"], NOW)
    before = removed.component
    scene.journal.record(removed, before, replace(before, state=Waiting(since=NOW)), Cause(event="stop"))
    scene.move("sensor-3", "timer")
    assert ids(read(source)) == [1, 2]
    scene.fleet.replace(["timer", "other"], NOW)
    scene.move("timer", "other")
    assert read(source) == []


def test_a_browser_gets_server_sent_events(scene: Scene) -> None:
    scene.move("clock")
    scene.journal.note("reload")
    scene.journal.stall(scene.fleet.units["clock"], Stall(account=Account("clock"), seconds=1.0))
    accept = {"accept": "text/html, text/event-stream;q=0.9"}
    source = scene.open(accept)
    event, note, stall = (source.read() or b"").split(b"\n\n")[:3]
    assert event.split(b"\n")[:2] == [b"id: 1", b"event: transition"]
    assert json.loads(event.split(b"\n")[2].removeprefix(b"data: "))["component"] == "clock"
    assert note.split(b"\n")[:2] == [b"id: 2", b"event: fleet"]
    assert stall.split(b"\n")[:2] == [b"id: 3", b"event: stall"]
    assert source.read() is None
    assert source.heartbeat == b":\n\n"
    assert scene.ask(accept).media_type == "text/event-stream"


def test_a_browser_that_was_away_resumes_behind_what_it_missed() -> None:
    scene = Scene(size=2)
    scene.move(*["clock"] * 5)
    source = scene.open({"accept": "text/event-stream", "last-event-id": "1"}, follow="1")
    assert (source.read() or b"").split(b"\n\n")[0] == b'id: 3\nevent: lost\ndata: {"lost":2,"after":3}'


def test_a_heartbeat_between_lines_does_not_disturb_who_parses_them(scene: Scene) -> None:
    scene.move("clock")
    source = scene.open()
    assert json.loads(source.heartbeat * 3 + (source.read() or b""))["id"] == 1


def test_as_many_may_follow_as_leave_room_for_others(scene: Scene) -> None:
    sources = [scene.open(follow="1") for _ in range(MOST_FOLLOWERS)]
    refused = scene.ask(follow="1")
    assert isinstance(refused, Reply)
    assert (refused.status, json.loads(refused.encoded())["detail"]) == (503, "64 clients follow already")
    assert read(scene.open()) == [None]
    sources[0].close()
    assert read(scene.open(follow="1")) == []


def test_a_reader_that_does_not_follow_takes_no_place_and_gives_none_back(scene: Scene) -> None:
    for _ in range(3):
        scene.open().close()
    for _ in range(MOST_FOLLOWERS):
        scene.open(follow="1")
    assert scene.ask(follow="1").status == 503


REFUSED = {
    "follow": ({"follow": "yes"}, {}, 400, "`follow` takes 0 or 1"),
    "after": ({"after": "-1"}, {}, 400, "`after` takes a whole number"),
    "endless": ({"after": "9" * 5000}, {}, 400, "`after` takes a whole number"),
    "tail": ({"tail": "x"}, {}, 400, "`tail` takes a whole number"),
    "header": ({}, {"last-event-id": "²"}, 400, "`Last-Event-ID` takes a whole number"),
    "unknown": ({"fellow": "1"}, {}, 400, "unknown parameter `fellow`"),
    "nobody": ({"select": "x*"}, {}, 404, "no component `x*` in fleet `edge`"),
}


@pytest.mark.parametrize(("query", "headers", "status", "detail"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_streamed_is_refused(
    scene: Scene, query: dict[str, str], headers: dict[str, str], status: int, detail: str
) -> None:
    reply = scene.ask(headers, **query)
    assert (reply.status, reply.content["detail"]) == (status, detail)
