"""What a journal keeps of a fleet."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from typing import Any

from wampsup.control.twin import UnitTwin
from wampsup.core.component import Policy, new
from wampsup.model.spec import ComponentSpec
from wampsup.model.state import (
    BackingOff,
    Connecting,
    Desired,
    Joined,
    Kind,
    LastError,
    Problem,
    Running,
    Waiting,
)
from wampsup.model.transition import PERSON, Cause
from wampsup.runtime.journal import LONGEST_MESSAGE, Journal

NOW = 1_700_000_000.5
PROBLEM = Problem(
    kind=Kind.MAIN,
    type="builtins.ValueError",
    message="the kettle is dry",
    traceback='Traceback (most recent call last):\n  File "/home/joe/pricing.py", line 1',
)
DUE = Cause(event="due")


class Scene:
    """A journal of `size` events, and one component of group `shop` that it watches."""

    def __init__(self, size: int = 10) -> None:
        self.now = NOW
        self.journal = Journal(lambda: self.now, size)
        spec = ComponentSpec(name="pricing", group="shop")
        self.unit = UnitTwin(name="pricing", spec=spec, component=new(Policy(), NOW))

    def move(self, cause: Cause = DUE, **changes: Any) -> None:
        before = self.unit.component
        self.unit.component = replace(before, **changes)
        self.journal.record(self.unit, before, self.unit.component, cause)

    def told(self) -> list[Any]:
        taken = self.journal.subscribe().take(10_000)
        return [] if taken is None else [json.loads(event.json()) for event in taken.entries]


def test_an_event_tells_what_moved_from_where_to_where_and_who_was_behind_it() -> None:
    scene = Scene()
    scene.move(Cause(event="start", by=PERSON), state=Waiting(since=NOW + 1), desired=Desired.UP)
    assert scene.told() == [
        {
            "id": 1,
            "at": "2023-11-14T22:13:21.500Z",
            "component": "pricing",
            "group": "shop",
            "from": "stopped",
            "to": "waiting",
            "desired": "up",
            "event": "start",
            "by": "person",
            "attempt": None,
            "note": "waits for its turn",
            "error": None,
        }
    ]


def test_an_error_is_told_once_with_the_transition_that_it_brought_about_and_without_its_traceback() -> None:
    scene = Scene()
    scene.move(state=Running(since=NOW, attempt=3, joined=Joined(session_id=7, realm="r", transport="t")), attempts=3)
    error = LastError(problem=PROBLEM, at=NOW + 1)
    scene.move(Cause(event="ended"), state=BackingOff(since=NOW + 1, next_attempt_at=NOW + 3.1), last_error=error)
    scene.move(state=Waiting(since=NOW + 3.1))
    _, failed, waiting = scene.told()
    assert (failed["from"], failed["to"], failed["event"], failed["by"]) == ("running", "backoff", "ended", None)
    assert failed["attempt"] == 3
    assert failed["note"] == "ValueError: the kettle is dry; next try in 2.1 s"
    assert failed["error"] == {
        "kind": "main",
        "type": "builtins.ValueError",
        "uri": None,
        "message": "the kettle is dry",
    }
    assert waiting["error"] is None


def test_a_component_that_waits_tells_for_whom() -> None:
    scene = Scene()
    scene.unit.waits_for = {"db": "stopped", "group:back": None}
    scene.move(Cause(event="start", by=PERSON), state=Waiting(since=NOW), desired=Desired.UP)
    assert scene.told()[0]["note"] == "waits for `db` (stopped) and group `back`"


def test_a_long_message_is_cut() -> None:
    scene = Scene()
    problem = replace(PROBLEM, message="x" * (LONGEST_MESSAGE + 1))
    scene.move(state=Waiting(since=NOW), last_error=LastError(problem=problem, at=NOW))
    assert scene.told()[0]["error"]["message"] == "x" * (LONGEST_MESSAGE - 1) + "…"


def test_what_changes_no_state_is_no_event_unless_it_changes_what_is_wanted() -> None:
    scene = Scene()
    scene.move(state=Connecting(since=NOW, attempt=1, deadline=NOW + 30), desired=Desired.UP)
    scene.move(state=Connecting(since=NOW, attempt=1, deadline=None))
    scene.move(restarts=3)
    scene.now = NOW + 5
    scene.move(Cause(event="stop", by=PERSON), desired=Desired.DOWN)
    _, wanted = scene.told()
    assert (wanted["from"], wanted["to"], wanted["desired"]) == ("connecting", "connecting", "down")
    assert wanted["at"] == "2023-11-14T22:13:25.500Z"


def test_the_fleet_itself_has_events_as_well() -> None:
    scene = Scene()
    scene.journal.note("reload", by=PERSON, note="1 added", added=["billing"])
    assert scene.told() == [
        {
            "id": 1,
            "at": "2023-11-14T22:13:20.500Z",
            "component": None,
            "group": None,
            "from": None,
            "to": None,
            "desired": None,
            "event": "reload",
            "by": "person",
            "attempt": None,
            "note": "1 added",
            "error": None,
            "added": ["billing"],
        }
    ]


def test_a_full_journal_takes_no_more_memory_than_it_says() -> None:
    scene = Scene(size=2000)
    tracemalloc.start()
    try:
        for attempt in range(5000):
            at = NOW + attempt
            error = LastError(problem=replace(PROBLEM, message=f"kettle {attempt}", traceback="x" * 5000), at=at)
            scene.move(state=BackingOff(since=at, next_attempt_at=at + 2), last_error=error)
            scene.move(state=Waiting(since=at))
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept / 2000 < 700
