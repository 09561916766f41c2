"""Lists of components as JSON, which are asked for often: only what has changed since the last time is written anew.

What `represent` says of a component is kept as it is sent, in three parts, each until something changes that it is made
of. To find out takes half a microsecond, and to write it all 10; 1 KiB is kept of each component that was asked for.
Long lists are made in slices, so that they keep nobody from the reactor, and one after the other, so that many of them
take no more memory than one.
"""

from __future__ import annotations

from functools import partial
from json import JSONEncoder
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, DeferredLock

from wampsup.control import represent, usage
from wampsup.core.explain import is_timed
from wampsup.reactor.meter import meter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from wampsup.control.fleet import FleetView, UnitView
    from wampsup.control.represent import Json

SLICE = 0.005
"""Seconds that a list takes of one turn of the reactor."""

LONG = 500
"""Components of a list that may take more than a slice."""

_encode = JSONEncoder(separators=(",", ":")).encode


class Listing:
    """Lists components of one fleet, their tracebacks too, unless that is said.

    `seconds` is the reactor's clock, `turn` fires when a list that takes long may go on.
    """

    def __init__(
        self,
        fleet: FleetView[Any],
        seconds: Callable[[], float],
        turn: Callable[[], Awaitable[object]],
        *,
        traceback: bool = True,
    ) -> None:
        self._fleet = fleet
        self._seconds = seconds
        self._turn = turn
        self._standing = partial(represent.standing, traceback=traceback)
        self._one = DeferredLock()
        self._kept: dict[str, _Kept] = {}
        self._counted = -1
        self._counts: dict[str, int] = {}

    def counts(self) -> dict[str, int]:
        """How many components are in which state."""
        if self._fleet.version != self._counted:
            self._counted = self._fleet.version
            self._counts = represent.counts(unit.component for unit in self._fleet.units.values())
        return self._counts

    async def of(self, units: Collection[UnitView]) -> bytes:
        """The JSON document that lists these units: each as it is when it is written, after it was asked for."""
        if len(units) < LONG:
            return await self._made(units)
        made: bytes = await self._one.run(lambda: Deferred.fromCoroutine(self._made(units)))
        return made

    async def _made(self, units: Collection[UnitView]) -> bytes:
        self._forget()
        slices, parts = [b'{"components":['], list[bytes]()
        now = self._seconds()
        version, moment, until = self._fleet.version, meter.moment, now + SLICE
        for unit in units:
            if now > until:
                slices.append(b"".join(parts))
                parts.clear()
                await self._turn()
                now = self._seconds()
                version, moment, until = self._fleet.version, meter.moment, now + SLICE
            kept = self._kept.get(unit.name)
            if kept is None:
                kept = self._kept[unit.name] = _Kept(self._standing)
            parts += kept.written(unit, version, now, moment)
            now = self._seconds()
        if parts:
            parts[-1] = parts[-1].removesuffix(b",")
        return b"".join([*slices, *parts, b"]}"])

    def _forget(self) -> None:
        """Forget those that are gone."""
        units = self._fleet.units
        if len(self._kept) > len(units):
            self._kept = {name: kept for name, kept in self._kept.items() if name in units}


class _Kept:
    """What is kept of one component, and what it was made of."""

    __slots__ = (
        "_component",
        "_figures",
        "_moment",
        "_reasons",
        "_spec",
        "_standing",
        "_tell",
        "_usage",
        "_version",
        "_waits",
    )

    def __init__(self, tell: Callable[[UnitView], Json]) -> None:
        self._tell = tell
        self._version = -1
        self._component: object = None
        self._spec: object = None
        self._waits = False
        self._standing = b""
        self._reasons: bytes | None = None
        self._figures: tuple[int, ...] = ()
        self._moment: int | None = None
        self._usage = b""

    def written(self, unit: UnitView, version: int, now: float, moment: int | None) -> tuple[bytes, bytes, bytes]:
        """The unit as JSON and a comma: `version` is that of its fleet, `moment` what shares are as of."""
        if version != self._version:
            self._version = version
            self._look(unit)
        account = unit.account
        figures = account.figures
        moment = moment and (moment if account.in_10 else 1)  # a share of nothing stays nothing
        if figures != self._figures or moment != self._moment:
            self._figures, self._moment = figures, moment
            self._usage = _members(usage.in_short(account), b"%b},")
            if account.stalls:  # which are told where there is nothing else to tell
                self._reasons = None
        reasons = self._reasons
        if reasons is None:
            reasons = _members(represent.reasons(unit, now), b"%b,")
            if not is_timed(unit.component):
                self._reasons = reasons
        return self._standing, reasons, self._usage

    def _look(self, unit: UnitView) -> None:
        """See what has changed in a fleet of another version."""
        component, spec = unit.component, unit.spec
        if component is not self._component or spec is not self._spec:
            self._component, self._spec = component, spec
            self._standing = _members(self._tell(unit), b"{%b,")
            self._reasons = None
        waits = bool(unit.waits_for)
        if waits or self._waits:
            self._waits, self._reasons = waits, None


def _members(part: Json, form: bytes) -> bytes:
    return form % _encode(part)[1:-1].encode()
