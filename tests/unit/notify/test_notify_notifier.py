"""What a service manager is told of a fleet, and when."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.fleets import BACKOFF, PROBLEM, FleetInMemory, spec
from support.manager import manager
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import RestartPolicy
from wampsup.notify.channel import RETRY
from wampsup.notify.manager import Manager
from wampsup.notify.notifier import FEEDS, Notifier
from wampsup.notify.status import PAUSE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.manager import ManagerTwin
    from wampsup.model.spec import ComponentSpec

pytestmark = pytest.mark.usefixtures("logged_errors")

WATCHDOG = 20.0
NEVER = RestartPolicy(policy="never")
LATER = RestartPolicy(backoff=replace(BACKOFF, initial_delay=30.0))
STOPPING = "STOPPING=1\nEXTEND_TIMEOUT_USEC=68000000"


class Scene(FleetInMemory):
    """A fleet in memory, its notifier and its service manager."""

    def __init__(
        self, systemd: ManagerTwin, components: Sequence[ComponentSpec | str], watchdog: float | None = None
    ) -> None:
        super().__init__(components, start_window=10_000)
        self.systemd = systemd
        self.notifier = Notifier(Manager(address=systemd.where.encode(), watchdog=watchdog), self.fleet, self.clock)

    def begin(self) -> list[str]:
        """Start the fleet, and be ready; what the manager is told."""
        self.fleet.start()
        self.notifier.ready()
        return self.systemd.take()

    def after(self, seconds: float) -> list[str]:
        """What the manager is told within these seconds."""
        self.clock.advance(seconds)
        return self.systemd.take()

    def end(self) -> None:
        """End all at once: then nothing waits for anything."""
        self.fleet.shutdown(at_once=True)
        for attempt in self.alive.values():
            attempt.finish()
        self.notifier.close()
        assert self.clock.getDelayedCalls() == []


@contextmanager
def scene(*components: ComponentSpec | str, watchdog: float | None = None) -> Iterator[Scene]:
    with manager() as systemd:
        made = Scene(systemd, components, watchdog)
        yield made
        made.end()


def test_it_is_ready_while_its_components_are_still_on_their_way() -> None:
    with scene("clock", spec("legacy", autostart=False)) as edge:
        assert edge.systemd.take() == []
        assert edge.begin() == ["READY=1\nSTATUS=2 components: 1 stopped, 1 connecting"]


def test_the_status_changes_with_the_counts() -> None:
    with scene("clock", spec("sun", restart=LATER)) as edge:
        edge.begin()
        edge.alive["clock"].become_ready()
        assert edge.after(PAUSE) == ["STATUS=2 components: 1 running, 1 connecting"]
        edge.alive["sun"].end(out.Failed(problem=PROBLEM))
        assert edge.after(0) == []
        assert edge.after(PAUSE) == ["STATUS=2 components: 1 running, 1 backoff"]


def test_a_change_after_a_quiet_time_is_told_at_once() -> None:
    with scene("clock") as edge:
        edge.begin()
        assert edge.after(10 * PAUSE) == []
        edge.alive["clock"].become_ready()
        assert edge.after(0) == ["STATUS=1 component: 1 running"]


def test_counts_that_come_back_within_a_second_are_no_change() -> None:
    with scene("clock", spec("sun", restart=LATER)) as edge:
        edge.begin()
        edge.alive["clock"].become_ready()
        edge.alive["sun"].end(out.Failed(problem=PROBLEM))
        edge.fleet.command(edge.fleet.select(["sun"]), ev.Start())
        edge.alive["clock"].end(out.Lost(problem=PROBLEM))
        edge.fleet.command(edge.fleet.select(["clock"]), ev.Start())
        assert edge.states == ["connecting", "connecting"]
        assert edge.after(PAUSE) == []


def test_many_components_that_start_take_a_message_a_second() -> None:
    names = [f"c{number}" for number in range(2_000)]
    with scene(*names) as edge:
        edge.begin()
        told = []
        for number, name in enumerate(names):
            edge.attempts.made[name][-1].become_ready()
            if number % 20 == 0:
                told += edge.after(0.05)
        told += edge.after(PAUSE)
        assert len(told) <= 7
        assert told[-1] == "STATUS=2000 components: 2000 running"


def test_a_clock_that_is_set_back_delays_the_status_by_a_second_at_most() -> None:
    with scene("clock") as edge:
        edge.begin()
        edge.clock.rightNow -= 3600
        edge.alive["clock"].become_ready()
        assert edge.after(PAUSE) == ["STATUS=1 component: 1 running"]


def test_a_status_that_found_the_queue_full_is_told_later() -> None:
    with scene("clock") as edge:
        edge.begin()
        edge.alive["clock"].become_ready()
        edge.systemd.fill()
        edge.clock.advance(PAUSE)
        edge.systemd.take()
        assert edge.after(PAUSE) == ["STATUS=1 component: 1 running"]
        assert edge.after(10 * PAUSE) == []


def test_that_it_is_ready_reaches_a_manager_that_was_busy() -> None:
    with scene("clock") as edge:
        edge.systemd.fill()
        assert "READY=1\nSTATUS=1 component: 1 connecting" not in edge.begin()
        assert edge.after(RETRY) == ["READY=1\nSTATUS=1 component: 1 connecting"]


def test_a_reload_is_told_with_its_time_and_then_it_is_ready_again() -> None:
    with scene("clock") as edge:
        edge.begin()
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        with edge.notifier.reloading():
            (told,) = edge.systemd.take()
        kind, _, at = told.partition("\nMONOTONIC_USEC=")
        assert kind == "RELOADING=1"
        assert before <= int(at) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        assert edge.systemd.take() == ["READY=1\nSTATUS=1 component: 1 connecting"]


def test_after_a_reload_that_failed_it_is_ready_too() -> None:
    with scene("clock") as edge:
        edge.begin()
        with pytest.raises(ValueError, match="no such key"), edge.notifier.reloading():
            raise ValueError("no such key")
        assert edge.systemd.take()[1:] == ["READY=1\nSTATUS=1 component: 1 connecting"]


def test_the_end_is_told_once_and_how_long_it_may_take() -> None:
    with scene("clock") as edge:
        edge.begin()
        edge.notifier.stopping()
        edge.notifier.stopping()
        assert edge.systemd.take() == [STOPPING]


def test_an_end_that_may_take_for_ever_is_told_in_a_number_that_systemd_reads() -> None:
    with scene("clock") as edge:
        endless = replace(edge.fleet.spec, supervisor=replace(edge.fleet.spec.supervisor, stop_timeout=1e308))
        edge.fleet.reload(endless, {})
        edge.notifier.stopping()
        assert edge.systemd.take() == ["STOPPING=1\nEXTEND_TIMEOUT_USEC=1000000000000000"]


def test_a_fleet_that_ends_tells_how_it_is_and_is_never_ready_again() -> None:
    with scene("clock") as edge:
        edge.begin()
        edge.alive["clock"].become_ready()
        edge.after(PAUSE)
        with edge.notifier.reloading():
            edge.systemd.take()
            edge.notifier.stopping()
        with edge.notifier.reloading():
            pass
        edge.notifier.ready()
        assert edge.systemd.take() == [STOPPING]
        edge.fleet.shutdown()
        assert edge.after(PAUSE) == ["STATUS=1 component: 1 stopping"]


def test_an_end_before_it_is_ready_is_told_as_well() -> None:
    with scene("clock") as edge:
        edge.notifier.stopping()
        edge.notifier.ready()
        assert edge.systemd.take() == [STOPPING]


def test_a_fleet_that_ends_by_itself_says_so_when_its_components_begin_to_leave() -> None:
    with scene("clock", spec("dry", critical=True, restart=NEVER)) as edge:
        edge.begin()
        edge.alive["dry"].end(out.Failed(problem=PROBLEM))
        assert edge.states == ["stopping", "stopped"]
        assert edge.systemd.take() == [STOPPING]


def test_a_restart_of_a_critical_component_is_no_end() -> None:
    with scene(spec("clock", critical=True, restart=LATER)) as edge:
        edge.begin()
        edge.alive["clock"].end(out.Failed(problem=PROBLEM))
        assert edge.after(PAUSE) == ["STATUS=1 component: 1 backoff"]


def test_the_watchdog_is_fed_while_the_reactor_turns() -> None:
    with scene("clock", watchdog=WATCHDOG) as edge:
        assert edge.begin()[1:] == ["WATCHDOG=1"]
        for _ in range(3 * FEEDS):
            assert edge.after(WATCHDOG / FEEDS) == ["WATCHDOG=1"]
        edge.notifier.stopping()
        assert edge.after(WATCHDOG / FEEDS) == [STOPPING, "WATCHDOG=1"]


def test_where_nobody_watches_nothing_is_fed() -> None:
    with scene("clock") as edge:
        edge.begin()
        assert edge.after(3600) == []


def test_a_full_queue_does_not_end_the_feeding() -> None:
    with scene("clock", watchdog=WATCHDOG) as edge:
        edge.begin()
        edge.systemd.fill()
        edge.clock.advance(WATCHDOG / FEEDS)
        edge.systemd.take()
        assert edge.after(WATCHDOG / FEEDS) == ["WATCHDOG=1"]


def test_without_a_manager_nobody_watches_the_fleet_and_no_timer_runs() -> None:
    edge = FleetInMemory(["clock"])
    notifier = Notifier(Manager(), edge.fleet, edge.clock)
    edge.fleet.start()
    timers = len(edge.clock.getDelayedCalls())
    notifier.ready()
    with notifier.reloading():
        pass
    notifier.stopping()
    edge.alive["clock"].become_ready()
    assert len(edge.clock.getDelayedCalls()) <= timers
    notifier.close()


def test_a_manager_that_is_gone_disturbs_nobody() -> None:
    with scene("clock", watchdog=WATCHDOG) as edge:
        edge.systemd.close()
        edge.fleet.start()
        edge.notifier.ready()
        edge.alive["clock"].become_ready()
        edge.clock.advance(WATCHDOG)
        edge.notifier.stopping()
        assert edge.states == ["running"]
