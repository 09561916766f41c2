"""Sends an event to components and waits until each is where the event should take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet import defer

from wampsup.core.explain import note
from wampsup.model import event as ev
from wampsup.model.state import Completed, Failed, Fatal, Running, Stopped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.core.component import Component
    from wampsup.model.state import State
    from wampsup.runtime.fleet import Fleet
    from wampsup.runtime.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """Where a component got to; `error` says why it is not where it should be, where its state does not say it all.

    `timed_out`: it may still get there.
    """

    name: str
    ok: bool
    state: str
    error: str | None = None
    timed_out: bool = False


def reach(
    fleet: Fleet, units: Sequence[Unit], event: ev.Start | ev.Stop | ev.Restart, timeout: float, clock: Any
) -> defer.Deferred[list[Reached]]:
    """Send `event` to `units`; the result fires when all have settled, at the latest after `timeout` seconds.

    Settled is what is still so one turn of the reactor later: a `main` that fails at once has been running as well.
    """
    wanted: tuple[type, ...] = (Stopped,) if isinstance(event, ev.Stop) else (Running, Completed)
    settled = (Running, Completed, Failed, Fatal, Stopped) if wanted != (Stopped,) else wanted
    waiting = {unit.name for unit in units}
    done: defer.Deferred[list[Reached]] = defer.Deferred(lambda _: clean_up())

    def look(unit: Unit, _before: Component | None, after: Component) -> None:
        if unit.name in waiting and isinstance(after.state, settled):
            clock.callLater(0, look_again, unit, after.state)

    def look_again(unit: Unit, state: State) -> None:
        if unit.component.state is state:
            waiting.discard(unit.name)
            finish_if_all_settled()

    def finish_if_all_settled() -> None:
        if not waiting and timer.active():
            finish()

    def finish() -> None:
        clean_up()
        done.callback([_reached(unit, wanted, clock.seconds(), timed_out=unit.name in waiting) for unit in units])

    def clean_up() -> None:
        unwatch()
        if timer.active():
            timer.cancel()

    timer = clock.callLater(timeout, finish)
    fleet.command(units, event)
    unwatch = fleet.watch(look)
    for unit in units:
        look(unit, None, unit.component)
    finish_if_all_settled()
    return done


def _reached(unit: Unit, wanted: tuple[type, ...], now: float, *, timed_out: bool) -> Reached:
    component = unit.component
    state = component.state.name
    if isinstance(component.state, wanted):
        return Reached(name=unit.name, ok=True, state=state)
    return Reached(name=unit.name, ok=False, state=state, error=note(component, unit.name, now), timed_out=timed_out)
