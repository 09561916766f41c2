"""What the books of `core.fleet.Fleet` must say, computed from the components alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.core.component import has_ended
from wampsup.model import event as ev
from wampsup.model.order import predecessors
from wampsup.model.state import BackingOff, Connecting, Desired, Running, Stopping, Waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wampsup.core.component import Component
    from wampsup.core.fleet import Fleet


def consistent(core: Fleet) -> None:
    """Check all that `core` keeps in mind against what its components are; call it between two decisions."""
    _the_down_are_those_who_are_off_and_who_require_them(core)
    _the_alive_are_those_to_whom_anything_may_still_happen(core)
    _the_gate_knows_who_waits_for_what_and_who_has_a_place(core)
    _orders_to_leave_wait_for_those_who_are_going(core)
    _groups_clear_only_of_those_who_are_going(core)
    if core.exit_code is not None:
        assert all(one.desired is Desired.DOWN for one in core.components.values()), "it ends, and somebody is wanted"


def is_off(core: Fleet, name: str) -> bool:
    """Whether it does not come by itself, whatever else does."""
    one = core.components[name]
    about_to = isinstance(core._leaving.order_of(name), ev.Stop | ev.GiveUp)
    return one.desired is Desired.DOWN or one.given_up_with is not None or has_ended(one) or about_to


def down(core: Fleet) -> set[str]:
    """Those that are off, and all that require one of them, over any number of others."""
    found = {name for name in core.components if is_off(core, name)}
    while True:
        more = {name for name in core.components if found.intersection(core._specs[name].requires)} - found
        if not more:
            return found
        found |= more


def on_their_way_up(components: Mapping[str, Component]) -> set[str]:
    """Those whose attempt is under way and has never been ready."""
    return {
        name
        for name, one in components.items()
        if isinstance(one.state, Connecting) or (isinstance(one.state, Stopping) and one.state.ran_since is None)
    }


def _the_down_are_those_who_are_off_and_who_require_them(core: Fleet) -> None:
    assert core._dependencies.down == down(core)
    members = predecessors(core.spec.components, core.spec.groups)
    assert {name: core._dependencies.before[name] for name in members} == members


def _the_alive_are_those_to_whom_anything_may_still_happen(core: Fleet) -> None:
    lost = down(core)
    parked = {name for name in lost if isinstance(core.components[name].state, Waiting)}
    ended = {name for name, one in core.components.items() if has_ended(one)}
    assert core._alive == core.components.keys() - parked - ended


def _the_gate_knows_who_waits_for_what_and_who_has_a_place(core: Fleet) -> None:
    gate = core._gate
    assert gate._in_flight == on_their_way_up(core.components)
    waiting = {name for name, one in core.components.items() if isinstance(one.state, Waiting)}
    assert gate._queue.keys() <= waiting
    for name in waiting:
        holders = core.waits_for(name)
        if not holders:
            assert name in gate._queue, f"nothing holds {name}, and it does not queue"
        elif name not in gate._queue:
            assert any(name in gate._held.get(holder, ()) for holder in holders), f"nobody will wake {name}"


def _orders_to_leave_wait_for_those_who_are_going(core: Fleet) -> None:
    leaving = core._leaving
    stopping = {name for name, one in core.components.items() if isinstance(one.state, Stopping)}
    assert leaving.going == stopping | leaving._waiting.keys()
    for name, (_, blockers) in leaving._waiting.items():
        assert isinstance(core.components[name].state, Running), f"an order waits for {name}, which does not run"
        assert blockers, f"{name} waits for nobody"
        assert blockers <= leaving.going, f"{name} waits for somebody who does not go"
        behind = set(core._dependencies.behind(name))
        assert leaving.going & behind == blockers, f"{name} does not wait for those behind it"


def _groups_clear_only_of_those_who_are_going(core: Fleet) -> None:
    for name, group in core._groups.items():
        assert group.members == tuple(one.name for one in core.spec.components if one.group == name)
        assert bool(group.clearing) == bool(group.restarting)
        for member in group.clearing:
            state = core.components[member].state
            assert isinstance(state, BackingOff) or member in core._leaving.going, f"{member} does not go"
