"""What a fleet makes of stalls: what it allows, what it tells, and which attempt it fails."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from support.fleets import FleetInMemory, spec
from wampsup.model.outcome import Completed
from wampsup.reactor.account import Account
from wampsup.reactor.ledger import OWN
from wampsup.reactor.stack import Frame, Stack
from wampsup.reactor.stall import Patience, Stall
from wampsup.runtime.journal import Journal
from wampsup.runtime.stalls import Stalls

if TYPE_CHECKING:
    from wampsup.runtime.unit import Unit

STACK = Stack([Frame("/srv/shop/feed.py", 31, "on_price", "feed")])


class Teller:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def stalled(self, stall: Stall) -> None:
        self.told.append(("stalled", stall.account.name))

    def recovered(self, stall: Stall) -> None:
        self.told.append(("recovered", stall.account.name))

    def paused(self, name: str | None, seconds: float) -> None:
        self.told.append(("paused", name, seconds))

    def gives_up(self, stall: Stall | None, limit: float) -> None:
        self.told.append(("gives up", stall, limit))


class Scene:
    """A fleet of `feed` and `clock`, which both run."""

    def __init__(self, feed: float = 0.0, stall_after: float = 0.25) -> None:
        world = FleetInMemory([replace(spec("feed"), max_stall=feed), replace(spec("clock"), max_stall=0.5)])
        self.world = world
        self.fleet = world.fleet
        supervisor = replace(self.fleet.spec.supervisor, stall_after=stall_after, fatal_stall=30.0)
        self.fleet.reload(replace(self.fleet.spec, supervisor=supervisor), {})
        self.fleet.start()
        for attempt in world.attempts.alive.values():
            attempt.become_ready()
        self.journal = Journal(world.clock.seconds)
        self.teller = Teller()
        self.stalls = Stalls(self.fleet, self.journal, self.teller)

    def unit(self, name: str) -> Unit:
        return self.fleet.units[name]

    def events(self) -> list[dict[str, Any]]:
        taken = self.journal.subscribe().take(10)
        return [json.loads(event.json()) for event in (taken.entries if taken else [])]


def test_a_component_that_is_allowed_less_than_others_has_a_patience_of_its_own() -> None:
    scene = Scene(feed=0.1)
    assert scene.stalls.patience == Patience(usual=0.25, of={scene.unit("feed").account: 0.1}, fatal=30.0)
    off = Scene(stall_after=0.0)
    assert off.stalls.patience == Patience(usual=0.0, of={off.unit("clock").account: 0.5}, fatal=30.0)


def test_the_journal_keeps_a_stall_with_its_length_and_place_and_the_attempt_is_told() -> None:
    scene = Scene()
    stall = Stall(account=scene.unit("feed").account, seconds=1.2345, stack=STACK)
    scene.stalls.stalled(stall)
    assert scene.events() == []
    scene.stalls.recovered(stall)
    told = scene.events()
    told[0].pop("at")
    assert told == [
        {
            "id": 1,
            "component": "feed",
            "group": None,
            "from": "running",
            "to": "running",
            "desired": "up",
            "event": "stall",
            "by": None,
            "attempt": 1,
            "note": "blocked the reactor for 1.23 s at feed.py:31 in on_price",
            "error": None,
            "seconds": 1.234,
            "place": "feed.py:31 in on_price",
        }
    ]
    assert scene.teller.told == [("stalled", "feed"), ("recovered", "feed")]
    assert scene.world.attempts.made["feed"][0].stalls == [stall]
    assert scene.world.attempts.made["clock"][0].stalls == []


def test_a_stall_of_the_supervisor_itself_is_one_of_nobody() -> None:
    scene = Scene()
    scene.stalls.recovered(Stall(account=OWN, seconds=0.3))
    told = scene.events()[0]
    assert (told["component"], told["event"], told["place"]) == (None, "stall", None)
    assert told["note"] == "blocked the reactor for 0.30 s"


def test_an_account_of_a_component_that_has_gone_and_come_back_is_not_its_own() -> None:
    scene = Scene()
    older = Account("feed")
    assert scene.stalls.owns(scene.unit("feed").account)
    assert not any(map(scene.stalls.owns, (older, Account("other"), OWN)))
    scene.stalls.recovered(Stall(account=older, seconds=0.3))
    assert scene.world.attempts.made["feed"][0].stalls == []


def test_a_component_that_does_not_run_any_more_is_told_of_all_the_same() -> None:
    scene = Scene()
    scene.world.attempts.made["feed"][0].end(Completed())
    scene.stalls.recovered(Stall(account=scene.unit("feed").account, seconds=0.3, stack=STACK))
    assert scene.events()[0]["to"] == "completed"


def test_pauses_and_the_end_are_for_the_log_alone() -> None:
    scene = Scene()
    scene.stalls.paused(scene.unit("feed").account, 3.5)
    scene.stalls.gives_up(None)
    assert scene.teller.told == [("paused", "feed", 3.5), ("gives up", None, 30.0)]
    assert scene.events() == []
