"""A fleet that becomes another one: who is touched, and who is not."""

from __future__ import annotations

from dataclasses import replace

from support.decisions import Decisions, group, members, one
from wampsup.core.notice import Forgotten

A, B, C = one("a"), one("b"), one("c")


def running(*components: object, **settings: object) -> Decisions:
    """A fleet of them, all running."""
    fleet = Decisions(*components, **settings)  # type: ignore[arg-type]  # as they are
    fleet.up()
    return fleet


# Added, removed, restarted, updated.


def test_the_same_file_touches_nobody() -> None:
    fleet = running(A, B, one("c", requires="a"))
    assert fleet.reload(A, B, one("c", requires="a")) == []
    assert fleet.notices == []


def test_one_that_is_added_starts_and_nobody_else_notices() -> None:
    fleet = running(A)
    assert fleet.reload(A, B) == ["b begins"]
    assert fleet.moves[0] == "b: stopped -> waiting (start by reload)"
    assert fleet.states == {"a": "running", "b": "connecting"}


def test_one_that_is_added_without_autostart_does_not_start() -> None:
    fleet = running(A)
    assert fleet.reload(A, one("b", autostart=False)) == []
    assert fleet.states == {"a": "running", "b": "stopped"}


def test_one_that_is_added_before_the_fleet_starts_starts_with_it() -> None:
    fleet = Decisions(A)
    assert fleet.reload(A, B) == []
    assert fleet.start() == ["a begins", "b begins"]


def test_one_that_is_removed_leaves_and_is_forgotten() -> None:
    fleet = running(A, B)
    assert fleet.reload(A) == ["b leaves"]
    assert fleet.states == {"a": "running", "b": "stopping"}
    assert fleet.fleet.components["b"].stopped_by == "reload"
    assert fleet.gone("b") == ["b is forgotten"]
    assert fleet.notices[-1] == Forgotten(name="b")
    assert fleet.states == {"a": "running"}
    assert fleet.fleet.waits_for("b") == {}


def test_one_that_is_removed_and_does_not_run_is_forgotten_at_once() -> None:
    fleet = running(A, B, C, one("d", autostart=False))
    fleet.lost("a")
    fleet.completes("b")
    told = fleet.reload(C)
    assert sorted(told) == ["a is forgotten", "b is forgotten", "d is forgotten"]


def test_those_that_are_removed_leave_in_reverse_order() -> None:
    fleet = running(A, one("b", requires="a"), C)
    assert fleet.reload(C) == ["b leaves"]
    assert fleet.gone("b") == ["b is forgotten", "a leaves"]
    assert fleet.gone("a") == ["a is forgotten"]


def test_one_that_is_removed_leaves_after_those_that_depended_on_it() -> None:
    fleet = running(A, one("b", requires="a"))
    assert fleet.reload(B) == ["a leaves"]
    assert fleet.states["b"] == "running"


def test_one_that_is_removed_and_crashes_while_it_leaves_is_forgotten() -> None:
    fleet = running(A, B)
    fleet.reload(A)
    assert fleet.fails("b") == ["b is forgotten"]


def test_one_that_is_restarted_gets_a_new_attempt() -> None:
    fleet = running(A, B)
    assert fleet.reload(replace(A, realm="other"), B, restarted=["a"]) == ["a leaves"]
    assert fleet.moves == ["a: running -> stopping (restart by reload)"]
    assert fleet.gone("a") == ["a begins"]
    assert fleet.states["b"] == "running"


def test_a_restart_of_one_that_others_require_disturbs_nobody() -> None:
    fleet = running(A, one("b", requires="a"))
    assert fleet.reload(replace(A, realm="other"), one("b", requires="a"), restarted=["a"]) == ["a leaves"]
    assert fleet.gone("a") == ["a begins"]
    assert fleet.states["b"] == "running"


def test_one_that_is_not_wanted_is_not_started_by_its_change() -> None:
    fleet = running(A, B)
    fleet.stop("a")
    fleet.gone("a")
    assert fleet.reload(replace(A, realm="other"), B, restarted=["a"]) == []
    assert fleet.states["a"] == "stopped"


def test_one_that_ended_is_started_again_when_what_it_is_made_of_has_changed() -> None:
    fleet = running(A, B)
    fleet.fatal("a")
    assert fleet.reload(replace(A, realm="other"), B, restarted=["a"]) == ["a begins"]


def test_another_policy_restarts_nothing_and_counts_from_then_on() -> None:
    fleet = running(A, B)
    assert fleet.reload(one("a", max_restarts=0), B) == []
    assert fleet.notices == []
    fleet.fails("a")
    assert fleet.states["a"] == "failed"


def test_a_persons_stop_survives() -> None:
    fleet = running(A, B)
    fleet.stop("a")
    fleet.gone("a")
    assert fleet.reload(one("a", max_restarts=0), B, C) == ["c begins"]
    assert fleet.states["a"] == "stopped"


# Autostart.


def test_one_that_is_to_start_by_itself_from_now_on_starts() -> None:
    fleet = running(one("a", autostart=False), B)
    assert fleet.reload(A, B) == ["a begins"]


def test_one_that_is_not_to_start_by_itself_any_more_goes_on() -> None:
    fleet = running(A, B)
    assert fleet.reload(one("a", autostart=False), B) == []
    assert fleet.states["a"] == "running"


def test_one_that_a_person_stopped_does_not_start_when_it_is_to_start_by_itself() -> None:
    fleet = running(one("a", autostart=False), B)
    fleet.stop("a")
    assert fleet.reload(A, B) == []
    assert fleet.states["a"] == "stopped"


# Removed, and added again.


def test_one_that_comes_back_while_it_leaves_starts_anew() -> None:
    fleet = running(A, B)
    fleet.reload(A)
    assert fleet.reload(A, B) == []
    assert fleet.gone("b") == ["b begins"]
    assert fleet.states == {"a": "running", "b": "connecting"}


def test_one_that_comes_back_while_it_waits_to_leave_starts_anew_as_well() -> None:
    fleet = running(A, one("b", requires="a"))
    assert fleet.reload() == ["b leaves"]
    assert fleet.reload(A) == []
    assert fleet.fleet.components["a"].desired == "up"
    assert fleet.gone("b") == ["b is forgotten", "a leaves"]
    assert fleet.gone("a") == ["a begins"]


def test_those_that_come_back_together_start_anew_in_order() -> None:
    fleet = running(A, one("b", requires="a"))
    fleet.reload()
    assert fleet.reload(A, one("b", requires="a")) == []
    assert fleet.gone("b") == ["a leaves"]
    assert fleet.waits_for("b") == "a"
    assert fleet.gone("a") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]


def test_one_that_comes_back_without_autostart_stops() -> None:
    fleet = running(A, one("b", requires="a"))
    fleet.reload()
    fleet.reload(one("a", autostart=False))
    assert fleet.gone("b") == ["b is forgotten", "a leaves"]
    assert fleet.gone("a") == []
    assert fleet.states == {"a": "stopped"}


def test_one_that_is_removed_is_not_started_by_a_person_any_more() -> None:
    fleet = running(A, one("b", requires="a"), C)
    fleet.lost("a")
    assert fleet.reload(C) == ["b leaves", "a is forgotten"]
    assert fleet.wants("b") == []
    assert fleet.restart("b") == []
    assert fleet.stop("b", at_once=True) == ["b is cut off"]
    assert fleet.reload(C, one("d", requires="c")) == ["d begins"]
    assert fleet.gone("b") == ["b is forgotten"]


def test_one_that_comes_back_with_another_session_while_it_leaves_starts_anew() -> None:
    fleet = running(A, B)
    fleet.reload(A)
    assert fleet.reload(A, replace(B, realm="other"), restarted=[]) == []
    assert fleet.gone("b") == ["b begins"]


def test_one_that_comes_back_while_a_person_has_stopped_it_stays_stopped() -> None:
    fleet = running(A, B)
    fleet.stop("b")
    fleet.reload(A)
    assert fleet.reload(A, B) == []
    fleet.gone("b")
    assert fleet.states == {"a": "running", "b": "stopped"}


# Dependencies.


def test_one_that_requires_something_down_from_now_on_leaves_and_waits() -> None:
    fleet = running(A, B)
    fleet.fatal("a")
    assert fleet.reload(A, one("b", requires="a")) == ["b leaves"]
    assert fleet.moves == ["b: running -> stopping (hold by requires:a)"]
    fleet.gone("b")
    assert fleet.waits_for("b") == "a"


def test_one_that_requires_something_that_runs_from_now_on_is_not_touched_and_bound() -> None:
    fleet = running(A, B)
    assert fleet.reload(A, one("b", requires="a")) == []
    assert fleet.stop("a") == ["b leaves"]
    assert fleet.gone("b") == ["a leaves"]


def test_one_that_requires_something_from_now_on_that_has_still_to_start_is_not_touched() -> None:
    fleet = running(B)
    assert fleet.reload(A, one("b", requires="a")) == ["a begins"]
    assert fleet.states["b"] == "running"


def test_one_that_requires_nothing_any_more_starts() -> None:
    fleet = running(A, one("b", requires="a"))
    fleet.fatal("a")
    fleet.gone("b")
    assert fleet.reload(A, B) == ["b begins"]


def test_one_that_was_to_leave_stays_when_it_does_not_require_that_any_more() -> None:
    fleet = running(A, one("b", requires="a"), one("c", requires="b"))
    fleet.fatal("a")
    assert fleet.reload(A, B, one("c", requires="b")) == []
    assert fleet.gone("c") == ["c begins"]
    assert fleet.states["b"] == "running"


def test_one_that_waits_for_its_turn_waits_for_another_one_when_the_order_changes() -> None:
    fleet = Decisions(A, B, one("c", after="a"))
    fleet.start()
    fleet.ready("a")
    fleet.lost("c")
    assert fleet.reload(A, B, one("c", after="b")) == []
    assert fleet.due("c") == []
    assert fleet.waits_for("c") == "b"
    assert fleet.ready("b") == ["c begins"]


def test_what_is_removed_is_not_waited_for() -> None:
    fleet = Decisions(A, one("b", after="a"), one("c", requires="a"))
    fleet.start()
    assert sorted(fleet.reload(B, C)) == ["a leaves", "b begins", "c begins"]


def test_the_other_way_round() -> None:
    fleet = running(A, one("b", requires="a"))
    assert fleet.stop("a") == ["b leaves"]
    assert fleet.reload(one("a", requires="b"), B) == ["a leaves"]
    assert fleet.gone("b") == ["b begins"]


def test_a_changed_window_lets_more_begin() -> None:
    fleet = Decisions(A, B, C, start_window=1)
    assert fleet.start() == ["a begins"]
    assert fleet.reload(A, B, C, start_window=3) == ["b begins", "c begins"]


def test_a_fleet_that_is_to_end_when_all_is_done_from_now_on_ends() -> None:
    fleet = running(A)
    fleet.completes("a")
    assert fleet.reload(A, exit_when="all-done") == ["all is done", "over 0"]


def test_a_reload_of_a_fleet_that_is_done_but_for_what_is_added_goes_on() -> None:
    fleet = running(A)
    fleet.completes("a")
    assert fleet.reload(A, B, exit_when="all-done") == ["b begins"]


# Groups.


def test_a_member_that_is_added_in_the_midst_of_a_restart_starts_with_the_others() -> None:
    strict = [group("one-for-all")]
    fleet = running(*members("a b"), groups=strict)
    fleet.fails("b")
    assert fleet.reload(*members("a x b"), groups=strict) == []
    fleet.due("b")
    assert fleet.gone("a") == ["a begins"]
    assert fleet.ready("a") == ["x begins"]
    assert fleet.ready("x") == ["b begins"]


def test_a_member_that_is_removed_in_the_midst_of_a_restart_does_not_hold_up_the_others() -> None:
    strict = [group("one-for-all")]
    fleet = running(*members("a b c"), groups=strict)
    assert fleet.fails("b") == ["c leaves"]
    assert fleet.reload(*members("a c"), groups=strict) == ["b is forgotten"]
    assert fleet.gone("c") == ["a leaves"]
    assert fleet.gone("a") == ["a begins"]
    assert fleet.ready("a") == ["c begins"]


def test_the_last_member_that_has_to_clear_may_be_removed() -> None:
    strict = [group("one-for-all")]
    fleet = running(*members("a b"), groups=strict)
    fleet.fails("b")
    fleet.gone("a")
    assert fleet.waits_for("a") == "group:tills"
    assert fleet.reload(*members("a"), groups=strict) == ["b is forgotten", "a begins"]


def test_a_group_that_is_removed_in_the_midst_of_a_restart_lets_all_start() -> None:
    fleet = running(*members("a b"), groups=[group("one-for-all")])
    fleet.fails("b")
    fleet.gone("a")
    assert fleet.reload(A, B) == ["a begins"]
    assert fleet.due("b") == ["b begins"]


def test_another_strategy_counts_from_the_next_failure_on() -> None:
    fleet = running(*members("a b"), groups=[group("one-for-one")])
    assert fleet.reload(*members("a b"), groups=[group("one-for-all")]) == []
    assert fleet.fails("b") == ["a leaves"]


def test_the_restarts_of_a_group_count_on_under_another_limit() -> None:
    fleet = running(*members("a b"), groups=[group("one-for-one", max_restarts=5)])
    fleet.fails("a")
    fleet.due("a")
    fleet.all_ready()
    assert fleet.reload(*members("a b"), groups=[group("one-for-one", max_restarts=1)]) == []
    assert fleet.fails("a") == ["b leaves"]
    assert fleet.states["a"] == "failed"


def test_a_component_that_joins_a_group_is_restarted_with_it_from_then_on() -> None:
    strict = [group("one-for-all")]
    fleet = running(*members("a"), B, groups=strict)
    assert fleet.reload(*members("a b"), groups=strict) == []
    assert fleet.fails("a") == ["b leaves"]


def test_a_component_that_leaves_a_group_that_gives_up_is_not_touched_by_that_any_more() -> None:
    strict = [group("one-for-all", max_restarts=0)]
    fleet = running(*members("a b"), groups=strict)
    assert fleet.reload(*members("a"), B, groups=strict) == []
    assert fleet.fails("a") == []
    assert fleet.states == {"a": "failed", "b": "running"}


def test_one_that_waits_is_removed_together_with_what_it_waited_for() -> None:
    fleet = Decisions(one("shop", after="a", requires="db"), one("db", autostart=False), A)
    fleet.start()
    fleet.lost("a")
    assert fleet.those("waiting") == "shop"
    gone = ["a is forgotten", "db is forgotten", "shop is forgotten"]  # it still waited when the others were no more
    assert [told for told in fleet.reload(one("new")) if told in gone] == gone
