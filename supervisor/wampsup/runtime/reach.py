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
    """Send `event` to `units`; the result fires when all have settled, at the latest after `timeout` seconds."""
    wanted: tuple[type, ...] = (Stopped,) if isinstance(event, ev.Stop) else (Running, Completed)
    settled = (Running, Completed, Failed, Fatal, Stopped) if wanted != (Stopped,) else wanted
    waiting = {unit.name for unit in units}
    done: defer.Deferred[list[Reached]] = defer.Deferred()

    def look(unit: Unit, _before: Component | None, after: Component) -> None:
        if unit.name in waiting and isinstance(after.state, settled):
            waiting.discard(unit.name)
            if not waiting:
                finish()

    def finish() -> None:
        unwatch()
        if timer.active():
            timer.cancel()
        done.callback([_reached(unit, wanted, clock.seconds(), timed_out=unit.name in waiting) for unit in units])

    timer = clock.callLater(timeout, finish)
    fleet.command(units, event)
    unwatch = fleet.watch(look)
    for unit in units:
        look(unit, None, unit.component)
    if not units:
        finish()
    return done


def _reached(unit: Unit, wanted: tuple[type, ...], now: float, *, timed_out: bool) -> Reached:
    component = unit.component
    state = component.state.name
    if isinstance(component.state, wanted):
        return Reached(name=unit.name, ok=True, state=state)
    return Reached(name=unit.name, ok=False, state=state, error=note(component, unit.name, now), timed_out=timed_out)
