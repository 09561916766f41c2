"""Answers `/v1/supervisor` and `/v1/components`: how the fleet is now."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from wampsup.control import represent
from wampsup.control.commands import select
from wampsup.control.listing import Listing
from wampsup.control.messages import Refusal, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.control.fleet import FleetView
    from wampsup.control.messages import Answer, Request
    from wampsup.control.pace import Turn


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Which supervisor this is; `started_at` in the reactor's seconds, `socket` where its control socket lies."""

    name: str
    fleet_file: str
    started_at: float
    socket: str = "SOCKET"


class Views:
    """Tells how one fleet is; `seconds` is the reactor's clock, `turn` fires in its next turn.

    Whoever is not vouched for gets no tracebacks, and has to wait for what takes long until `strangers_turn` fires.
    """

    def __init__(
        self,
        fleet: FleetView[Any],
        identity: Identity,
        seconds: Callable[[], float],
        turn: Turn,
        strangers_turn: Turn,
    ) -> None:
        self._fleet = fleet
        self._identity = identity
        self._seconds = seconds
        self._counted = Listing(fleet, seconds, turn)
        self._listings = {True: self._counted, False: Listing(fleet, seconds, strangers_turn, traceback=False)}

    def supervisor(self, _request: Request) -> Reply:
        """The supervisor itself."""
        identity = self._identity
        return Reply(
            content=represent.supervisor(
                name=identity.name,
                fleet_file=identity.fleet_file,
                started_at=identity.started_at,
                now=self._seconds(),
                counts=self._counted.counts(),
            )
        )

    def components(self, request: Request) -> Deferred[Answer]:
        """All components, or those that are selected.

        Raises:
            Refusal: nothing is, by something that should.
        """
        patterns = request.query.get("select")
        units = tuple(self._fleet.units.values()) if patterns is None else select(self._fleet, patterns)
        return Deferred.fromCoroutine(self._listings[request.vouched].of(units)).addCallback(_reply)

    def component(self, request: Request) -> Reply:
        """The component that the path names, in full.

        Raises:
            Refusal: 404, there is none of that name.
        """
        name = request.path.rpartition("/")[2]
        unit = self._fleet.units.get(name)
        if unit is None:
            several = next((one.name for one in self._fleet.units.values() if one.spec.instance_of == name), None)
            hint = f"it has instances: name one of them, as `{several}`" if several else None
            raise Refusal(HTTPStatus.NOT_FOUND, f"no component `{name}` in fleet `{self._identity.name}`", hint=hint)
        return Reply(content=represent.component_in_full(unit, self._seconds(), traceback=request.vouched))


def _reply(content: bytes) -> Answer:
    return Reply(content=content)
