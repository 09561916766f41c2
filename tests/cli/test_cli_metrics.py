"""`/metrics` of a real fleet: what happens to its components is counted, and no counter ever goes down."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from support.command import fleet
from support.files import short_folder, write_fleet, write_module
from support.promlint import problems
from support.scraped import series_of
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet
    from support.scraped import Series

HEAD = """\
[router]
listen = "rs://unix:r.sock"

[defaults]
transports = "rs://unix:r.sock"
"""
CLOCK = "[components.clock]\nmain = 'parts:publishes'\n"
KETTLE = "[components.kettle]\nmain = 'parts:dry'\nrestart = { initial_delay = 0.05, max_restarts = -1 }\n"
BLOCKER = "[components.blocker]\nmain = 'parts:blocks'\n"
GONE = "[components.gone]\nmain = 'parts:dry'\nrestart = { policy = 'never' }\n"

PARTS = """
    import time

    from twisted.internet.defer import Deferred

    async def publishes(reactor, session):
        session.publish("com.example.tick", 1)
        await Deferred()

    async def dry(reactor, session):
        raise ValueError("the kettle is dry")

    async def blocks(reactor, session):
        time.sleep(0.4)
        await Deferred()
"""


class Scene:
    """A running fleet, and every look at its metrics: none of them may show a counter that has gone down."""

    def __init__(self, running: Fleet, path: Path) -> None:
        self.running = running
        self.path = path
        self.latest: Series = {}

    def look(self) -> Series:
        """All that `/metrics` tells now."""
        reply = self.running.request("GET", "/metrics")
        assert reply.status == 200
        before, self.latest = self.latest, series_of(reply.body)
        for (name, labels), value in self.latest.items():
            is_counter = name.endswith(("_total", "_bucket", "_sum", "_count"))
            assert not is_counter or value >= before.get((name, labels), 0), (name, labels)
        return self.latest

    def value(self, name: str, **labels: str) -> float | None:
        return self.look().get((f"wampsup_{name}", frozenset(labels.items())))

    def until(self, least: float, name: str, **labels: str) -> None:
        """Wait until that series is as large as that."""
        wait_until(lambda: (self.value(name, **labels) or 0) >= least, 20, f"{name} {labels} of {least}")

    def write(self, text: str) -> None:
        write_fleet(self.path.parent, HEAD + text, self.path.name)

    def told(self, component: str) -> set[str]:
        """The metrics that have samples of that component."""
        return {name for name, labels in self.look() if ("component", component) in labels}


@pytest.fixture
def edge() -> Iterator[Scene]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        path = write_fleet(folder, HEAD + CLOCK + KETTLE + BLOCKER + GONE, "edge.toml")
        with fleet(path) as running:
            yield Scene(running, path)


def test_counters_of_a_real_fleet_go_up_and_never_down(edge: Scene) -> None:
    edge.until(1, "component_up", component="clock")
    edge.until(2, "component_restarts_total", component="kettle")
    edge.until(2, "component_attempts_total", component="kettle", outcome="failed", kind="main")
    edge.until(1, "component_attempts_total", component="gone", outcome="failed", kind="main")
    assert (edge.value("component_sent_messages_total", component="clock") or 0) >= 2
    assert (edge.value("component_busy_seconds_total", component="kettle") or 0) > 0

    edge.running.wampsup("restart", "clock")
    edge.until(1, "component_attempts_total", component="clock", outcome="stopped", kind="")
    edge.until(2, "component_joins_total", component="clock")
    edge.running.wampsup("stop", "clock", "kettle")
    assert edge.value("component_up", component="clock") == 0
    assert edge.value("component_desired_up", component="clock") == 0
    before = edge.value("component_restarts_total", component="kettle") or 0
    edge.running.wampsup("start", "clock", "kettle", "--no-wait")
    edge.until(3, "component_joins_total", component="clock")
    edge.until(before + 1, "component_restarts_total", component="kettle")

    edge.write(CLOCK + "extra = { speed = 2 }\n" + KETTLE + BLOCKER)
    assert edge.running.wampsup("reload").code == 0
    edge.until(4, "component_joins_total", component="clock")
    wait_until(lambda: not edge.told("gone"), what="the end of `gone`")
    edge.write("[components.clock]\nmain = 'nowhere:main'\n")
    assert edge.running.wampsup("reload").code == 5
    assert edge.value("reloads_total", result="success") == 1
    assert edge.value("reloads_total", result="failure") == 1
    assert edge.value("components", state="failed") == 0


def test_what_blocks_the_loop_shows_in_its_stalls_and_in_the_lag_of_the_loop(edge: Scene) -> None:
    edge.until(1, "component_stalls_total", component="blocker")
    assert (edge.value("component_longest_stall_seconds", component="blocker") or 0) >= 0.4
    edge.until(1, "loop_lag_seconds_count")
    assert (edge.value("loop_busy_seconds_total") or 0) > 0


def test_a_real_answer_keeps_to_the_rules_and_comes_with_its_media_type(edge: Scene) -> None:
    edge.until(1, "component_up", component="clock")
    reply = edge.running.request("GET", "/metrics")
    assert problems(reply.body) == []
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    refused = edge.running.request("POST", "/metrics", {})
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


def test_who_hangs_up_in_the_middle_disturbs_nobody(edge: Scene) -> None:
    many = "[components.many]\nmain = 'parts:publishes'\ninstances = 3000\nautostart = false\n"
    edge.write(CLOCK + many)
    assert edge.running.wampsup("reload").code == 0
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(edge.running.socket))
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: wampsup\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert edge.value("components", state="stopped") == 3000
    assert " critical " not in edge.running.err
