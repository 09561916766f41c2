"""Who is blamed for a reactor that does not come back, and when: a ledger and a watchdog in memory."""

from __future__ import annotations

import faulthandler
import threading
from contextvars import Context
from typing import TYPE_CHECKING, Any, cast

import pytest
from twisted.internet.task import Clock

from wampsup.reactor.account import Account
from wampsup.reactor.aware import Aware
from wampsup.reactor.ledger import ENDLESS, OWN, Ledger
from wampsup.reactor.presence import Presence
from wampsup.reactor.scope import Scope, current
from wampsup.reactor.stall import Patience, Stall
from wampsup.reactor.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MS = 1_000_000


@pytest.fixture(autouse=True)
def nothing_ends_this_process() -> Iterator[None]:
    yield
    faulthandler.cancel_dump_traceback_later()


class ThreadedClock(Clock):
    """A clock that takes calls from other threads."""

    def callFromThread(self, function: Callable[..., object], *args: object) -> None:  # noqa: N802 - Twisted's name
        Clock.callLater(self, 0, function, *args)


class AwareClock(Aware, ThreadedClock):  # type: ignore[misc]  # as with the reactors
    """A reactor in memory."""


class Follower:
    """A fleet with these components; `told` holds what it was told."""

    def __init__(self, *accounts: Account) -> None:
        self._accounts = accounts
        self.told: list[tuple[str, Any]] = []

    def owns(self, account: Account) -> bool:
        return account in self._accounts

    def stalled(self, stall: Stall) -> None:
        self.told.append(("stalled", stall))

    def recovered(self, stall: Stall) -> None:
        self.told.append(("recovered", stall))

    def paused(self, account: Account, seconds: float) -> None:
        self.told.append(("paused", (account, seconds)))

    def gives_up(self, stall: Stall | None) -> None:
        self.told.append(("gives up", stall))

    def names(self) -> list[str]:
        """What it was told of stalls."""
        return [f"{what} {stall.account.name} {stall.seconds:.2f}" for what, stall in self.told if what != "paused"]


class Scene:
    """A watchdog whose thread looks when it should, on a clock of its own; a fleet of `feed` and `clock` follows."""

    def __init__(self, **patience: Any) -> None:
        self.now = 1_000 * MS
        self.busy = 0
        self.looks = 0
        self.wakes: int | None = None
        self.ended: list[int] = []
        self.ledger = Ledger()
        self.ledger.thread = threading.get_ident()
        self.reactor = AwareClock()
        self.feed, self.clock = Account("feed"), Account("clock")
        self.fleet = Follower(self.feed, self.clock)
        self.presence = Presence(lambda: self.now, lambda: self.busy)
        self.dog = Watchdog(self.ledger, self.presence, cast("Any", self._aside), self.ended.append)
        of = {getattr(self, name): seconds for name, seconds in patience.pop("of", {}).items()}
        self.leave = self.dog.follow(self.reactor, self.fleet, Patience(**{"usual": 0.25, **patience}, of=of))

    def _aside(self, work: Callable[..., object], *args: object) -> threading.Thread:
        if args and isinstance(args[0], threading.Event):  # the thread that looks
            self._watched = args[0]
            self.wakes = self.now
        else:
            work(*args)
        done = threading.Thread(target=lambda: None)
        done.start()
        return done

    def begins(self, account: Account) -> None:
        """An event."""
        self.ledger.account, self.ledger.began = account, self.now

    def passes(self, ms: float, *, alone: bool = False, stopped: bool = False) -> None:
        """So much time; `alone`: the reactor's thread lets no other run; `stopped`: nothing runs."""
        end = self.now + int(ms * MS)
        while not alone and not stopped and self.wakes is not None and self.wakes <= end:
            self.now = max(self.now, self.wakes)
            if self._watched.is_set():
                self.wakes = None
                break
            self.looks += 1
            self.wakes = self.now + self.dog.look()
        self.busy += 0 if stopped else end - self.now
        self.now = end

    def collects(self, ms: float) -> None:
        """The garbage collector takes so long, in the midst of whatever runs."""
        self.presence._collects("start", {})
        self.passes(ms, alone=True)
        self.presence._collects("stop", {})

    def ends(self, function: Callable[..., object] = print) -> None:
        """The event is over, as `Ledger.charge` tells it."""
        account, took = self.ledger.account, self.now - self.ledger.began
        assert account is not None
        self.ledger.account, self.ledger.began = None, 0
        if took > self.ledger.patience_ns:
            self.dog.late(account, took, function)
        self.reactor.advance(0)

    def event(self, account: Account, ms: float, **how: bool) -> None:
        self.begins(account)
        self.passes(ms, **how)
        self.ends()


def test_an_event_that_does_not_end_is_told_at_once_when_it_becomes_a_stall_and_again_when_it_is_over() -> None:
    scene = Scene()
    scene.passes(33)
    scene.begins(scene.feed)
    scene.passes(249)
    assert scene.fleet.told == []
    scene.passes(2)
    assert scene.fleet.names() == ["stalled feed 0.25"]
    scene.passes(749)
    scene.ends()
    assert scene.fleet.names() == ["stalled feed 0.25", "recovered feed 1.00"]
    assert all(stall.stack is not None for _, stall in scene.fleet.told)
    assert (scene.feed.stalls, scene.feed.longest_stall_ns) == (1, 1000 * MS)
    assert (scene.clock.stalls, OWN.stalls) == (0, 0)


def test_one_stall_after_the_other_is_told_each_time() -> None:
    scene = Scene()
    for _ in range(3):
        scene.event(scene.feed, 300)
        scene.event(scene.clock, 10)
    assert [what for what, _ in scene.fleet.told] == ["stalled", "recovered"] * 3
    assert (scene.feed.stalls, scene.feed.longest_stall_ns) == (3, 300 * MS)


def test_many_short_events_are_no_stall() -> None:
    scene = Scene()
    for _ in range(100):
        scene.event(scene.feed, 200)
    assert scene.fleet.told == []


def test_what_others_did_within_an_event_does_not_make_it_two_stalls() -> None:
    scene = Scene()
    scene.begins(scene.feed)
    scene.passes(400)
    scene.ledger.began += 100 * MS
    scene.passes(400)
    scene.ends()
    assert scene.fleet.names() == ["stalled feed 0.25", "recovered feed 0.70"]


def test_a_stall_that_lets_no_other_thread_run_is_told_when_it_is_over() -> None:
    scene = Scene()
    scene.passes(1000)
    scene.begins(scene.feed)
    scene.passes(1300, alone=True)
    scene.ends()
    assert scene.fleet.names() == ["recovered feed 1.30"]
    stall = scene.fleet.told[0][1]
    assert stall.alone
    assert stall.stack is None
    scene.event(scene.clock, 20)
    assert scene.clock.stalls == 0


def test_nobody_is_blamed_for_the_time_for_which_the_process_was_stopped() -> None:
    scene = Scene()
    scene.passes(1000)
    scene.begins(scene.feed)
    scene.passes(20)
    scene.passes(5000, stopped=True)
    scene.passes(20)
    scene.ends()
    scene.event(scene.clock, 30)
    assert [(what, account.name) for what, (account, _) in scene.fleet.told] == [("paused", "feed")]
    assert (scene.feed.stalls, scene.clock.stalls) == (0, 0)
    scene.begins(scene.feed)
    scene.passes(200)
    scene.passes(5000, stopped=True)
    scene.passes(200)
    scene.ends()
    assert scene.fleet.names() == ["stalled feed 0.25", "recovered feed 0.45"]  # one rest of the thread is not known


def test_where_the_process_was_stopped_while_it_rested_nothing_is_told() -> None:
    scene = Scene()
    scene.passes(100)
    scene.passes(5000, stopped=True)
    scene.passes(100)
    assert scene.fleet.told == []


def test_the_garbage_collector_is_not_blamed_on_whoever_it_came_upon() -> None:
    scene = Scene()
    scene.passes(100)
    scene.begins(scene.feed)
    scene.passes(20)
    scene.collects(1200)
    scene.passes(20)
    scene.ends()
    assert (scene.feed.stalls, scene.feed.longest_stall_ns) == (0, 0)
    assert [what for what, _ in scene.fleet.told] == ["recovered"]
    assert scene.fleet.told[0][1].words == "blocked the reactor for 1.20 s to collect garbage"
    scene.begins(scene.clock)
    scene.collects(100)
    scene.passes(300)
    scene.ends()
    assert scene.fleet.names()[1:] == ["stalled clock 0.25", "recovered clock 0.30"]


def test_the_supervisor_itself_is_blamed_for_what_is_nobodys() -> None:
    scene = Scene()
    before = OWN.stalls
    scene.event(OWN, 300)
    assert scene.fleet.names() == ["stalled None 0.25", "recovered None 0.30"]
    assert OWN.stalls == before + 1


def test_a_component_may_be_allowed_less_than_others() -> None:
    scene = Scene(of={"feed": 0.1})
    scene.event(scene.clock, 200)
    scene.event(scene.feed, 200)
    assert scene.fleet.names() == ["stalled feed 0.10", "recovered feed 0.20"]
    alone = Scene(usual=0.0, of={"feed": 0.1})
    alone.event(alone.clock, 2000)
    alone.event(alone.feed, 200)
    assert alone.fleet.names() == ["stalled feed 0.10", "recovered feed 0.20"]


def test_it_costs_a_few_looks_a_second_and_nothing_where_it_is_switched_off() -> None:
    scene = Scene()
    scene.passes(10_000)
    assert 150 <= scene.looks <= 170
    off = Scene(usual=0.0)
    assert off.wakes is None
    assert off.ledger.patience_ns == ENDLESS


def test_another_patience_counts_from_when_it_is_told() -> None:
    scene = Scene()
    scene.dog.become(scene.fleet, Patience(usual=1.0))
    scene.event(scene.feed, 900)
    assert scene.fleet.told == []
    scene.dog.become(scene.fleet, Patience())
    scene.passes(1000)
    assert scene.wakes is None
    scene.event(scene.feed, 9000)
    assert scene.fleet.told == []
    scene.dog.become(scene.fleet, Patience(usual=0.1))
    scene.event(scene.feed, 900)
    assert scene.fleet.names() == ["stalled feed 0.10", "recovered feed 0.90"]
    scene.leave()
    scene.event(scene.feed, 900)
    scene.dog.become(scene.fleet, Patience(usual=0.1))
    assert len(scene.fleet.told) == 2


def test_each_fleet_of_a_process_is_told_of_its_own_components() -> None:
    scene = Scene()
    other = Account("other")
    second = Follower(other)
    leave = scene.dog.follow(scene.reactor, second, Patience(usual=0.5))
    scene.event(other, 300)
    scene.event(scene.feed, 300)
    assert second.names() == ["stalled other 0.25", "recovered other 0.30"]
    assert scene.fleet.names() == ["stalled feed 0.25", "recovered feed 0.30"]
    scene.leave()
    scene.event(other, 400)
    assert len(second.told) == 2
    leave()
    assert scene.ledger.patience_ns == ENDLESS


def test_a_reactor_that_keeps_no_accounts_is_not_watched() -> None:
    scene = Scene(usual=0.0)
    scene.dog.follow(Clock(), Follower(), Patience(usual=0.1))
    assert scene.wakes is None


@pytest.mark.parametrize("way", ["in a context", "in the context that is current"])
def test_the_attempt_is_known_whose_event_it_was(way: str) -> None:
    scene = Scene()
    scope = Scope(scene.feed)
    context = Context()
    context.run(current.set, scope)
    scene.begins(scene.feed)
    scene.passes(300)
    if way == "in a context":
        scene.ends(context.run)
    else:
        context.run(scene.ends)
    assert scene.fleet.told[-1][1].scope is scope


def test_a_loop_that_is_stuck_beyond_all_bounds_ends_the_process_with_its_stack() -> None:
    scene = Scene(fatal=2.0)
    scene.begins(scene.feed)
    scene.passes(1990)
    assert scene.ended == []
    scene.passes(400)
    assert scene.ended[:1] == [7]
    assert scene.fleet.names()[:2] == ["stalled feed 0.25", "gives up feed 2.31"]
    scene.leave()


def test_a_loop_that_turns_or_was_stopped_is_not_stuck() -> None:
    scene = Scene(fatal=2.0)
    for _ in range(40):
        scene.event(scene.feed, 100)
        scene.reactor.advance(0.1)
    scene.passes(60_000, stopped=True)
    scene.passes(100)
    scene.reactor.advance(1)
    assert scene.ended == []
    scene.leave()
    scene.passes(60_000)
    assert scene.ended == []
    assert scene.reactor.getDelayedCalls() == []
