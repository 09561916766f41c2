"""The start window: so many at once on their way up, first come, first served."""

from __future__ import annotations

import pytest

from support.fleets import PROBLEM, FleetInMemory
from wampsup.model import event as ev
from wampsup.model import outcome as out

pytestmark = pytest.mark.usefixtures("logged_errors")

NAMES = ["a", "b", "c", "d", "e"]
LOST = out.Lost(problem=PROBLEM)


def five(window: int = 2) -> FleetInMemory:
    fleet = FleetInMemory(NAMES, start_window=window)
    fleet.fleet.start()
    return fleet


def test_no_more_than_the_window_are_on_their_way_up() -> None:
    assert five().states == ["connecting", "connecting", "waiting", "waiting", "waiting"]


def test_one_that_is_ready_makes_place_for_the_next() -> None:
    fleet = five()
    fleet.alive["b"].become_ready()
    assert fleet.states == ["connecting", "running", "connecting", "waiting", "waiting"]


def test_one_that_could_not_connect_makes_place_and_waits_at_the_end_when_its_time_has_come() -> None:
    fleet = five()
    fleet.alive["a"].end(LOST)
    assert fleet.states == ["reconnecting", "connecting", "connecting", "waiting", "waiting"]
    fleet.clock.advance(1)
    for name in "bc":
        fleet.alive[name].become_ready()
    assert fleet.states == ["waiting", "running", "running", "connecting", "connecting"]


def test_one_that_goes_down_on_its_way_up_keeps_its_place_until_it_is_gone() -> None:
    fleet = five()
    fleet.alive["a"].end(LOST, slowly=True)
    assert fleet.states[:3] == ["stopping", "connecting", "waiting"]
    fleet.alive["a"].finish()
    assert fleet.states[:3] == ["reconnecting", "connecting", "connecting"]


def test_one_that_is_stopped_while_it_waits_is_passed_over() -> None:
    fleet = five()
    fleet.fleet.units["c"].handle(ev.Stop())
    fleet.alive["a"].become_ready()
    assert fleet.states == ["running", "connecting", "stopped", "connecting", "waiting"]


def test_attempts_that_are_ready_at_once_pass_all_through_the_window() -> None:
    fleet = FleetInMemory(NAMES, start_window=1, told=lambda _name, attempt, _what: attempt.become_ready())
    fleet.fleet.start()
    assert fleet.states == ["running"] * 5
