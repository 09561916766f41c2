"""How a fleet ends, how many of it begin at once, and what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.components import JOINED, NOW
from support.decisions import Decisions, group, members, one
from wampsup.core.lifecycle import IllegalEventError
from wampsup.core.notice import Closing, Do, Moved, Over
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.state import Desired, Stopped, Waiting
from wampsup.model.transition import Cause

if TYPE_CHECKING:
    from collections.abc import Callable

ALL_DONE: dict[str, Any] = {"exit_when": "all-done"}
ENDS = [Decisions.completes, Decisions.fatal]


def running(*components: object, **settings: object) -> Decisions:
    """A fleet of them, all running."""
    fleet = Decisions(*components, **settings)  # type: ignore[arg-type]  # as they are
    fleet.up()
    return fleet


# What a decision is.


def test_what_is_decided_comes_as_notices_with_the_components_before_and_after() -> None:
    fleet = Decisions(one("clock"))
    new = fleet.fleet.components["clock"]
    fleet.start()
    moved, admitted, begin = fleet.notices
    assert isinstance(moved, Moved)
    assert (moved.name, moved.before, moved.cause) == ("clock", new, Cause(event="start", by="autostart"))
    assert (moved.after.state, moved.after.desired) == (Waiting(since=NOW), Desired.UP)
    assert isinstance(admitted, Moved)
    assert admitted.cause == Cause(event="admitted")
    assert admitted.after == fleet.fleet.components["clock"]
    assert begin == Do(name="clock", effect=fx.Begin(attempt=1, transport=0))


def test_what_is_decided_at_the_end_of_an_attempt_comes_with_how_it_ended() -> None:
    fleet = running(one("clock"))
    fleet.completes("clock")
    causes = [notice.cause for notice in fleet.notices if isinstance(notice, Moved)]
    assert causes == [Cause(event="ended", outcome=out.Completed())]


def test_an_event_that_can_not_happen_is_an_error_and_changes_nothing() -> None:
    fleet = Decisions(one("clock"))
    before = dict(fleet.fleet.components)
    with pytest.raises(IllegalEventError):
        fleet.fleet.handle("clock", ev.Ready(attempt=1, joined=JOINED), NOW)
    assert fleet.fleet.components == before
    assert fleet.start() == ["clock begins"]


def test_names_that_the_fleet_does_not_have_are_passed_over() -> None:
    fleet = running(one("clock"))
    assert fleet.stop("nobody", "clock") == ["clock leaves"]
    assert fleet.wants("nobody") == []
    assert fleet.fleet.handle("nobody", ev.Due(), NOW) == []


def test_a_person_may_start_one_before_the_fleet_starts() -> None:
    fleet = Decisions(one("clock", autostart=False), one("db"))
    assert fleet.wants("clock") == ["clock begins"]
    assert fleet.start() == ["db begins"]


# The start window.


def test_no_more_begin_at_once_than_the_window_has_places() -> None:
    fleet = Decisions(*[one(name) for name in "abcde"], start_window=2)
    assert fleet.start() == ["a begins", "b begins"]
    assert fleet.waits_for("c") == ""
    assert fleet.ready("b") == ["c begins"]
    assert fleet.lost("a") == ["d begins"]
    assert fleet.fails("c") == ["e begins"]


def test_one_that_leaves_before_it_was_ready_keeps_its_place_until_it_has_left() -> None:
    fleet = Decisions(one("a"), one("b"), start_window=1)
    fleet.start()
    assert fleet.stop("a") == ["a leaves"]
    assert fleet.gone("a") == ["b begins"]


def test_one_that_is_held_takes_no_place_in_the_window() -> None:
    fleet = Decisions(one("db"), one("shop", requires="db"), one("clock"), one("till"), start_window=1)
    assert fleet.start() == ["db begins"]
    assert fleet.lost("db") == ["clock begins"]
    assert fleet.ready("clock") == ["till begins"]
    assert fleet.those("waiting") == "shop"
    assert fleet.due("db") == []
    assert fleet.ready("till") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]


def test_one_that_is_held_again_while_it_queues_lets_the_next_one_begin() -> None:
    fleet = Decisions(one("db"), one("slow"), one("shop", requires="db"), one("clock"), start_window=1)
    fleet.start()
    assert fleet.ready("db") == ["slow begins"]
    fleet.lost("db")
    assert fleet.ready("slow") == ["clock begins"]
    assert fleet.waits_for("shop") == "db"
    assert fleet.due("db") == []
    assert fleet.ready("clock") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]


def test_one_that_is_stopped_while_it_queues_or_is_held_never_begins() -> None:
    fleet = Decisions(one("a"), one("b"), one("c", after="a"), start_window=1)
    fleet.start()
    assert fleet.stop("b", "c") == []
    assert fleet.ready("a") == []
    assert fleet.states == {"a": "running", "b": "stopped", "c": "stopped"}


def test_who_comes_first_begins_first() -> None:
    fleet = Decisions(*[one(name, autostart=False) for name in "abc"], start_window=1)
    fleet.start()
    assert fleet.wants("c", "a") == ["c begins"]
    assert fleet.wants("b") == []
    assert fleet.ready("c") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]


# Shutdown.


def test_a_shutdown_goes_in_reverse_order_and_ends_when_the_last_one_has_left() -> None:
    fleet = running(one("db"), one("shop", requires="db"), one("till", after="shop"), one("clock"))
    assert sorted(fleet.shutdown()) == ["clock leaves", "till leaves"]
    assert fleet.gone("till") == ["shop leaves"]
    assert fleet.gone("shop") == ["db leaves"]
    assert fleet.gone("clock") == []
    assert fleet.gone("db") == ["over 0"]
    assert {component.stopped_by for component in fleet.fleet.components.values()} == {"shutdown"}


def test_a_fleet_of_which_nothing_runs_is_over_at_once() -> None:
    assert Decisions(one("a")).shutdown() == ["over 0"]
    fleet = running(one("a"), one("b"), one("c", requires="b"))
    fleet.lost("a")
    fleet.fatal("b")
    fleet.gone("c")
    assert fleet.shutdown() == ["over 0"]
    assert all(isinstance(fleet.state(name), Stopped) for name in "abc")


def test_nothing_starts_while_the_fleet_ends() -> None:
    fleet = running(one("db"), one("shop", requires="db"))
    fleet.shutdown()
    assert fleet.wants("shop", "db") == []
    assert fleet.restart("shop", "db") == []
    assert fleet.reload(one("clock")) == []
    assert fleet.start() == []
    assert fleet.gone("shop") == ["db leaves"]
    assert fleet.fails("db") == ["over 0"]


def test_a_second_shutdown_at_once_waits_for_nobody() -> None:
    fleet = running(one("db"), one("shop", requires="db"))
    assert fleet.shutdown() == ["shop leaves"]
    assert sorted(fleet.shutdown(at_once=True)) == ["db is cut off", "shop is cut off"]
    assert fleet.shutdown(at_once=True) == []
    fleet.gone("db")
    assert fleet.gone("shop") == ["over 0"]


def test_one_that_is_not_ready_yet_is_called_back_without_waiting_for_others() -> None:
    fleet = Decisions(one("db"), one("shop", requires="db"))
    fleet.start()
    assert fleet.shutdown() == ["db leaves"]
    assert fleet.gone("db") == ["over 0"]


def test_who_hangs_costs_its_own_time_and_those_beside_it_do_not_wait_for_it() -> None:
    fleet = running(one("a"), one("b"), one("c", after="b"))
    assert sorted(fleet.shutdown()) == ["a leaves", "c leaves"]
    assert fleet.due("c") == ["c is cut off"]
    assert fleet.due("a") == ["a is cut off"]
    assert fleet.gone("c") == ["b leaves"]


def test_a_shutdown_in_the_midst_of_a_group_restart_ends_it() -> None:
    fleet = running(*members("a b c"), groups=[group("one-for-all")])
    fleet.fails("b")
    assert fleet.shutdown() == []
    assert fleet.gone("c") == ["a leaves"]
    assert fleet.gone("a") == ["over 0"]


# Critical components.


@pytest.mark.parametrize(("end", "state"), [(Decisions.fails, "failed"), (Decisions.fatal, "fatal")])
def test_a_critical_component_that_ends_badly_ends_the_fleet_in_order(
    end: Callable[[Decisions, str], list[str]], state: str
) -> None:
    fleet = running(one("db"), one("shop", requires="db"), one("core", critical=True, restart="never"))
    assert end(fleet, "core") == ["core was critical", "shop leaves"]
    assert Closing(critical="core") in fleet.notices
    assert fleet.moves[0] == f"core: running -> {state} (ended)"
    assert fleet.gone("shop") == ["db leaves"]
    assert fleet.gone("db") == ["over 1"]
    assert fleet.notices[-1] == Over(exit_code=1)


def test_a_critical_component_that_ends_otherwise_ends_nothing() -> None:
    fleet = running(one("done", critical=True), one("stopped", critical=True), one("lost", critical=True))
    fleet.completes("done")
    fleet.stop("stopped")
    fleet.gone("stopped")
    fleet.lost("lost")
    assert fleet.fleet.exit_code is None


def test_a_critical_component_that_waits_for_something_that_failed_ends_nothing() -> None:
    fleet = running(one("db", restart="never"), one("shop", requires="db", critical=True))
    assert fleet.fails("db") == ["shop leaves"]
    fleet.gone("shop")
    assert fleet.fleet.exit_code is None


def test_a_critical_component_whose_group_gives_up_ends_the_fleet() -> None:
    fleet = running(*members("a b", critical=True), one("db"), groups=[group("one-for-one", max_restarts=0)])
    assert fleet.fails("a") == ["a was critical", "b leaves", "db leaves"]
    fleet.gone("b")
    assert fleet.gone("db") == ["over 1"]


def test_a_critical_component_that_fails_while_the_fleet_ends_does_not_change_how() -> None:
    fleet = running(one("core", critical=True, restart="never"))
    fleet.shutdown()
    assert fleet.fails("core") == ["over 0"]


# The end of all.


def test_when_all_is_done_the_fleet_ends_if_it_is_to() -> None:
    fleet = running(one("a"), one("b"), **ALL_DONE)
    assert fleet.completes("a") == []
    assert fleet.completes("b") == ["all is done", "over 0"]
    assert fleet.notices[-1] == Over(exit_code=0)


def test_without_that_setting_it_goes_on() -> None:
    fleet = running(one("a"))
    assert fleet.completes("a") == []
    assert fleet.wants("a") == ["a begins"]


@pytest.mark.parametrize(("end", "state"), [(Decisions.fails, "failed"), (Decisions.fatal, "fatal")])
def test_all_is_done_when_some_have_failed_and_that_is_told(
    end: Callable[[Decisions, str], list[str]], state: str
) -> None:
    fleet = running(one("a", restart="never"), one("b"), **ALL_DONE)
    assert end(fleet, "a") == []
    assert fleet.states["a"] == state
    assert fleet.completes("b") == ["all is done a", "over 1"]
    assert fleet.states == {"a": "stopped", "b": "stopped"}


def test_all_is_done_when_what_a_component_waits_for_has_failed() -> None:
    fleet = running(one("db"), one("shop", requires="db"), one("till", after="shop", requires="shop"), **ALL_DONE)
    assert fleet.fatal("db") == ["till leaves"]
    assert fleet.gone("till") == ["shop leaves"]
    assert fleet.gone("shop") == ["all is done db (shop waits) (till waits)", "over 1"]


def test_all_is_not_done_while_one_leaves_backs_off_or_queues() -> None:
    fleet = running(one("a"), one("b"), **ALL_DONE)
    fleet.completes("a")
    fleet.fails("b")
    fleet.due("b")
    fleet.ready("b")
    fleet.going("b")
    assert fleet.completes("b") == ["all is done", "over 0"]


def test_those_that_a_person_stopped_are_done() -> None:
    fleet = running(one("a"), one("b"), **ALL_DONE)
    fleet.stop("a")
    fleet.gone("a")
    assert fleet.completes("b") == ["all is done", "over 0"]


def test_a_fleet_in_which_nothing_starts_is_done_at_once_and_not_before_it_starts() -> None:
    fleet = Decisions(one("a", autostart=False), **ALL_DONE)
    assert fleet.stop("a") == []
    assert fleet.start() == ["all is done", "over 0"]


def test_a_fleet_without_components_is_done_at_once() -> None:
    assert Decisions(**ALL_DONE).start() == ["all is done", "over 0"]
