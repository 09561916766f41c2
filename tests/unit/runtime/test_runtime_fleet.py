"""A fleet: who starts, who is meant by a name, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.fleets import PROBLEM, FleetInMemory, spec
from wampsup.errors import NoSuchComponentError
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import GroupSpec, RestartPolicy

if TYPE_CHECKING:
    from support.attempts import TwinAttempt
    from support.logged import LoggedErrors
    from wampsup.core.component import Component
    from wampsup.runtime.unit import Unit

pytestmark = pytest.mark.usefixtures("logged_errors")

NEVER = RestartPolicy(policy="never")
FAILED = out.Failed(problem=PROBLEM)


def exit_codes(fleet: FleetInMemory) -> list[int]:
    """What the end of the fleet will be told: nothing before that."""
    codes: list[int] = []
    fleet.fleet.wait_ended().addCallback(codes.append)
    return codes


def all_ready(_name: str, attempt: TwinAttempt, what: str) -> None:
    """An obedient world: what begins is ready, and what shall end has ended."""
    if what == "begin":
        attempt.become_ready()
    else:
        attempt.finish()


def test_nothing_runs_before_the_start() -> None:
    fleet = FleetInMemory(["a", "b"])
    assert (fleet.states, fleet.alive) == (["stopped", "stopped"], {})


def test_what_has_autostart_starts_in_the_order_of_the_file() -> None:
    fleet = FleetInMemory(["b", spec("x", autostart=False), "a"])
    fleet.fleet.start()
    assert fleet.states == ["connecting", "stopped", "connecting"]
    assert list(fleet.alive) == ["b", "a"]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["feed@1"], ["feed@1"]),
        (["feed@*"], ["feed@1", "feed@2"]),
        (["feed@2", "clock"], ["clock", "feed@2"]),
        (["clock", "c*", "clock"], ["clock"]),
        (["*"], ["clock", "feed@1", "feed@2", "Feed"]),
        (["[cF]*"], ["clock", "Feed"]),
        ([], []),
    ],
)
def test_names_and_patterns_select_in_the_order_of_the_file(patterns: list[str], names: list[str]) -> None:
    fleet = FleetInMemory(["clock", "feed@1", "feed@2", "Feed"])
    assert [unit.name for unit in fleet.fleet.select(patterns)] == names


@pytest.mark.parametrize("pattern", ["nobody", "n*", "", "[", "CLOCK"])
def test_a_pattern_that_matches_nothing_is_an_error(pattern: str) -> None:
    fleet = FleetInMemory(["clock"])
    with pytest.raises(NoSuchComponentError) as caught:
        fleet.fleet.select(["clock", pattern])
    assert caught.value.render() == f"error: no component `{pattern}` in fleet `edge`"


def test_a_group_without_members_is_told_as_such() -> None:
    fleet = FleetInMemory(["clock"])
    fleet.fleet.reload(replace(fleet.fleet.spec, groups=(GroupSpec(name="bells"),)), {})
    for pattern, words in (
        ("group:bells", "group `bells` has no members"),
        ("group:bell", "no component `group:bell` in fleet `edge`"),
        ("bells", "no component `bells` in fleet `edge`"),
    ):
        with pytest.raises(NoSuchComponentError) as caught:
            fleet.fleet.select([pattern])
        assert caught.value.render() == f"error: {words}"


def test_a_shutdown_stops_the_latest_first_and_waits_for_all() -> None:
    fleet = FleetInMemory(["a", "b", "c"])
    fleet.fleet.start()
    codes = exit_codes(fleet)
    left: list[str] = []
    fleet.attempts.told = lambda name, _attempt, what: left.append(f"{name} {what}")
    fleet.fleet.shutdown()
    assert left == ["c leave", "b leave", "a leave"]
    for attempt in fleet.alive.values():
        assert codes == []
        attempt.finish()
    assert (codes, fleet.states, fleet.clock.getDelayedCalls()) == ([0], ["stopped"] * 3, [])


def test_a_shutdown_ends_what_waits_in_any_way() -> None:
    fleet = FleetInMemory(["lost", "failed", "fatal", "queued", "gone"], start_window=1)
    fleet.fleet.start()
    fleet.alive["lost"].end(out.Lost(problem=PROBLEM))
    fleet.alive["failed"].end(FAILED)
    fleet.alive["fatal"].end(out.Fatal(problem=PROBLEM))
    assert fleet.states == ["reconnecting", "backoff", "fatal", "connecting", "waiting"]
    codes = exit_codes(fleet)
    fleet.fleet.shutdown()
    assert (codes, list(fleet.alive)) == ([], ["queued"])
    fleet.alive["queued"].finish()
    assert (codes, fleet.states, fleet.clock.getDelayedCalls()) == ([0], ["stopped"] * 5, [])
    assert "gone: waiting -> connecting" not in fleet.moves


def test_a_shutdown_at_once_waits_for_nobody() -> None:
    fleet = FleetInMemory(["a", "b"])
    fleet.fleet.start()
    fleet.alive["a"].become_ready()
    fleet.fleet.shutdown()
    fleet.fleet.shutdown(at_once=True)
    assert fleet.alive["a"].orders == ["begin", "leave", "abort"]
    assert fleet.alive["b"].orders == ["begin", "leave", "abort"]


def test_a_shutdown_of_what_does_not_run_ends_at_once() -> None:
    fleet = FleetInMemory(["a"])
    fleet.fleet.shutdown()
    assert exit_codes(fleet) == [0]


def test_a_fleet_that_was_shut_down_before_its_start_starts_nothing() -> None:
    fleet = FleetInMemory(["a"])
    fleet.fleet.shutdown()
    fleet.fleet.start()
    assert (fleet.states, exit_codes(fleet)) == (["stopped"], [0])


@pytest.mark.parametrize("event", [ev.Start(), ev.Restart()])
def test_nobody_starts_a_component_of_a_fleet_that_shuts_down(event: ev.Command) -> None:
    fleet = FleetInMemory(["a", "b"])
    fleet.fleet.start()
    codes = exit_codes(fleet)
    fleet.fleet.shutdown()
    fleet.alive["a"].finish()
    fleet.fleet.command(fleet.fleet.units.values(), event)
    fleet.alive["b"].finish()
    assert (fleet.states, codes) == (["stopped", "stopped"], [0])


def test_nothing_is_admitted_while_the_fleet_shuts_down() -> None:
    fleet = FleetInMemory(["a", "b"], start_window=1)
    fleet.fleet.command([fleet.fleet.units["b"]], ev.Start())
    fleet.fleet.command([fleet.fleet.units["a"]], ev.Start())
    fleet.fleet.shutdown()
    assert "a: waiting -> connecting" not in fleet.moves


@pytest.mark.parametrize("outcome", [FAILED, out.Fatal(problem=PROBLEM)])
def test_a_critical_component_that_ends_badly_ends_the_fleet_with_1(
    outcome: out.Outcome, logged_errors: LoggedErrors
) -> None:
    fleet = FleetInMemory(["a", spec("heart", critical=True, restart=NEVER), "b"])
    fleet.fleet.start()
    codes = exit_codes(fleet)
    fleet.alive["heart"].end(outcome)
    assert (fleet.states, codes) == (["stopping", "stopped", "stopping"], [])
    for attempt in fleet.alive.values():
        attempt.finish()
    assert (fleet.states, codes) == (["stopped"] * 3, [1])
    assert fleet.fleet.units["heart"].component.last_error is not None


def test_a_critical_component_that_is_tried_again_ends_nothing() -> None:
    fleet = FleetInMemory([spec("heart", critical=True)])
    fleet.fleet.start()
    fleet.alive["heart"].end(FAILED)
    assert (fleet.states, exit_codes(fleet)) == (["backoff"], [])


def test_a_critical_component_that_completes_ends_nothing() -> None:
    fleet = FleetInMemory([spec("heart", critical=True), "a"])
    fleet.fleet.start()
    fleet.alive["heart"].end(out.Completed())
    assert fleet.states == ["completed", "connecting"]


def test_a_critical_component_that_fails_at_once_keeps_the_rest_from_starting() -> None:
    fleet = FleetInMemory(
        [spec("heart", critical=True, restart=NEVER), "a"],
        told=lambda _name, attempt, _what: attempt.end(FAILED),
        start_window=1,
    )
    codes = exit_codes(fleet)
    fleet.fleet.start()
    assert (fleet.states, codes, list(fleet.attempts.made)) == (["stopped", "stopped"], [1], ["heart"])


def test_the_first_reason_to_end_sets_the_exit_code() -> None:
    fleet = FleetInMemory([spec("heart", critical=True, restart=NEVER)])
    fleet.fleet.start()
    fleet.fleet.shutdown()
    fleet.alive["heart"].finish()
    fleet.fleet.shutdown(exit_code=1)
    assert exit_codes(fleet) == [0]


def test_a_fleet_lives_on_when_all_is_done_unless_it_is_to_exit() -> None:
    fleet = FleetInMemory(["a"])
    fleet.fleet.start()
    fleet.alive["a"].end(out.Completed())
    assert (fleet.states, exit_codes(fleet)) == (["completed"], [])


@pytest.mark.parametrize(("outcome", "code"), [(out.Completed(), 0), (FAILED, 1), (out.Fatal(problem=PROBLEM), 1)])
def test_a_fleet_that_exits_when_all_is_done_does_so_with_the_last(outcome: out.Outcome, code: int) -> None:
    fleet = FleetInMemory([spec("a", restart=NEVER), spec("b", restart=NEVER)], exit_when="all-done")
    codes = exit_codes(fleet)
    fleet.fleet.start()
    fleet.alive["a"].end(outcome)
    assert codes == []
    fleet.alive["b"].end(out.Completed())
    assert codes == [code]


def test_a_fleet_that_exits_when_all_is_done_does_not_before_it_has_started() -> None:
    fleet = FleetInMemory(["a", "b"], exit_when="all-done", told=lambda _n, attempt, _w: attempt.end(out.Completed()))
    codes = exit_codes(fleet)
    assert codes == []
    fleet.fleet.start()
    assert (codes, list(fleet.attempts.made)) == ([0], ["a", "b"])


def test_a_fleet_that_exits_when_all_is_done_waits_for_what_is_tried_again() -> None:
    fleet = FleetInMemory(["a"], exit_when="all-done")
    fleet.fleet.start()
    fleet.alive["a"].end(FAILED)
    assert exit_codes(fleet) == []


def test_a_fleet_with_nothing_to_do_exits_when_all_is_done() -> None:
    fleet = FleetInMemory([spec("a", autostart=False)], exit_when="all-done")
    fleet.fleet.start()
    assert exit_codes(fleet) == [0]


def test_everybody_who_waits_for_the_end_is_told() -> None:
    fleet = FleetInMemory(["a"], told=all_ready)
    fleet.fleet.start()
    first, second = exit_codes(fleet), exit_codes(fleet)
    fleet.fleet.shutdown(exit_code=3)
    assert (first, second) == ([3], [3])


def test_a_watcher_that_raises_disturbs_nobody(logged_errors: LoggedErrors) -> None:
    fleet = FleetInMemory(["a"], told=all_ready)

    def raises(_unit: Unit, _before: Component, _after: Component, _cause: object) -> None:
        raise ValueError("the watcher is blind")

    unwatch = fleet.fleet.watch(raises)
    seen: list[str] = []
    fleet.fleet.watch(lambda unit, _before, after, _cause: seen.append(f"{unit.name} {after.state.name}"))
    fleet.fleet.start()
    unwatch()
    assert seen == ["a waiting", "a connecting", "a running"]
    assert len(logged_errors.take("the watcher is blind")) == 3


def test_a_watcher_may_go_while_it_is_told() -> None:
    fleet = FleetInMemory(["a"], told=all_ready)
    seen: list[str] = []

    def once(_unit: Unit, _before: Component, after: Component, _cause: object) -> None:
        seen.append(after.state.name)
        unwatch()

    unwatch = fleet.fleet.watch(once)
    fleet.fleet.start()
    assert seen == ["waiting"]


def test_who_is_taken_out_is_forgotten_once_it_has_left() -> None:
    memory = FleetInMemory(["a", "b", "c"])
    memory.fleet.start()
    memory.alive["a"].become_ready()
    memory.fleet.command(memory.fleet.select(["c"]), ev.Stop())
    memory.alive["c"].finish()
    before = memory.fleet.spec
    memory.fleet.reload(replace(before, components=before.components[1:2]), {})
    assert memory.forgotten == ["c"]
    memory.alive["a"].finish()
    assert memory.forgotten == ["c", "a"]


def test_a_reload_of_a_fleet_that_shuts_down_changes_nothing() -> None:
    memory = FleetInMemory(["a"])
    memory.fleet.start()
    memory.fleet.shutdown()
    before = memory.fleet.spec
    memory.fleet.reload(replace(before, components=(*before.components, spec("b"))), {})
    assert (list(memory.fleet.units), memory.fleet.spec) == (["a"], before)
    memory.alive["a"].finish()
    assert memory.states == ["stopped"]


def test_those_that_hang_at_the_end_cost_the_longest_of_their_times_and_not_the_sum() -> None:
    fleet = FleetInMemory(["a", "b", "c"])
    fleet.fleet.start()
    for attempt in fleet.alive.values():
        attempt.become_ready()
    fleet.fleet.shutdown()
    fleet.clock.advance(10)
    assert [attempt.orders for attempt in fleet.alive.values()] == [["begin", "leave", "abort"]] * 3


def test_the_time_of_the_fleet_bounds_a_chain_of_those_that_hang() -> None:
    chain: dict[str, tuple[str, ...]] = {"a": (), "b": ("a",), "c": ("b",)}
    specs = [replace(spec(name), stop_timeout=50.0, requires=requires) for name, requires in chain.items()]
    fleet = FleetInMemory(specs, told=begun)
    fleet.fleet.start()
    codes = exit_codes(fleet)
    fleet.fleet.shutdown()
    fleet.clock.advance(59)
    assert [attempt.orders for attempt in fleet.alive.values()] == [
        ["begin"],
        ["begin"],
        ["begin", "leave", "abort"],
    ]
    fleet.clock.advance(1)
    assert [attempt.orders[-1] for attempt in fleet.alive.values()] == ["abort"] * 3
    for attempt in fleet.alive.values():
        attempt.finish()
    assert (codes, fleet.clock.getDelayedCalls()) == ([0], [])


def begun(_name: str, attempt: TwinAttempt, what: str) -> None:
    """A world in which everything starts, and nothing leaves."""
    if what == "begin":
        attempt.become_ready()
