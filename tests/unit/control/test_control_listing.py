"""Lists of components: kept for as long as nothing changes, true at any moment, and made in slices."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import CancelledError, Deferred

from support.fleets import FleetInMemory
from support.listed import Counts, fresh, listed
from wampsup.control.listing import LONG, SLICE, Listing
from wampsup.control.twin import FleetTwin
from wampsup.model.state import Desired, Kind, LastError, Problem
from wampsup.reactor.meter import meter

if TYPE_CHECKING:
    from support.reactor import Run
    from wampsup.runtime.unit import Unit


class Scene:
    """A fleet in memory of which `clock` and `kettle` run, and its list."""

    def __init__(self) -> None:
        world = FleetInMemory(["clock", "kettle"])
        world.fleet.start()
        for attempt in world.alive.values():
            attempt.become_ready()
        self.fleet = world.fleet
        self.clock = world.clock
        self.listing = Listing(self.fleet, self.clock.seconds, turn=Deferred)

    @property
    def units(self) -> list[Unit]:
        return list(self.fleet.units.values())

    def look(self) -> bytes:
        """The list, which is the true one."""
        told = listed(self.listing, self.units)
        assert told == fresh(self.units, self.clock.seconds())
        return told


class Slices:
    """A list of five of which each takes a slice of the reactor's time, and the turns that it has to wait for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turns: list[Deferred[None]] = []
        self.made: list[Any] = []
        self.fleet = FleetTwin(["a", "b", "c", "d", "e"], 0.0)
        listing = Listing(self.fleet, self._seconds, self._turn)
        self.making = Deferred.fromCoroutine(listing.of(self.fleet.units.values()))
        self.making.addBoth(self.made.append)

    def _seconds(self) -> float:
        self.now += SLICE * 0.75
        return self.now

    def _turn(self) -> Deferred[None]:
        self.turns.append(Deferred())
        return self.turns[-1]


def test_a_list_of_nobody_is_empty() -> None:
    assert listed(Scene().listing, []) == b'{"components":[]}'


def test_what_has_not_changed_is_not_written_again() -> None:
    scene = Scene()
    kept = scene.listing._kept

    def written() -> dict[str, tuple[bytes, ...]]:
        version, units = scene.fleet.version, scene.fleet.units
        return {name: one.written(units[name], version, 0.0, meter.moment) for name, one in kept.items()}

    scene.look()
    before = written()
    scene.look()
    for name, again in written().items():
        assert all(part is other for part, other in zip(before[name], again, strict=True))


def test_a_message_counts_in_the_very_next_list() -> None:
    scene, counts = Scene(), Counts()
    scene.units[0].account.count(counts)
    scene.look()
    counts._serialized_messages += 1
    assert b'"messages_out":1' in scene.look()
    scene.units[0].account.count(Counts(_unserialized_messages=3))
    assert b'"messages_in":3,"messages_out":1' in scene.look()


def test_a_stall_is_told_where_there_is_nothing_else_to_tell() -> None:
    scene = Scene()
    scene.look()
    scene.units[0].account.stalls, scene.units[0].account.longest_stall_ns = 1, 10**9
    assert b"has blocked the reactor once, for 1.00 s" in scene.look()
    scene.units[0].account.longest_stall_ns = 2 * 10**9
    assert b"has blocked the reactor once, for 2.00 s" in scene.look()
    scene.units[0].account.stalls, scene.units[0].account.stalled_at = 2, "feed.py:31 in on_price"
    assert b"has blocked the reactor 2 times, for 2.00 s at most, last at feed.py:31 in on_price" in scene.look()


def test_shares_of_time_are_those_of_the_latest_second(run: Run) -> None:
    def look_while_time_passes() -> list[Any]:
        scene = Scene()
        shares = []
        meter.begin()
        for used in (0, 0, 10**15, 0, 0):
            scene.units[0].account.in_10 += used
            shares.append(json.loads(scene.look())["components"][0]["busy_percent"])
            meter.tick()
        return shares

    first, *_, later, latest = run(look_while_time_passes)
    assert first in {None, 0.0}  # another test may have let the meter tick before
    assert later != latest  # the same work, in another time, however long ticks have been counted


def test_what_the_file_says_of_it_may_change_alone() -> None:
    fleet = FleetTwin(["a"], 0.0)
    listing = Listing(fleet, lambda: 0.0, turn=Deferred)
    unit = fleet.units["a"]
    listed(listing, [unit])
    unit.spec = replace(unit.spec, group="tills")
    assert b'"group":"tills"' in listed(listing, [unit])


def test_who_is_gone_is_not_kept() -> None:
    fleet = FleetTwin(["a", "b", "c"], 0.0)
    listing = Listing(fleet, lambda: 0.0, turn=Deferred)
    listed(listing, fleet.units.values())
    fleet.replace(["b", "d"], 0.0)
    assert listed(listing, fleet.units.values()) == fresh(fleet.units.values(), 0.0)
    listed(listing, fleet.units.values())
    assert listing._kept.keys() == {"b", "d"}


def test_a_long_list_is_made_in_slices() -> None:
    slices = Slices()
    assert (len(slices.turns), slices.made) == (1, [])
    for turn in slices.turns:  # which grow meanwhile
        turn.callback(None)
    assert len(slices.turns) > 1
    assert [one["name"] for one in json.loads(slices.made[0])["components"]] == ["a", "b", "c", "d", "e"]


def test_each_slice_shows_what_is_then() -> None:
    slices = Slices()
    slices.fleet.put("a", desired=Desired.UP)
    slices.fleet.put("e", desired=Desired.UP)
    for turn in slices.turns:
        turn.callback(None)
    first, *_, last = json.loads(slices.made[0])["components"]
    assert (first["desired"], last["desired"]) == ("down", "up")


def test_a_list_that_nobody_waits_for_any_more_is_not_made() -> None:
    slices = Slices()
    slices.making.cancel()
    assert len(slices.turns) == 1
    with pytest.raises(CancelledError):
        slices.made[0].raiseException()


class LongLists:
    """Lists of so many that they take some slices each; `ended` are those that are made, by their numbers."""

    def __init__(self, count: int) -> None:
        self.now = 0.0
        self.turns: list[Deferred[None]] = []
        self.ended: list[int] = []
        self.fleet = FleetTwin([f"c{number}" for number in range(LONG)], 0.0)
        self.listing = Listing(self.fleet, self._seconds, self._turn)
        self.making = [self._begin(number) for number in range(count)]

    def _begin(self, number: int) -> Deferred[None]:
        making = Deferred.fromCoroutine(self.listing.of(self.fleet.units.values()))
        return making.addCallback(lambda _made: self.ended.append(number))

    def _seconds(self) -> float:
        self.now += SLICE / LONG * 2
        return self.now

    def _turn(self) -> Deferred[None]:
        self.turns.append(Deferred())
        return self.turns[-1]


def test_long_lists_are_made_one_after_the_other_and_short_ones_meanwhile() -> None:
    lists = LongLists(2)
    while not lists.ended:
        assert [one.called for one in lists.turns[-2:]].count(False) == 1
        one = [lists.fleet.units["c1"]]
        assert listed(lists.listing, one) == fresh(one, 0.0)
        lists.turns[-1].callback(None)
    assert lists.ended == [0]


def test_who_hangs_up_lets_the_next_long_list_be_made() -> None:
    lists = LongLists(3)
    for gone in (lists.making[1], lists.making[0]):
        gone.addErrback(lambda failure: failure.trap(CancelledError))
        gone.cancel()
    assert [one.called for one in lists.turns] == [True, False]


def test_a_list_for_strangers_has_no_tracebacks() -> None:
    fleet = FleetTwin(["a"], 0.0)
    problem = Problem(kind=Kind.MAIN, type="ValueError", message="dry", traceback="Traceback ...")
    fleet.put("a", last_error=LastError(problem=problem, at=0.0))
    told = [listed(Listing(fleet, lambda: 0.0, Deferred, traceback=one), fleet.units.values()) for one in (True, False)]
    errors = [json.loads(one)["components"][0]["last_error"] for one in told]
    assert [error["traceback"] for error in errors] == ["Traceback ...", None]
    assert [error["message"] for error in errors] == ["dry", "dry"]
