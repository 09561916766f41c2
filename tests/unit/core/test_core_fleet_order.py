"""Dependencies in a fleet: who starts after whom, who leaves before whom, who waits, and who is not disturbed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.decisions import Decisions, one

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import ComponentSpec


def shop() -> Decisions:
    """A shop that requires a database, all running."""
    fleet = Decisions(one("db"), one("shop", requires="db"))
    fleet.up()
    return fleet


def chain() -> Decisions:
    """`c` requires `b`, which requires `a`; all run."""
    fleet = Decisions(one("a"), one("b", requires="a"), one("c", requires="b"))
    fleet.up()
    return fleet


def diamond() -> Decisions:
    """`top` requires `left` and `right`, which require `base`; all run."""
    fleet = Decisions(
        one("base"),
        one("left", requires="base"),
        one("right", requires="base"),
        one("top", requires="left right"),
    )
    fleet.up()
    return fleet


def gives_up(fleet: Decisions, name: str) -> list[str]:
    """It fails for good."""
    for _ in range(5):
        assert fleet.fails(name) == []
        assert fleet.due(name) == [f"{name} begins"]
        fleet.ready(name)
    return fleet.fails(name)


def stops_and_leaves(fleet: Decisions, name: str) -> list[str]:
    """A person stops it, and all that leaves before it does so."""
    leaving = fleet.stop(name)
    while leaving != [f"{name} leaves"]:
        leaving = fleet.gone(leaving[0].split()[0]) + leaving[1:]
    return fleet.gone(name)


# Who starts when.


@pytest.mark.parametrize("second", [one("shop", after="db"), one("shop", requires="db")])
def test_one_starts_when_the_other_runs_and_not_when_it_only_begins(second: ComponentSpec) -> None:
    fleet = Decisions(second, one("db"))
    assert fleet.start() == ["db begins"]
    assert (fleet.those("waiting"), fleet.waits_for("shop")) == ("shop", "db")
    assert fleet.going("db") == []
    assert fleet.lost("db") == []
    assert fleet.due("db") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]
    assert fleet.waits_for("shop") == ""


def test_what_does_not_depend_on_each_other_starts_at_once() -> None:
    fleet = Decisions(one("db"), one("shop", requires="db"), one("till", after="db"), one("clock"))
    assert fleet.start() == ["db begins", "clock begins"]
    assert fleet.ready("db") == ["shop begins", "till begins"]


def test_one_with_several_before_it_waits_for_all_of_them() -> None:
    fleet = Decisions(one("a"), one("b"), one("c", after="a", requires="b"))
    assert fleet.start() == ["a begins", "b begins"]
    assert fleet.waits_for("c") == "a b"
    assert fleet.ready("a") == []
    assert fleet.waits_for("c") == "b"
    assert fleet.ready("b") == ["c begins"]


def test_every_move_of_a_start_has_its_cause() -> None:
    fleet = Decisions(one("db"), one("shop", requires="db"))
    fleet.start()
    assert fleet.moves == [
        "db: stopped -> waiting (start by autostart)",
        "shop: stopped -> waiting (start by autostart)",
        "db: waiting -> connecting (admitted)",
    ]
    fleet.ready("db")
    assert fleet.moves == ["db: connecting -> running (ready)", "shop: waiting -> connecting (admitted)"]


def test_a_person_who_starts_one_alone_does_not_start_what_it_requires() -> None:
    fleet = Decisions(one("db", autostart=False), one("shop", requires="db"))
    assert fleet.start() == []
    assert (fleet.states, fleet.waits_for("shop")) == ({"db": "stopped", "shop": "waiting"}, "db")
    assert fleet.wants("shop") == []
    assert fleet.wants("db") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]


# `after` is order and nothing more.


def test_one_does_not_wait_for_another_that_nobody_starts_and_that_it_is_only_after() -> None:
    fleet = Decisions(one("db", autostart=False), one("shop", after="db"))
    assert fleet.start() == ["shop begins"]


@pytest.mark.parametrize("end", [Decisions.completes, Decisions.fatal])
def test_one_that_is_only_after_another_starts_when_that_has_ended(end: Callable[[Decisions, str], list[str]]) -> None:
    fleet = Decisions(one("db"), one("shop", after="db"))
    fleet.start()
    assert end(fleet, "db") == ["shop begins"]


def test_one_that_is_only_after_another_starts_when_a_person_stops_that() -> None:
    fleet = Decisions(one("db"), one("shop", after="db"))
    fleet.start()
    assert fleet.stop("db") == ["db leaves", "shop begins"]


def test_one_that_is_only_after_another_does_not_wait_for_what_that_waits_for_in_vain() -> None:
    fleet = Decisions(one("disk", autostart=False), one("db", requires="disk"), one("shop", after="db"))
    assert fleet.start() == ["shop begins"]
    assert fleet.states == {"disk": "stopped", "db": "waiting", "shop": "connecting"}


def test_the_end_of_another_leaves_one_alone_that_is_only_after_it() -> None:
    fleet = Decisions(one("db"), one("shop", after="db"))
    fleet.up()
    assert fleet.fatal("db") == []
    assert fleet.states == {"db": "fatal", "shop": "running"}


def test_one_that_starts_anew_waits_for_another_on_its_way_up_that_it_is_only_after() -> None:
    fleet = Decisions(one("db"), one("shop", after="db"))
    fleet.up()
    fleet.lost("db")
    assert fleet.restart("shop") == ["shop leaves"]
    assert fleet.gone("shop") == []
    assert fleet.waits_for("shop") == "db"
    assert fleet.due("db") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]


# What disturbs nobody.


def test_a_lost_connection_of_what_it_requires_disturbs_nobody_who_runs() -> None:
    fleet = shop()
    assert fleet.lost("db") == []
    assert fleet.states == {"db": "reconnecting", "shop": "running"}
    assert fleet.due("db") == ["db begins"]
    assert fleet.ready("db") == []
    assert fleet.states == {"db": "running", "shop": "running"}


def test_a_failure_with_restarts_left_of_what_it_requires_disturbs_nobody_who_runs() -> None:
    fleet = shop()
    assert fleet.fails("db") == []
    assert fleet.due("db") == ["db begins"]
    assert fleet.ready("db") == []
    assert fleet.those("running") == "db shop"


def test_a_restart_of_what_it_requires_disturbs_nobody() -> None:
    fleet = shop()
    assert fleet.restart("db") == ["db leaves"]
    assert fleet.gone("db") == ["db begins"]
    assert fleet.ready("db") == []
    assert fleet.states == {"db": "running", "shop": "running"}


def test_one_that_starts_anew_while_what_it_requires_reconnects_waits_for_it() -> None:
    fleet = shop()
    fleet.lost("db")
    fleet.lost("shop")
    assert fleet.due("db") == ["db begins"]
    assert fleet.due("shop") == []
    assert (fleet.those("waiting"), fleet.waits_for("shop")) == ("shop", "db")
    assert fleet.ready("db") == ["shop begins"]


def test_one_that_is_about_to_begin_goes_on_when_what_it_requires_loses_its_connection() -> None:
    fleet = Decisions(one("db"), one("shop", requires="db"))
    fleet.start()
    fleet.ready("db")
    assert fleet.lost("db") == []
    assert fleet.ready("shop") == []
    assert fleet.states == {"db": "reconnecting", "shop": "running"}


# A bond: what it requires is gone.


@pytest.mark.parametrize(
    ("end", "state"), [(Decisions.completes, "completed"), (Decisions.fatal, "fatal"), (gives_up, "failed")]
)
def test_one_leaves_and_waits_when_what_it_requires_has_ended_and_comes_back_with_it(
    end: Callable[[Decisions, str], list[str]], state: str
) -> None:
    fleet = shop()
    assert end(fleet, "db") == ["shop leaves"]
    assert fleet.moves[-1] == "shop: running -> stopping (hold by requires:db)"
    assert fleet.gone("shop") == []
    assert fleet.states == {"db": state, "shop": "waiting"}
    assert fleet.waits_for("shop") == "db"
    assert fleet.wants("db") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]


def test_one_leaves_before_what_it_requires_when_a_person_stops_that_and_comes_back_with_it() -> None:
    fleet = shop()
    assert fleet.stop("db") == ["shop leaves"]
    assert fleet.states == {"db": "running", "shop": "stopping"}
    assert fleet.waits_for("db") == "shop"
    assert fleet.gone("shop") == ["db leaves"]
    assert fleet.states == {"db": "stopping", "shop": "waiting"}
    assert fleet.gone("db") == []
    assert fleet.states == {"db": "stopped", "shop": "waiting"}
    assert fleet.wants("db") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]


def test_every_move_of_such_a_stop_has_its_cause() -> None:
    fleet = shop()
    fleet.stop("db")
    assert fleet.moves == [
        "shop: running -> stopping (hold by requires:db)",
        "db: running -> running (stop by person)",
    ]
    fleet.gone("shop")
    assert fleet.moves == ["shop: stopping -> waiting (ended)", "db: running -> stopping (stop by person)"]


def test_a_stop_at_once_waits_for_nobody_and_the_others_leave_all_the_same() -> None:
    fleet = shop()
    assert fleet.stop("db", at_once=True) == ["shop leaves", "db is cut off"]
    assert fleet.states == {"db": "stopping", "shop": "stopping"}


def test_a_stop_at_once_overtakes_one_that_waits() -> None:
    fleet = shop()
    fleet.stop("db")
    assert fleet.stop("db", at_once=True) == ["db is cut off"]
    assert fleet.waits_for("db") == ""
    assert fleet.gone("db") == []
    assert fleet.gone("shop") == []
    assert fleet.states == {"db": "stopped", "shop": "waiting"}


def test_one_that_is_still_connecting_is_called_back_when_what_it_requires_ends() -> None:
    fleet = Decisions(one("db"), one("shop", requires="db"))
    fleet.start()
    fleet.ready("db")
    assert fleet.fatal("db") == ["shop leaves"]
    assert fleet.gone("shop") == []
    assert fleet.those("waiting") == "shop"


@pytest.mark.parametrize(("loses", "was"), [(Decisions.lost, "reconnecting"), (Decisions.fails, "backoff")])
def test_one_that_would_try_again_waits_instead_when_what_it_requires_has_ended(
    loses: Callable[[Decisions, str], list[str]], was: str
) -> None:
    fleet = shop()
    loses(fleet, "shop")
    assert fleet.fatal("db") == []
    assert fleet.moves[-1] == f"shop: {was} -> waiting (hold by requires:db)"
    assert fleet.waits_for("shop") == "db"


@pytest.mark.parametrize("loses", [Decisions.lost, Decisions.fails])
def test_one_that_loses_its_connection_or_fails_while_it_leaves_to_wait_waits(
    loses: Callable[[Decisions, str], list[str]],
) -> None:
    fleet = shop()
    fleet.fatal("db")
    assert loses(fleet, "shop") == []
    assert (fleet.those("waiting"), fleet.waits_for("shop")) == ("shop", "db")


def test_a_person_who_starts_or_restarts_one_that_waits_for_something_down_gets_no_attempt() -> None:
    fleet = shop()
    fleet.fatal("db")
    fleet.gone("shop")
    assert fleet.wants("shop") == []
    assert fleet.restart("shop") == []
    assert fleet.those("waiting") == "shop"


def test_one_that_a_person_stopped_does_not_come_back_with_what_it_requires() -> None:
    fleet = shop()
    fleet.fatal("db")
    fleet.gone("shop")
    fleet.stop("shop")
    assert fleet.wants("db") == ["db begins"]
    assert fleet.ready("db") == []
    assert fleet.states == {"db": "running", "shop": "stopped"}


def test_a_person_who_stops_one_while_it_leaves_to_wait_stops_it() -> None:
    fleet = shop()
    fleet.fatal("db")
    assert fleet.stop("shop") == []
    assert fleet.gone("shop") == []
    assert fleet.states == {"db": "fatal", "shop": "stopped"}


def test_one_that_completed_does_not_start_again_with_what_it_requires() -> None:
    fleet = shop()
    fleet.completes("shop")
    fleet.restart("db")
    fleet.gone("db")
    assert fleet.ready("db") == []
    stops_and_leaves(fleet, "db")
    fleet.wants("db")
    assert fleet.ready("db") == []
    assert fleet.states == {"db": "running", "shop": "completed"}


# Starting again what was to go.


def test_a_start_before_the_others_have_left_lets_it_go_on_and_those_who_left_come_back() -> None:
    fleet = shop()
    fleet.stop("db")
    assert fleet.wants("db") == []
    assert fleet.states == {"db": "running", "shop": "stopping"}
    assert fleet.moves == ["db: running -> running (start by person)"]
    assert fleet.gone("shop") == ["shop begins"]


def test_a_start_while_others_still_wait_to_leave_lets_them_go_on_as_well() -> None:
    fleet = chain()
    assert fleet.stop("a") == ["c leaves"]
    assert fleet.wants("a") == []
    assert fleet.states == {"a": "running", "b": "running", "c": "stopping"}
    assert fleet.gone("c") == ["c begins"]
    assert (fleet.waits_for("a"), fleet.waits_for("b")) == ("", "")


def test_a_start_of_what_has_ended_before_the_others_have_left_brings_all_of_them_back() -> None:
    fleet = chain()
    assert fleet.fatal("a") == ["c leaves"]
    assert fleet.wants("a") == ["a begins"]
    assert fleet.states == {"a": "connecting", "b": "running", "c": "stopping"}
    assert fleet.gone("c") == ["c begins"]  # `b` runs, and never had to leave
    assert fleet.ready("a") == []


def test_a_start_while_it_leaves_is_a_new_attempt_and_the_others_wait_for_that() -> None:
    fleet = shop()
    fleet.stop("db")
    fleet.gone("shop")
    assert fleet.wants("db") == []
    assert fleet.gone("db") == ["db begins"]
    assert fleet.waits_for("shop") == "db"
    assert fleet.ready("db") == ["shop begins"]


def test_a_restart_of_one_that_was_to_stop_is_a_restart_and_the_others_come_back() -> None:
    fleet = shop()
    fleet.stop("db")
    assert fleet.restart("db") == []  # it waits for the shop, which is on its way down
    assert fleet.gone("shop") == ["db leaves"]
    assert fleet.gone("db") == ["db begins"]
    assert fleet.ready("db") == ["shop begins"]


# Chains and diamonds.


def test_a_chain_leaves_from_its_end_and_comes_back_from_its_beginning() -> None:
    fleet = chain()
    assert fleet.stop("a") == ["c leaves"]
    assert fleet.gone("c") == ["b leaves"]
    assert fleet.gone("b") == ["a leaves"]
    assert fleet.gone("a") == []
    assert fleet.states == {"a": "stopped", "b": "waiting", "c": "waiting"}
    assert (fleet.waits_for("b"), fleet.waits_for("c")) == ("a", "b")
    assert fleet.wants("a") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


def test_a_diamond_leaves_side_by_side_between_its_ends_and_comes_back_so() -> None:
    fleet = diamond()
    assert fleet.fatal("base") == ["top leaves"]
    assert sorted(fleet.gone("top")) == ["left leaves", "right leaves"]
    assert fleet.gone("right") == []
    assert fleet.gone("left") == []
    assert fleet.those("waiting") == "left right top"
    assert fleet.wants("base") == ["base begins"]
    assert sorted(fleet.ready("base")) == ["left begins", "right begins"]
    assert fleet.ready("left") == []
    assert fleet.waits_for("top") == "right"
    assert fleet.ready("right") == ["top begins"]


def test_one_side_of_a_diamond_does_not_touch_the_other() -> None:
    fleet = diamond()
    assert fleet.stop("left") == ["top leaves"]
    assert fleet.gone("top") == ["left leaves"]
    assert fleet.gone("left") == []
    assert fleet.states == {"base": "running", "left": "stopped", "right": "running", "top": "waiting"}


def test_one_comes_back_only_when_nothing_that_it_requires_is_missing() -> None:
    fleet = diamond()
    stops_and_leaves(fleet, "left")
    stops_and_leaves(fleet, "right")
    fleet.wants("left")
    assert fleet.ready("left") == []
    assert fleet.waits_for("top") == "right"
    fleet.wants("right")
    assert fleet.ready("right") == ["top begins"]


def test_who_is_told_to_stop_together_leaves_in_reverse_order_and_stays_stopped() -> None:
    fleet = chain()
    assert fleet.stop("a", "b", "c") == ["c leaves"]
    assert fleet.gone("c") == ["b leaves"]
    assert fleet.gone("b") == ["a leaves"]
    assert fleet.gone("a") == []
    assert fleet.those("stopped") == "a b c"


def test_those_that_are_only_after_it_need_not_leave_before_it_unless_they_leave_as_well() -> None:
    fleet = Decisions(one("db"), one("shop", after="db"))
    fleet.up()
    assert fleet.stop("db") == ["db leaves"]
    fleet.gone("db")
    fleet.wants("db")
    fleet.ready("db")
    assert fleet.stop("db", "shop") == ["shop leaves"]
    assert fleet.gone("shop") == ["db leaves"]


def test_a_restart_of_all_goes_down_from_the_end_and_up_from_the_beginning() -> None:
    fleet = chain()
    assert fleet.restart("a", "b", "c") == ["c leaves"]
    assert fleet.gone("c") == ["b leaves"]
    assert fleet.gone("b") == ["a leaves"]
    assert fleet.gone("a") == ["a begins"]
    assert fleet.ready("a") == ["b begins"]
    assert fleet.ready("b") == ["c begins"]


def test_one_that_crashes_while_it_waits_to_leave_keeps_nobody_waiting() -> None:
    fleet = chain()
    fleet.stop("a")
    assert fleet.fails("b") == ["a leaves"]
    assert fleet.states == {"a": "stopping", "b": "waiting", "c": "stopping"}


def test_a_person_who_starts_one_that_is_to_leave_does_not_make_it_run_without_what_it_requires() -> None:
    fleet = chain()
    fleet.stop("a")
    assert fleet.wants("b") == []
    assert fleet.gone("c") == ["b leaves"]
    assert fleet.gone("b") == ["a leaves"]
    assert fleet.states == {"a": "stopping", "b": "waiting", "c": "waiting"}


def test_a_person_who_starts_one_that_was_to_stop_makes_it_wait_for_what_it_requires() -> None:
    fleet = chain()
    fleet.stop("a", "b")
    assert fleet.wants("b") == []
    assert fleet.gone("c") == ["b leaves"]
    assert fleet.gone("b") == ["a leaves"]
    assert fleet.states == {"a": "stopping", "b": "waiting", "c": "waiting"}


def test_one_that_crashes_while_it_was_to_stop_later_is_stopped() -> None:
    fleet = shop()
    fleet.stop("db")
    assert fleet.fails("db") == []
    assert fleet.states == {"db": "stopped", "shop": "stopping"}
    assert fleet.gone("shop") == []
    assert fleet.those("waiting") == "shop"


def test_what_goes_down_by_itself_is_waited_for_by_a_stop_of_what_it_is_after() -> None:
    fleet = Decisions(one("db"), one("shop", after="db"))
    fleet.up()
    fleet.going("shop")
    assert fleet.stop("db") == []
    assert fleet.waits_for("db") == "shop"
    assert fleet.fails("shop") == ["db leaves"]
