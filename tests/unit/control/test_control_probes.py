"""What probes are told of a fleet in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wampsup.control.handlers import Control, Identity
from wampsup.control.messages import Reply, Request
from wampsup.control.twin import FleetTwin
from wampsup.control.words import is_so
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Desired,
    Failed,
    Fatal,
    Joined,
    Reconnecting,
    Running,
    State,
    Stopped,
    Stopping,
    Waiting,
)
from wampsup.runtime.journal import Journal

NOW = 1_700_000_000.5
RUNNING = Running(since=NOW, attempt=1, joined=Joined(session_id=7, realm="realm1", transport="rs://unix:/r.sock"))


class Scene:
    """Control over a fleet in memory of so many components, of which all run."""

    def __init__(self, count: int = 2) -> None:
        names = [f"c{number}" for number in range(1, count + 1)]
        self.fleet = FleetTwin(names, NOW)
        for name in names:
            self.put(name, RUNNING)
        identity = Identity(name="edge", fleet_file="/etc/edge.toml", started_at=NOW)
        journal = Journal(lambda: NOW)
        self._control = Control(self.fleet, identity, shutdown=lambda: None, seconds=lambda: NOW, journal=journal)

    def put(self, name: str, state: State, desired: Desired = Desired.UP) -> None:
        self.fleet.put(name, state=state, desired=desired)

    def ask(self, path: str) -> tuple[int, Any]:
        replies: list[Any] = []
        self._control.answer(Request(method="GET", path=path, vouched=False)).addCallback(replies.append)
        reply = replies[0]
        assert isinstance(reply, Reply)
        assert reply.media_type == ("application/json" if reply.status == 200 else "application/problem+json")
        return reply.status, json.loads(reply.encoded())


def test_a_fleet_in_which_all_run_is_alive_and_ready() -> None:
    scene = Scene()
    assert scene.ask("/livez") == scene.ask("/readyz") == (200, {"status": "ok"})


def test_a_fleet_of_nobody_is_ready() -> None:
    assert Scene(0).ask("/readyz")[0] == 200


@pytest.mark.parametrize(
    "state",
    [
        Stopped(since=NOW),
        Waiting(since=NOW),
        Connecting(since=NOW, attempt=1, deadline=None),
        Reconnecting(since=NOW, next_attempt_at=NOW),
        BackingOff(since=NOW, next_attempt_at=NOW),
        Stopping(since=NOW, attempt=1, deadline=None, ran_since=None, again=True),
        Failed(since=NOW),
        Fatal(since=NOW),
    ],
    ids=lambda state: state.name,
)
def test_a_fleet_with_one_that_should_run_and_does_not_is_alive_and_not_ready(state: State) -> None:
    scene = Scene()
    scene.put("c2", state)
    assert scene.ask("/livez")[0] == 200
    assert scene.ask("/readyz") == (
        503,
        {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": f"the fleet is not ready, with 1 of 2 components down: `c2` {is_so(state.name)}",
            "down": 1,
            "components": [{"name": "c2", "state": state.name}],
        },
    )
    scene.put("c2", state, Desired.DOWN)
    assert scene.ask("/readyz")[0] == 200


def test_who_has_completed_is_not_missed() -> None:
    scene = Scene()
    scene.put("c1", Completed(since=NOW))
    assert scene.ask("/readyz")[0] == 200


def test_the_first_of_many_are_named_and_all_are_counted() -> None:
    scene = Scene(30)
    for number in range(1, 26):
        scene.put(f"c{number}", Failed(since=NOW))
    status, problem = scene.ask("/readyz")
    assert (status, problem["down"]) == (503, 25)
    assert [one["name"] for one in problem["components"]] == [f"c{number}" for number in range(1, 11)]
    assert problem["detail"].startswith("the fleet is not ready, with 25 of 30 components down: `c1` has failed, ")
    assert problem["detail"].endswith("`c10` has failed, and 15 more")


def test_a_fleet_that_shuts_down_is_alive_and_not_ready() -> None:
    scene = Scene()
    scene.fleet.ending = True
    assert scene.ask("/livez")[0] == 200
    status, problem = scene.ask("/readyz")
    assert (status, problem["detail"]) == (503, "the fleet shuts down")
