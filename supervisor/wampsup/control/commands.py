"""Answers `/v1/start`, `/v1/stop` and `/v1/restart`; and says which components a request means, whatever it wants."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from wampsup.control import represent
from wampsup.control.messages import LONGEST_PATTERN, MOST_GLOBS, Answer, Command, Refusal, Reply, Request, parse
from wampsup.errors import NoSuchComponentError
from wampsup.runtime.selection import is_glob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

    from wampsup.control.fleet import FleetView, ReachedView, UnitView
    from wampsup.model.event import Restart, Start, Stop


def command(request: Request, *, fleet: FleetView[Any], event: Start | Stop | Restart) -> Answer | Deferred[Answer]:
    """Send the event to the components that the request names, and wait for them if it wants that.

    Raises:
        Refusal: the request is wrong, or names nothing.
    """
    wanted = parse(Command, request.body)
    units = select(fleet, wanted.select)
    if wanted.wait:
        return fleet.reach(units, event, wanted.timeout).addCallback(_results)
    fleet.command(units, event)
    return Reply(status=HTTPStatus.ACCEPTED, content={"results": [_sent(unit) for unit in units]})


def select(fleet: FleetView[Any], patterns: Sequence[str]) -> Sequence[UnitView]:
    """The components of these names and shell globs.

    Raises:
        Refusal: one of them is too short or too long, or matches nothing; or too many have to be matched.
    """
    if not all(patterns):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "`select` holds an empty name")
    if any(len(pattern) > LONGEST_PATTERN for pattern in patterns):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"`select` holds a name of over {LONGEST_PATTERN} characters")
    if sum(map(is_glob, patterns)) > MOST_GLOBS:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"`select` holds over {MOST_GLOBS} patterns that are no names")
    try:
        return fleet.select(patterns)
    except NoSuchComponentError as error:
        raise Refusal(HTTPStatus.NOT_FOUND, error.message, hint=error.hint) from error


def _results(results: Sequence[ReachedView]) -> Answer:
    return Reply(content={"results": [represent.reached(result) for result in results]})


def _sent(unit: UnitView) -> dict[str, object]:
    return {"name": unit.name, "ok": True, "state": unit.component.state.name, "error": None, "timed_out": False}
