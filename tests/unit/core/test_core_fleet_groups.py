"""Groups in a fleet: who is restarted together, what counts, and when a group gives up, as in OTP's supervisors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.decisions import Decisions, group, members, one
from wampsup.core.explain import MOST_TOLD

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import Strategy


def three(strategy: Strategy, **limits: float) -> Decisions:
    """A group of `a`, `b` and `c`, all running."""
    fleet = Decisions(*members("a b c"), groups=[group(strategy, **limits)])  # type: ignore[arg-type]  # both are numbers
    fleet.up()
    return fleet


def leave_all(fleet: Decisions, *names: str) -> list[str]:
    """Those who were told to leave have left, one after the other; what the last one's end led to."""
    told: list[str] = []
    for name in names:
        told = fleet.gone(name)
    return told


# The strategies.


def test_one_for_one_restarts_the_one_that_failed_and_nobody_else() -> None:
    fleet = three("one-for-one")
    assert fleet.fails("b") == []
    assert fleet.states == {"a": "running", "b": "backoff", "c": "running"}
    assert fleet.due("b") == ["b begins"]


def test_one_for_one_keeps_no_order() -> None:
    assert Decisions(*members("a b c"), groups=[group("one-for-one")]).start() == ["a begins", "b begins", "c begins"]


@pytest.mark.parametrize("strategy", ["one-for-all", "rest-for-one"])
def test_the_others_start_in_the_order_of_the_file(strategy: Strategy) -> None:
    fleet = Decisions(*members("a b c"), groups=[group(strategy)])
    assert fleet.start() == ["a begins"]
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


@pytest.mark.parametrize("strategy", ["one-for-all", "rest-for-one"])
def test_and_leave_in_the_reverse_order(strategy: Strategy) -> None:
    fleet = three(strategy)
    assert fleet.stop("a", "b", "c") == ["c leaves"]
    assert fleet.gone("c") == ["b leaves"]
    assert fleet.gone("b") == ["a leaves"]


def test_one_for_all_lets_all_others_leave_in_reverse_order_and_all_start_again_in_order() -> None:
    fleet = three("one-for-all")
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.moves == [
        "b: running -> backoff (ended)",
        "c: running -> stopping (hold by group:tills)",
    ]
    assert fleet.gone("c") == ["a leaves"]
    assert fleet.gone("a") == []
    assert fleet.states == {"a": "waiting", "b": "backoff", "c": "waiting"}
    assert "group:tills" in fleet.waits_for("a")
    assert fleet.due("b") == ["a begins"]
    assert fleet.waits_for("b") == "a"
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]
    assert fleet.ready("c") == []


def test_nobody_starts_before_all_have_left_however_long_the_failed_one_has_waited() -> None:
    fleet = three("one-for-all")
    fleet.fails("b")
    fleet.gone("c")
    assert fleet.due("b") == []
    assert fleet.waits_for("b") == "a group:tills"
    assert fleet.gone("a") == ["a begins"]


def test_of_thousands_that_one_waits_for_the_nearest_are_told() -> None:
    names = [f"c{number}" for number in range(1000)]
    fleet = Decisions(*members(" ".join(names)), groups=[group("rest-for-one")])
    fleet.start()
    told = fleet.waits_for("c999").split()
    assert told == [f"c{number}" for number in range(998, 998 - MOST_TOLD, -1)]


def test_rest_for_one_restarts_the_failed_one_and_those_behind_it() -> None:
    fleet = three("rest-for-one")
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.states == {"a": "running", "b": "backoff", "c": "stopping"}
    assert fleet.gone("c") == []
    assert fleet.due("b") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


def test_rest_for_one_with_the_last_one_disturbs_nobody() -> None:
    fleet = three("rest-for-one")
    assert fleet.fails("c") == []
    assert fleet.states == {"a": "running", "b": "running", "c": "backoff"}


def test_rest_for_one_with_the_first_one_is_a_restart_of_all() -> None:
    fleet = three("rest-for-one")
    assert fleet.fails("a") == ["c leaves"]
    assert fleet.gone("c") == ["b leaves"]
    assert fleet.gone("b") == []
    assert fleet.due("a") == ["a begins"]


def test_another_group_and_those_in_none_are_not_touched() -> None:
    fleet = Decisions(
        *members("a b"),
        *members("x y", group="others"),
        one("alone"),
        groups=[group("one-for-all"), group("one-for-all", name="others")],
    )
    fleet.up()
    assert fleet.fails("a") == ["b leaves"]
    assert fleet.those("running") == "x y alone"


# What is an automatic restart, and what is not.


@pytest.mark.parametrize("strategy", ["one-for-all", "rest-for-one"])
def test_a_lost_connection_restarts_nobody_else(strategy: Strategy) -> None:
    fleet = three(strategy)
    assert fleet.lost("a") == []
    assert fleet.states == {"a": "reconnecting", "b": "running", "c": "running"}
    assert fleet.due("a") == ["a begins"]


@pytest.mark.parametrize("strategy", ["one-for-all", "rest-for-one"])
def test_a_restart_by_a_person_restarts_nobody_else(strategy: Strategy) -> None:
    fleet = three(strategy)
    assert fleet.restart("a") == ["a leaves"]
    assert fleet.gone("a") == ["a begins"]
    assert fleet.those("running") == "b c"


@pytest.mark.parametrize("strategy", ["one-for-all", "rest-for-one"])
@pytest.mark.parametrize(("end", "state"), [(Decisions.completes, "completed"), (Decisions.fatal, "fatal")])
def test_one_that_is_not_restarted_restarts_nobody(
    end: Callable[[Decisions, str], list[str]], state: str, strategy: Strategy
) -> None:
    fleet = three(strategy)
    assert end(fleet, "a") == []
    assert fleet.states == {"a": state, "b": "running", "c": "running"}


def test_a_member_that_is_never_restarted_may_fail_alone() -> None:
    fleet = Decisions(*members("a"), *members("b", restart="never"), groups=[group("one-for-all")])
    fleet.up()
    assert fleet.fails("b") == []
    assert fleet.states == {"a": "running", "b": "failed"}


def test_a_member_that_is_always_restarted_takes_the_others_along_when_it_completes() -> None:
    fleet = Decisions(*members("a"), *members("b", restart="always"), groups=[group("one-for-all")])
    fleet.up()
    assert fleet.completes("b") == ["a leaves"]


def test_a_member_that_has_spent_its_own_restarts_fails_alone() -> None:
    fleet = Decisions(*members("a"), *members("b", max_restarts=0), groups=[group("one-for-all")])
    fleet.up()
    assert fleet.fails("b") == []
    assert fleet.states == {"a": "running", "b": "failed"}


# Members that do not run.


def test_a_member_that_is_never_restarted_is_stopped_with_the_others_and_stays_so() -> None:
    fleet = Decisions(*members("a"), *members("b", restart="never"), *members("c"), groups=[group("one-for-all")])
    fleet.up()
    assert fleet.fails("a") == ["c leaves"]
    assert fleet.gone("c") == ["b leaves"]
    fleet.gone("b")
    assert fleet.fleet.components["b"].stopped_by == "group:tills"
    assert fleet.due("a") == ["a begins"]
    assert fleet.ready("a") == ["c begins"]
    assert fleet.states == {"a": "running", "b": "stopped", "c": "connecting"}


def test_a_member_that_is_never_restarted_and_has_still_to_start_starts_with_the_others() -> None:
    fleet = Decisions(*members("a"), *members("b", restart="never"), groups=[group("one-for-all")])
    fleet.start()
    assert fleet.fails("a") == []
    assert fleet.due("a") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]


def test_a_member_that_a_person_stopped_stays_stopped() -> None:
    fleet = three("one-for-all")
    fleet.stop("b")
    fleet.gone("b")
    assert fleet.fails("c") == ["a leaves"]
    fleet.gone("a")
    assert fleet.due("c") == ["a begins"]
    assert fleet.ready("a") == ["c begins"]
    assert fleet.states == {"a": "running", "b": "stopped", "c": "connecting"}


def test_a_member_that_only_a_person_starts_again_stays_where_it_is() -> None:
    fleet = three("one-for-all")
    fleet.fatal("a")
    assert fleet.fails("b") == ["c leaves"]
    fleet.gone("c")
    assert fleet.due("b") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]
    assert fleet.states["a"] == "fatal"


def test_a_member_that_has_completed_starts_again_with_its_group() -> None:
    fleet = three("one-for-all")
    fleet.completes("a")
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.states["a"] == "waiting"
    fleet.gone("c")
    assert fleet.due("b") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


def test_a_completed_member_before_the_one_that_failed_is_none_of_the_rest() -> None:
    fleet = three("rest-for-one")
    fleet.completes("a")
    fleet.completes("c")
    assert fleet.fails("b") == []
    assert fleet.states == {"a": "completed", "b": "backoff", "c": "waiting"}


def test_a_temporary_member_that_has_completed_is_not_started_again() -> None:
    fleet = Decisions(*members("a"), *members("b", restart="never"), groups=[group("one-for-all")])
    fleet.up()
    fleet.completes("b")
    assert fleet.fails("a") == []
    assert fleet.states == {"a": "backoff", "b": "completed"}


def test_a_member_that_reconnects_begins_anew_with_the_others() -> None:
    fleet = three("one-for-all")
    fleet.lost("c")
    assert fleet.fails("b") == ["a leaves"]
    assert fleet.states == {"a": "stopping", "b": "backoff", "c": "waiting"}
    fleet.gone("a")
    assert fleet.due("b") == ["a begins"]


def test_a_member_that_is_still_connecting_is_called_back() -> None:
    fleet = Decisions(*members("a b"), groups=[group("one-for-all")])
    fleet.start()
    fleet.ready("a")
    assert fleet.fails("a") == ["b leaves"]
    fleet.gone("b")
    assert fleet.due("a") == ["a begins"]


def test_members_that_have_not_begun_wait_for_the_restart_without_leaving() -> None:
    fleet = Decisions(*members("a b c"), groups=[group("one-for-all")])
    fleet.start()
    assert fleet.fails("a") == []
    assert fleet.due("a") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]


@pytest.mark.parametrize("off", ["stopped", "fatal", "never started"])
def test_those_around_a_member_that_is_not_there_keep_their_order(off: str) -> None:
    a, b, c = members("a b c")
    fleet = Decisions(a, replace(b, autostart=off != "never started"), c, groups=[group("one-for-all")])
    assert fleet.start() == ["a begins"]
    begun = fleet.ready("a")
    if off == "stopped":
        begun = fleet.stop("b")[1:]
        assert fleet.gone("b") == []
    elif off == "fatal":
        begun = fleet.fatal("b")
    assert begun == ["c begins"]
    fleet.ready("c")
    assert fleet.fails("c") == ["a leaves"]
    fleet.due("c")
    assert fleet.gone("a") == ["a begins"]
    assert fleet.waits_for("c") == "a"
    assert fleet.ready("a") == ["c begins"]


# Several failures.


def test_those_who_crash_at_the_same_time_are_one_restart() -> None:
    fleet = three("one-for-all", max_restarts=1)
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.fails("a") == []
    assert fleet.fails("c") == []
    assert fleet.states == {"a": "waiting", "b": "backoff", "c": "backoff"}
    assert fleet.due("b") == []
    assert fleet.due("c") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


def test_one_that_crashes_while_it_waits_to_leave_belongs_to_the_same_restart() -> None:
    fleet = three("one-for-all", max_restarts=1)
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.fails("a") == []
    assert fleet.states == {"a": "waiting", "b": "backoff", "c": "stopping"}
    fleet.gone("c")
    assert fleet.due("b") == ["a begins"]


def test_a_failure_while_the_group_starts_again_is_another_restart() -> None:
    fleet = three("one-for-all", max_restarts=1)
    fleet.fails("b")
    leave_all(fleet, "c", "a")
    assert fleet.due("b") == ["a begins"]
    assert fleet.fails("a") == []
    assert fleet.those("failed") == "a b c"


def test_a_failure_before_the_part_that_restarts_makes_it_a_restart_of_more() -> None:
    fleet = three("rest-for-one")
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.fails("a") == []
    assert fleet.states == {"a": "backoff", "b": "waiting", "c": "stopping"}
    fleet.gone("c")
    assert fleet.due("a") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


# Commands in the midst of a restart.


def test_a_member_that_a_person_stops_while_the_group_clears_stays_stopped_and_the_others_start() -> None:
    fleet = three("one-for-all")
    fleet.fails("b")
    fleet.gone("c")
    assert fleet.stop("a") == []
    fleet.due("b")
    assert fleet.gone("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]
    assert fleet.states["a"] == "stopped"


def test_a_person_who_stops_the_one_that_failed_lets_the_others_start_again() -> None:
    fleet = three("one-for-all")
    fleet.fails("b")
    fleet.gone("c")
    fleet.stop("b")
    assert fleet.gone("a") == ["a begins"]
    assert fleet.ready("a") == ["c begins"]
    assert fleet.states == {"a": "running", "b": "stopped", "c": "connecting"}


def test_a_person_who_starts_the_one_that_failed_ends_its_backoff_and_nothing_else() -> None:
    fleet = three("one-for-all")
    fleet.fails("b")
    assert fleet.wants("b") == []
    assert fleet.gone("c") == ["a leaves"]
    assert fleet.gone("a") == ["a begins"]


def test_a_person_who_starts_a_member_that_is_to_leave_does_not_break_the_restart() -> None:
    fleet = three("one-for-all")
    fleet.fails("b")
    assert fleet.wants("a", "c") == []
    assert fleet.gone("c") == ["a leaves"]
    fleet.due("b")
    assert fleet.gone("a") == ["a begins"]


# The end of a group.


def spent(strategy: Strategy = "one-for-all") -> Decisions:
    """A group of `a`, `b` and `c` that had its only restart."""
    fleet = three(strategy, max_restarts=1)
    fleet.fails("c")
    leave_all(fleet, *(["b", "a"] if strategy == "one-for-all" else []))
    fleet.due("c")
    fleet.all_ready()
    assert fleet.those("running") == "a b c"
    return fleet


@pytest.mark.parametrize("strategy", ["one-for-one", "one-for-all", "rest-for-one"])
def test_a_group_that_has_no_restart_left_ends_as_failed(strategy: Strategy) -> None:
    fleet = three(strategy, max_restarts=0)
    left = fleet.fails("b")
    while left:
        left = fleet.gone(left[0].split()[0]) + left[1:]
    assert fleet.those("failed") == "a b c"
    assert {one.given_up_with for one in fleet.fleet.components.values()} == {"tills"}
    assert all(one.due is None for one in fleet.fleet.components.values())


def test_its_members_leave_in_reverse_order() -> None:
    fleet = three("one-for-all", max_restarts=0)
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.moves == ["b: running -> failed (ended)", "c: running -> stopping (give-up by group:tills)"]
    assert fleet.gone("c") == ["a leaves"]
    assert fleet.gone("a") == []


def test_a_restart_of_each_member_counts_for_the_group() -> None:
    fleet = three("one-for-one", max_restarts=2)
    for name in ("a", "b"):
        fleet.fails(name)
        fleet.due(name)
        fleet.ready(name)
    assert sorted(fleet.fails("c")) == ["a leaves", "b leaves"]
    assert fleet.those("failed") == "c"


def test_restarts_older_than_the_window_do_not_count() -> None:
    fleet = three("one-for-one", max_restarts=1, window=10)
    fleet.fails("a")
    fleet.due("a")
    fleet.ready("a")
    fleet.now += 9
    fleet.fails("a")
    assert fleet.states["a"] == "backoff"
    fleet.due("a")
    fleet.ready("a")
    fleet.now += 7
    fleet.fails("a")
    assert fleet.states["a"] == "failed"


def test_those_who_had_ended_or_were_stopped_stay_as_they_are_when_their_group_gives_up() -> None:
    fleet = Decisions(*members("a b c d"), groups=[group("one-for-one", max_restarts=0)])
    fleet.up()
    fleet.completes("a")
    fleet.stop("b")
    fleet.gone("b")
    assert fleet.fails("c") == ["d leaves"]
    fleet.gone("d")
    assert fleet.states == {"a": "completed", "b": "stopped", "c": "failed", "d": "failed"}


def test_a_start_of_a_member_forgives_the_group() -> None:
    fleet = spent()
    fleet.wants("a")
    assert fleet.fails("c") != []
    assert fleet.states["c"] == "backoff"


def test_a_restart_of_a_member_forgives_the_group_and_a_stop_does_not() -> None:
    fleet = spent("one-for-one")
    fleet.stop("a")
    fleet.gone("a")
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.states["b"] == "failed"
    fleet = spent("one-for-one")
    fleet.restart("a")
    fleet.gone("a")
    fleet.fails("b")
    assert fleet.states["b"] == "backoff"


def test_a_person_who_starts_the_group_that_gave_up_starts_all_of_it_in_order() -> None:
    fleet = three("one-for-all", max_restarts=0)
    fleet.fails("a")
    leave_all(fleet, "c", "b")
    assert fleet.wants("a", "b", "c") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


def test_a_start_of_a_member_while_its_group_gives_up_is_the_last_word_for_it() -> None:
    fleet = three("one-for-all", max_restarts=0)
    fleet.fails("b")
    fleet.wants("c")
    assert fleet.gone("c") == ["a leaves", "c begins"]
    fleet.gone("a")
    assert fleet.states == {"a": "failed", "b": "failed", "c": "connecting"}


def test_those_outside_that_require_a_member_wait_when_the_group_gives_up() -> None:
    fleet = Decisions(*members("a b"), one("outside", requires="b"), groups=[group("one-for-all", max_restarts=0)])
    fleet.up()
    assert fleet.fails("a") == ["outside leaves"]
    assert fleet.gone("outside") == ["b leaves"]
    fleet.gone("b")
    assert fleet.states == {"a": "failed", "b": "failed", "outside": "waiting"}
    fleet.wants("a", "b")
    fleet.ready("a")
    assert fleet.ready("b") == ["outside begins"]


# Groups and dependencies.


def test_a_restart_of_the_group_disturbs_nobody_outside_that_requires_a_member() -> None:
    fleet = Decisions(*members("a b"), one("outside", requires="b"), groups=[group("one-for-all")])
    fleet.up()
    assert fleet.fails("a") == ["b leaves"]
    assert fleet.gone("b") == []
    assert fleet.due("a") == ["a begins"]
    assert fleet.states["outside"] == "running"


def test_a_member_that_is_never_restarted_is_missed_by_those_outside_that_require_it() -> None:
    fleet = Decisions(
        *members("a"), *members("b", restart="never"), one("outside", requires="b"), groups=[group("one-for-all")]
    )
    fleet.up()
    assert fleet.fails("a") == ["outside leaves"]
    assert fleet.gone("outside") == ["b leaves"]
    fleet.gone("b")
    assert fleet.due("a") == ["a begins"]
    assert fleet.states == {"a": "connecting", "b": "stopped", "outside": "waiting"}


def test_a_group_starts_again_without_a_member_that_waits_for_something_down() -> None:
    fleet = Decisions(
        one("db"), *members("a"), *members("b", requires="db"), *members("c"), groups=[group("one-for-all")]
    )
    fleet.up()
    fleet.fatal("db")
    fleet.gone("b")
    assert fleet.fails("a") == ["c leaves"]
    fleet.gone("c")
    assert fleet.due("a") == ["a begins"]
    assert fleet.ready("a") == ["c begins"]
    assert fleet.waits_for("b") == "db"


def test_a_bond_that_breaks_while_the_group_clears_does_not_hold_up_the_others() -> None:
    fleet = Decisions(
        one("db"), *members("a"), *members("b", requires="db"), *members("c"), groups=[group("one-for-all")]
    )
    fleet.up()
    assert fleet.fails("c") == ["b leaves"]
    assert fleet.fatal("db") == []
    assert fleet.gone("b") == ["a leaves"]
    fleet.gone("a")
    assert fleet.due("c") == ["a begins"]
    assert fleet.ready("a") == ["c begins"]
    assert fleet.states["b"] == "waiting"
