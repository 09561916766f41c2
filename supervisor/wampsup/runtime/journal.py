"""The journal of a fleet: what happened to its components, and to itself, in a bounded ring.

An event costs 3 µs when it happens: its JSON is made when somebody reads it, once. A full ring of 10,000 events takes
4 MiB, and 5 MiB when all of it has been read; long messages of errors, up to `LONGEST_MESSAGE` each, come on top.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from wampsup.core.explain import note
from wampsup.core.times import rfc3339
from wampsup.runtime.ring import Ring

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wampsup.core.component import Component
    from wampsup.model.spec import ComponentSpec, TransportSpec
    from wampsup.model.state import LastError
    from wampsup.model.transition import Cause
    from wampsup.reactor.stall import Stall

    Told = dict[str, object]

SIZE = 10_000
"""Events that a journal keeps."""

LONGEST_MESSAGE = 1000
"""Characters of an error's message that an event keeps; the whole of it is in the component's last error."""

TRANSITION, STALL, FLEET = "transition", "stall", "fleet"
"""The kinds of events: of a component, or (also stalls) of the supervisor itself."""

_KEYS = ("component", "group", "from", "to", "desired", "event", "by", "attempt", "note", "error")
_ERROR_KEYS = ("kind", "type", "uri", "message")


class Watched(Protocol):
    """What the journal wants to know of a component beside its state."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def spec(self) -> ComponentSpec:
        """What the file says of it."""

    @property
    def transports(self) -> tuple[TransportSpec, ...]:
        """Its ways to a router."""

    @property
    def waits_for(self) -> Mapping[str, str | None]:
        """What keeps it from starting, or from leaving."""


class Stalling(Watched, Protocol):
    """What the journal wants to know of a component that has stalled."""

    @property
    def component(self) -> Component:
        """What it is now."""


class Event:
    """Something that happened to a component, or to the fleet (`component` is `None`); `kind` is one of the above."""

    __slots__ = ("_told", "at", "component", "id", "kind")

    def __init__(self, at: float, component: str | None, told: tuple[object, ...] | Told, kind: str) -> None:
        self.id = 0
        self.at = at
        self.component = component
        self.kind = kind
        self._told: tuple[object, ...] | Told | bytes = told

    def json(self) -> bytes:
        """The event as one JSON document, without a line's end."""
        if not isinstance(self._told, bytes):
            known = dict.fromkeys(_KEYS) | self._told if isinstance(self._told, dict) else _named(self._told)
            document = {"id": self.id, "at": rfc3339(self.at), **known}
            self._told = json.dumps(document, separators=(",", ":")).encode()
        return self._told


class Journal(Ring[Event]):
    """The journal of one fleet; `seconds` is the reactor's clock, `size` how many events it keeps."""

    def __init__(self, seconds: Callable[[], float], size: int = SIZE) -> None:
        super().__init__(size)
        self._seconds = seconds

    def record(self, unit: Watched, before: Component, after: Component, cause: Cause) -> None:
        """Keep a transition; a watcher for `Fleet.watch`. What changes neither state nor desired state is none."""
        state = after.state
        moved = state.name != before.state.name
        if not moved and after.desired is before.desired:
            return
        at = state.since if moved else self._seconds()
        told = (
            unit.name,
            unit.spec.group,
            before.state.name,
            state.name,
            after.desired.value,
            cause.event,
            cause.by,
            after.attempts or None,
            note(after, unit.name, at, unit.transports, unit.waits_for),
            None if after.last_error is before.last_error else _error(after.last_error),
        )
        self.add(Event(at, unit.name, told, TRANSITION))

    def note(self, event: str, **fields: object) -> None:
        """Keep an event of the fleet itself; `fields` become members of its JSON beside those that every event has."""
        self.add(Event(self._seconds(), None, {"event": event, **fields}, FLEET))

    def stall(self, unit: Stalling | None, stall: Stall) -> None:
        """Keep a stall of a component, or of the supervisor itself: its JSON has `seconds` and `place` besides."""
        more: Told = {"note": stall.words, "seconds": round(stall.seconds, 3), "place": stall.place}
        if unit is not None:
            state, desired = unit.component.state.name, unit.component.desired.value
            more |= {"component": unit.name, "group": unit.spec.group}
            more |= {"from": state, "to": state, "desired": desired, "attempt": unit.component.attempts or None}
        self.add(Event(self._seconds(), None if unit is None else unit.name, {"event": STALL, **more}, STALL))


def _named(told: tuple[object, ...]) -> Told:
    known: Told = dict(zip(_KEYS, told, strict=True))
    error = known["error"]
    if isinstance(error, tuple):
        known["error"] = dict(zip(_ERROR_KEYS, error, strict=True))
    return known


def _error(error: LastError | None) -> tuple[str | None, ...] | None:
    """What an event keeps of an error: its traceback may be long."""
    if error is None:
        return None
    problem = error.problem
    message = problem.message
    if len(message) > LONGEST_MESSAGE:
        message = message[: LONGEST_MESSAGE - 1] + "…"
    return problem.kind.value, problem.type, problem.uri, message
