"""What is counted for as long as a fleet runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.fleets import PROBLEM, FleetInMemory
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.runtime.tally import Tally

pytestmark = pytest.mark.usefixtures("logged_errors")

FAILED = out.Failed(problem=PROBLEM)
LOST = out.Lost(problem=PROBLEM)


class Scene(FleetInMemory):
    """A fleet that has started, and its tally."""

    def __init__(self, *names: str) -> None:
        super().__init__(names)
        self.tally = Tally()
        self.fleet.watch(self.tally.record)
        self.fleet.start()

    def command(self, event: ev.Command) -> None:
        self.fleet.command(self.fleet.units.values(), event)


def test_each_attempt_is_counted_once_by_its_outcome_and_what_went_wrong() -> None:
    scene = Scene("a")
    scene.alive["a"].end(FAILED, slowly=True)
    scene.alive["a"].finish()
    scene.clock.advance(1)
    scene.alive["a"].become_ready()
    scene.alive["a"].end(LOST)
    scene.clock.advance(5)
    scene.command(ev.Restart())
    scene.alive["a"].finish()
    scene.alive["a"].end(out.Completed())
    counted = {("failed", "main"): 1, ("lost", "main"): 1, ("stopped", ""): 1, ("completed", ""): 1}
    assert scene.tally.of("a").attempts == counted
    assert scene.tally.of("a").joins == 1


def test_counts_go_on_where_those_of_the_core_begin_anew() -> None:
    scene = Scene("a")
    for _ in range(2):
        scene.alive["a"].end(FAILED)
        scene.command(ev.Start())
        scene.alive["a"].end(LOST)
        scene.command(ev.Start())
    core = scene.fleet.units["a"].component
    assert (core.restarts, core.reconnects) == (0, 0)
    counts = scene.tally.of("a")
    assert (counts.restarts, counts.reconnects) == (2, 2)


def test_a_join_takes_from_the_begin_of_its_attempt_until_it_is_ready() -> None:
    scene = Scene("a", "b")
    scene.clock.advance(0.02)
    scene.alive["a"].become_ready()
    scene.clock.advance(2)
    scene.alive["b"].become_ready()
    joins = scene.tally.joins
    assert joins.total == pytest.approx(2.04)
    assert [joins.at_most()[bound] for bound in (0.01, 0.025, 1.0, 2.5, float("inf"))] == [0, 1, 1, 2, 2]


def test_what_has_left_a_fleet_is_forgotten() -> None:
    scene = Scene("a", "b")
    scene.alive["a"].end(FAILED)
    before = scene.fleet.spec
    scene.fleet.reload(replace(before, components=before.components[1:]), {})
    for name in scene.forgotten:
        scene.tally.forget(name)
    assert scene.forgotten == ["a"]
    assert scene.tally.of("a").attempts == {}


def test_nothing_is_counted_of_who_never_moved() -> None:
    counts = Scene("a").tally.of("b")
    assert (counts.restarts, counts.reconnects, counts.joins, counts.attempts) == (0, 0, 0, {})
