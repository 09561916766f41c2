"""`/v1/logs` in memory: which lines are streamed, in which form, from where on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wampsup.control.feed import MOST_FOLLOWERS
from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply, Request, Source, Stream
from wampsup.control.twin import FleetTwin
from wampsup.model.record import Record
from wampsup.runtime.journal import Journal
from wampsup.runtime.lines import Lines

NOW = 1_700_000_000.5


class Scene:
    """Control over a fleet in memory, of whose components' logs the latest 3 lines are kept, or `each`."""

    def __init__(self, each: int | None = 3) -> None:
        self.fleet = FleetTwin(["clock", "sensor-1", "sensor-2"], NOW)
        self.lines = Lines(each or 1)
        self._control = Control(
            self.fleet,
            Identity(name="edge", fleet_file="/etc/edge.toml", started_at=NOW),
            shutdown=lambda: None,
            seconds=lambda: NOW,
            journal=Journal(lambda: NOW),
            lines=None if each is None else self.lines,
        )

    def say(self, *said: str) -> None:
        """`clock:tick` is a line of that component, `:tick` one of the supervisor itself."""
        for one in said:
            component, _, message = one.partition(":")
            self.lines.keep(Record(at=NOW, level="info", component=component or None, message=message))

    def ask(self, query: dict[str, str], path: str = "/v1/logs", headers: dict[str, str] | None = None) -> Any:
        """The answer to a request."""
        answers: list[Any] = []
        listed = {name: value.split() for name, value in query.items()}
        request = Request(method="GET", path=path, query=listed, headers=headers or {})
        self._control.answer(request).addCallback(answers.append)
        return answers[0]

    def open(self, **query: str) -> Source:
        """What streams the answer to a request."""
        stream = self.ask(query)
        assert isinstance(stream, Stream)
        return stream.open(lambda: None)


def read(source: Source) -> list[Any]:
    """All that there is to read now: messages with their components; `None` stands for the end."""
    told: list[Any] = []
    while part := source.read():
        lines = [json.loads(line) for line in part.splitlines()]
        told += [one if "lost" in one else f"{one['component'] or ''}:{one['message']}" for one in lines]
    return told if part is not None else [*told, None]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_all_lines_are_told_in_their_order_and_those_of_the_supervisor_among_them(scene: Scene) -> None:
    scene.say(":starts", "clock:1", "sensor-1:1", "clock:2")
    assert read(scene.open()) == [":starts", "clock:1", "sensor-1:1", "clock:2", None]
    assert scene.ask({}).media_type == "application/x-ndjson"


def test_a_line_is_what_the_log_has_and_its_number(scene: Scene) -> None:
    scene.say("clock:tick \x1b[2J")
    line = scene.open().read()
    assert line is not None
    assert line.endswith(b"\n")
    assert b"\x1b" not in line
    assert json.loads(line) == {
        "id": 1,
        "time": "2023-11-14T22:13:20.500Z",
        "level": "info",
        "component": "clock",
        "message": "tick \x1b[2J",
        "logger": None,
        "traceback": None,
    }


def test_names_and_patterns_select_and_then_the_supervisor_has_no_say(scene: Scene) -> None:
    scene.say(":starts", "clock:1", "sensor-1:1", "sensor-2:1")
    assert read(scene.open(select="sensor-*")) == ["sensor-1:1", "sensor-2:1", None]
    assert read(scene.open(select="sensor-2 clock")) == ["clock:1", "sensor-2:1", None]


def test_the_last_lines_are_the_last_of_what_is_selected(scene: Scene) -> None:
    scene.say("sensor-1:1", "clock:1", "sensor-1:2", "clock:2", "clock:3")
    assert read(scene.open(tail="2")) == ["clock:2", "clock:3", None]
    assert read(scene.open(tail="2", select="sensor-1")) == ["sensor-1:1", "sensor-1:2", None]
    assert read(scene.open(tail="0")) == [None]


def test_a_search_through_many_lines_leaves_others_their_turn(scene: Scene) -> None:
    lines = 20_000
    scene = Scene(each=lines)
    scene.say("sensor-1:first", *(f"clock:{number}" for number in range(lines)), "sensor-1:last")
    turns: list[None] = []
    source = scene.ask({"select": "sensor-1"}).open(lambda: turns.append(None))
    parts = []
    while (part := source.read()) is not None:
        parts.append(part)
    found = [json.loads(line)["message"] for part in parts for line in part.splitlines()]
    assert found == ["first", "last"]
    assert len(turns) == parts.count(b"") > 1  # after each part without a line it asks to be read again


def test_who_follows_is_told_what_is_said_and_that_it_lost_what_it_did_not_read_in_time(scene: Scene) -> None:
    scene.say("clock:1")
    source = scene.open(follow="1", select="clock")
    scene.say("sensor-1:1", "clock:2")
    assert read(source) == ["clock:1", "clock:2"]
    scene.say(*(f"sensor-1:{number}" for number in range(10)))
    assert read(source) == []
    scene.say("clock:3", "clock:4", "clock:5", "clock:6", "clock:7")
    assert read(source) == [{"lost": 2, "after": 15}, "clock:5", "clock:6", "clock:7"]
    scene.lines.end()
    assert read(source) == [None]


def test_what_lies_before_is_no_loss(scene: Scene) -> None:
    scene.say(*(f"clock:{number}" for number in range(10)))
    assert read(scene.open(follow="1")) == ["clock:7", "clock:8", "clock:9"]


def test_a_browser_resumes_behind_the_last_line_that_it_has_seen(scene: Scene) -> None:
    scene.say("clock:1", "clock:2", "clock:3")
    headers = {"accept": "text/event-stream", "last-event-id": "2"}
    source = scene.ask({"follow": "1"}, headers=headers).open(lambda: None)
    name, kind, data = (source.read() or b"").split(b"\n")[:3]
    assert (name, kind) == (b"id: 3", b"event: line")
    assert json.loads(data.removeprefix(b"data: "))["message"] == "3"


def test_a_component_that_is_out_of_the_fleet_has_no_lines_any_more(scene: Scene) -> None:
    scene.say("clock:1", "sensor-1:1")
    scene.lines.forget("clock")
    assert read(scene.open()) == ["sensor-1:1", None]


def test_who_follows_lines_and_who_follows_events_share_the_places(scene: Scene) -> None:
    sources = [scene.open(follow="1") for _ in range(MOST_FOLLOWERS)]
    refused = scene.ask({"follow": "1"}, "/v1/events")
    assert isinstance(refused, Reply)
    assert (refused.status, json.loads(refused.encoded())["detail"]) == (503, "64 clients follow already")
    sources[0].close()
    assert isinstance(scene.ask({"follow": "1"}, "/v1/events"), Stream)


def test_a_fleet_that_keeps_no_lines_says_so_and_how_to_have_them() -> None:
    refused = Scene(each=None).ask({})
    assert (refused.status, json.loads(refused.encoded())["detail"]) == (409, "this fleet keeps no lines of its log")
    assert refused.content["hint"] == "give `log_lines` in `[supervisor]` a number above 0"


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ({"select": "nobody"}, 404, "no component `nobody` in fleet `edge`"),
        ({"tail": "-1"}, 400, "`tail` takes a whole number"),
        ({"lines": "5"}, 400, "unknown parameter `lines`"),
    ],
)
def test_what_can_not_be_told_is_refused(scene: Scene, query: dict[str, str], status: int, detail: str) -> None:
    refused = scene.ask(query)
    assert (refused.status, json.loads(refused.encoded())["detail"]) == (status, detail)
