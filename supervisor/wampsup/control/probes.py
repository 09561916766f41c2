"""Answers `/livez` and `/readyz`: what a probe asks of a process, which looks at the status of the answer alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from wampsup.control.messages import Refusal, Reply
from wampsup.control.readiness import is_down
from wampsup.control.words import is_so

if TYPE_CHECKING:
    from wampsup.control.fleet import FleetView
    from wampsup.control.messages import Request

_MOST_TOLD = 10
"""Components that are told of in an answer; all are counted."""

_WELL = Reply(content={"status": "ok"})


def alive(_request: Request) -> Reply:
    """The loop comes around to it, which is all that is asked."""
    return _WELL


def ready(_request: Request, *, fleet: FleetView[Any]) -> Reply:
    """Whether all that should run do, and go on doing so.

    Raises:
        Refusal: 503, they do not.
    """
    if fleet.ending:
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the fleet shuts down")
    components = ((unit.name, unit.component) for unit in fleet.units.values())
    down = {name: one.state.name for name, one in components if is_down(one.desired, one.state.name)}
    if not down:
        return _WELL
    told = [{"name": name, "state": state} for name, state in tuple(down.items())[:_MOST_TOLD]]
    named = ", ".join(f"`{one['name']}` {is_so(one['state'])}" for one in told)
    more = f", and {len(down) - len(told)} more" if len(down) > len(told) else ""
    raise Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"the fleet is not ready, with {len(down)} of {len(fleet.units)} components down: {named}{more}",
        more={"down": len(down), "components": told},
    )
