"""Decisions that meet another one half-way: each was found by the property test of whole fleets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.decisions import Decisions, group, members, one
from wampsup.model.state import Desired

if TYPE_CHECKING:
    from wampsup.model.spec import ComponentSpec

A, B, C = one("a"), one("b", after="a"), one("c", after="a")


def up(*components: ComponentSpec) -> Decisions:
    fleet = Decisions(*components)
    fleet.up()
    return fleet


def is_wanted(fleet: Decisions, name: str) -> bool:
    return fleet.fleet.components[name].desired is Desired.UP


def test_who_waits_to_leave_waits_for_those_behind_it_that_are_told_to_leave_later() -> None:
    fleet = up(A, B, C)
    assert fleet.stop("a", "b") == ["b leaves"]
    assert fleet.stop("c") == ["c leaves"]
    assert fleet.waits_for("a") == "b c"
    assert fleet.gone("b") == []
    assert fleet.gone("c") == ["a leaves"]


def test_who_waits_to_leave_waits_for_those_behind_it_that_go_down_by_themselves_later() -> None:
    fleet = up(A, B, C)
    assert fleet.stop("a", "b") == ["b leaves"]
    fleet.going("c")
    assert fleet.gone("b") == []
    assert fleet.completes("c") == ["a leaves"]


def test_a_restart_that_waits_for_others_is_wanted_up_at_once() -> None:
    fleet = up(A, B)
    fleet.stop("a", "b")
    assert not is_wanted(fleet, "a")
    assert fleet.restart("a") == []
    assert fleet.moves == ["a: running -> running (start by person)"]
    assert is_wanted(fleet, "a")
    assert fleet.gone("b") == ["a leaves"]
    assert fleet.gone("a") == ["a begins"]


def test_what_a_reload_has_taken_out_is_not_started_by_a_person_any_more() -> None:
    fleet = up(A, B)
    assert fleet.reload(A) == ["b leaves"]
    assert fleet.wants("b") == []
    assert fleet.restart("b") == []
    assert not is_wanted(fleet, "b")
    assert fleet.gone("b") == ["b is forgotten"]


def test_a_reload_that_brings_edges_and_takes_components_out_tells_all_of_them_in_order() -> None:
    fleet = up(one("a"), one("b"), one("c", after="b"))
    fleet.stop("a")
    fleet.gone("a")
    assert fleet.reload(one("a"), one("b", requires="a")) == ["c leaves"]
    assert fleet.gone("c") == ["c is forgotten", "b leaves"]


def test_those_that_a_reload_takes_out_leave_in_an_order_that_is_always_the_same() -> None:
    many = [one(f"worker-{number}") for number in range(20)]
    fleet = up(*many)
    assert fleet.reload() == [f"{component.name} leaves" for component in reversed(many)]


def test_a_group_that_gives_up_takes_along_who_crashed_while_it_waited_to_start_anew() -> None:
    fleet = Decisions(*members("till printer"), groups=[group("rest-for-one", max_restarts=0)])
    fleet.up()
    assert fleet.restart("till", "printer") == ["printer leaves"]
    assert fleet.fails("till") == []
    assert fleet.gone("printer") == []
    assert fleet.states == {"till": "failed", "printer": "failed"}


def test_who_is_freed_to_leave_by_what_ends_the_fleet_waits_for_those_who_leave_with_that() -> None:
    tills = [*members("a"), *members("till", after="a", critical=True), *members("last")]
    fleet = Decisions(*tills, B, groups=[group("one-for-one", max_restarts=0)])
    fleet.up()
    assert fleet.fails("last") == ["till leaves"]
    assert fleet.waits_for("a") == "till"
    assert fleet.gone("till") == ["till was critical", "b leaves"]
    assert fleet.gone("b") == ["a leaves"]


def test_who_is_told_to_leave_waits_for_those_whom_another_one_told_at_the_same_moment_takes_along() -> None:
    till, keen = members("till"), members("keen", after="missing", critical=True)
    fleet = Decisions(
        *till,
        *members("last"),
        *keen,
        one("missing"),
        one("b", after="till"),
        groups=[group("one-for-one", max_restarts=0)],
    )
    fleet.start()
    fleet.ready("till")
    fleet.ready("last")
    fleet.ready("b")
    assert fleet.fails("last") == ["keen was critical", "b leaves", "missing leaves"]
    assert fleet.waits_for("till") == "b"
    assert fleet.gone("b") == ["till leaves"]
