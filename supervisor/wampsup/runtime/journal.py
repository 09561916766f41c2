"""The journal of a fleet: what happened to its components, and to itself, in a bounded ring.

Events are numbered from 1 on. A subscription is a place in the ring and no queue of its own: it takes what lies ahead
of it whenever it can, so that going on from the past to the present has neither a gap nor a duplicate, and a slow
reader costs nothing. What the ring has overwritten by then is lost to it, and it is told how many events these were.

An event costs 2 µs when it happens: its JSON is made when somebody reads it, once. A full ring of 10,000 events takes
3 MiB, and 4 MiB when all of it has been read; long messages of errors, up to `LONGEST_MESSAGE` each, come on top.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wampsup.core.explain import note
from wampsup.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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

    def __init__(
        self, number: int, at: float, component: str | None, told: tuple[object, ...] | Told, kind: str
    ) -> None:
        self.id = number
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


class Taken(NamedTuple):
    """What a subscription took: how many events it has lost, and those that came next."""

    lost: int
    events: Sequence[Event]


class Journal:
    """The journal of one fleet; `seconds` is the reactor's clock, `size` how many events it keeps.

    `last` is the number of the latest event, 0 before the first; `ended` says that no more will come.
    """

    def __init__(self, seconds: Callable[[], float], size: int = SIZE) -> None:
        self._seconds = seconds
        self._size = size
        self._ring: list[Event] = []
        self._waiting: set[Subscription] = set()
        self.last = 0
        self.ended = False

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
        self._append(at, unit.name, told, TRANSITION)

    def note(self, event: str, **fields: object) -> None:
        """Keep an event of the fleet itself; `fields` become members of its JSON beside those that every event has."""
        self._append(self._seconds(), None, {"event": event, **fields}, FLEET)

    def stall(self, unit: Stalling | None, stall: Stall) -> None:
        """Keep a stall of a component, or of the supervisor itself: its JSON has `seconds` and `place` besides."""
        more: Told = {"note": stall.words, "seconds": round(stall.seconds, 3), "place": stall.place}
        if unit is not None:
            state, desired = unit.component.state.name, unit.component.desired.value
            more |= {"component": unit.name, "group": unit.spec.group}
            more |= {"from": state, "to": state, "desired": desired, "attempt": unit.component.attempts or None}
        self._append(self._seconds(), None if unit is None else unit.name, {"event": STALL, **more}, STALL)

    def end(self) -> None:
        """Nothing more will happen: who follows comes to the end."""
        self.ended = True
        self._wake()

    def subscribe(self, wake: Callable[[], None], *, after: int | None = None) -> Subscription:
        """A reader's place behind the event numbered `after`, or before all that the journal holds.

        A number that has not been given yet is one of an earlier supervisor: it stands for all, too. `wake` is called
        once, after each time that there was nothing to take, when there may be something.
        """
        known = after is not None and after <= self.last
        return Subscription(self, wake, after if known and after is not None else self.last - len(self._ring))

    def latest(self, count: int, wanted: Callable[[Event], bool]) -> int:
        """The number after which the journal holds no more than `count` events that are wanted."""
        number = self.last
        for event in reversed(self.since(0, self._size).events):
            count -= wanted(event)
            if count < 0:
                break
            number = event.id - 1
        return number

    def since(self, after: int, most: int) -> Taken:
        """Up to `most` events from behind `after`, and how many between have been forgotten."""
        first = max(after + 1, self.last - len(self._ring) + 1)
        stop = min(first + most, self.last + 1)
        return Taken(first - after - 1, [self._ring[(number - 1) % self._size] for number in range(first, stop)])

    def wait(self, subscription: Subscription) -> None:
        """Wake the subscription at the next event, or at the end."""
        self._waiting.add(subscription)

    def forget(self, subscription: Subscription) -> None:
        """Do not wake it any more."""
        self._waiting.discard(subscription)

    def _append(self, at: float, component: str | None, told: tuple[object, ...] | Told, kind: str) -> None:
        self.last += 1
        event = Event(self.last, at, component, told, kind)
        if len(self._ring) < self._size:
            self._ring.append(event)
        else:
            self._ring[(self.last - 1) % self._size] = event
        if self._waiting:
            self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for subscription in waiting:
            subscription.wake()


class Subscription:
    """A reader's place in the journal: it has taken, or lost, all events up to the number `after`."""

    def __init__(self, journal: Journal, wake: Callable[[], None], after: int) -> None:
        self._journal = journal
        self.wake = wake
        self.after = after

    def take(self, most: int) -> Taken:
        """The next events, `most` at once; where there are none, `wake` will be called."""
        taken = self._journal.since(self.after, most)
        self.after += taken.lost + len(taken.events)
        if not taken.events:
            self._journal.wait(self)
        return taken

    def close(self) -> None:
        """It wants no more."""
        self._journal.forget(self)


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
