"""How a supervisor is asked for what is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from wampsup.cli.top.source import COMMAND_TIMEOUT, LOG_LINES, Supervisor
from wampsup.errors import WaitTimeoutError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class MemoryClient:
    """Answers as a supervisor that started at `run`, with `results` for commands and `lines` for streams."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sent: list[Mapping[str, object]] = []
        self.run = "2026-11-22T20:16:07.802Z"
        self.result: dict[str, Any] = {"name": "clock", "ok": True, "state": "stopped", "error": None}
        self.lines: list[Any] = []

    def get(self, target: str) -> dict[str, Any]:
        self.asked.append(target)
        return {"started_at": self.run, "components": [{"name": "clock"}]}

    def post(self, target: str, body: Mapping[str, object], *, wait: float) -> dict[str, Any]:
        self.asked.append(target)
        self.sent.append(body)
        assert wait == COMMAND_TIMEOUT
        return {"results": [self.result]}

    def stream(self, target: str, _wait: object) -> Iterator[list[bytes]]:
        self.asked.append(target)
        yield [json.dumps(line).encode() for line in self.lines]


def supervisor(*names: str) -> tuple[MemoryClient, Supervisor]:
    client = MemoryClient()
    return client, Supervisor(client, names)  # type: ignore[arg-type]


def test_a_look_asks_for_the_supervisor_and_for_those_that_are_named() -> None:
    client, source = supervisor("feed@*", "clock")
    assert source.look().components == [{"name": "clock"}]
    assert client.asked == ["/v1/supervisor", "/v1/components?select=feed%40%2A&select=clock"]


def test_events_are_told_once_however_often_the_stream_breaks_off() -> None:
    client, source = supervisor()
    client.lines = [{"id": 7}, {"id": 9}, {"lost": 2, "after": 8}]
    assert list(source.events()) == [client.lines]
    client.lines = []
    list(source.events())
    list(source.events())
    assert client.asked[1::2] == ["/v1/events?follow=1", *["/v1/events?follow=1&after=9"] * 2]


def test_another_supervisor_counts_its_events_anew() -> None:
    client, source = supervisor("clock")
    client.lines = [{"id": 7}]
    list(source.events())
    client.run = "2026-11-22T20:30:00.000Z"
    list(source.events())
    list(source.events())
    selected = "/v1/events?select=clock&follow=1"
    assert client.asked[1::2] == [selected, selected, f"{selected}&after=7"]


def test_a_command_is_for_one_component_and_waits() -> None:
    client, source = supervisor("c*")
    assert source.command("stop", "clock") == "stopped"
    assert client.asked == ["/v1/stop"]
    assert client.sent == [{"select": ["clock"], "wait": True, "timeout": COMMAND_TIMEOUT}]


def test_a_command_that_does_not_come_about_is_an_error_in_the_words_of_the_command_line() -> None:
    client, source = supervisor()
    client.result = {"name": "clock", "ok": False, "state": "failed", "error": "dry", "timed_out": False}
    with pytest.raises(WampsupError, match=r"^`clock` has failed: dry$"):
        source.command("start", "clock")
    client.result |= {"state": "stopping", "timed_out": True}
    with pytest.raises(WaitTimeoutError, match=r"^`clock` is still stopping after 30 s: dry$"):
        source.command("stop", "clock")


def test_a_log_has_a_line_for_each_line() -> None:
    client, source = supervisor()
    said = {"id": 1, "time": "2026-11-22T20:16:07.802Z", "level": "info", "component": "clock", "logger": None}
    client.lines = [said | {"message": "one\ntwo", "traceback": None}, {"lost": 1, "after": 1}]
    assert source.log("clock") == [
        "2026-11-22T20:16:07.802Z info  [clock] one",
        "    two",
        "1 line lost: they came faster than they could be shown",
    ]
    assert client.asked == [f"/v1/logs?select=clock&tail={LOG_LINES}"]
