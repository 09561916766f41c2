"""What the ended attempts of a component have left behind: looked for, counted, named, and taken away.

A turn of the reactor after an attempt is over, whatever its code has made and is still there is a leftover; what goes
by itself, as connections do that are being closed in order, gets a second. Timers are cancelled and sockets closed,
unless the component is to be left alone (`cleanup = false`). A thread can't be ended, and is named while it runs.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any
from weakref import ref

from twisted.internet.base import DelayedCall
from twisted.logger import Logger
from twisted.python.reflect import safe_repr, safe_str

from wampsup.reactor.made import called
from wampsup.reactor.scope import outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.made import Made
    from wampsup.reactor.scope import Scope

GRACE = 1.0
"""Seconds for what goes by itself."""

_MOST_KEPT = 20
"""Leftovers of one end that are named; all are counted."""

_log = Logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftover:
    """One thing: its `kind` (`timer`, `socket`, `thread`), what it is, and where it was made, if that is known."""

    kind: str
    what: str
    place: str | None
    cleaned: bool

    def __str__(self) -> str:
        """For a person: `timer poll made at feed.py:31 in on_join (cancelled)`."""
        made = f" made at {self.place}" if self.place else ""
        done = {"timer": " (cancelled)", "socket": " (closed)"}[self.kind] if self.cleaned else ""
        return f"{self.kind} {self.what}{made}{done}"


class Leftovers:
    """The leftovers of one component: `count` is how many there were in all, `last` those of the last end with any."""

    __slots__ = ("_prune_at", "_scopes", "_threads", "count", "last")

    def __init__(self) -> None:
        self.count = 0
        self.last: tuple[Leftover, ...] = ()
        self._threads: list[Made] = []
        self._scopes: list[tuple[ref[Scope], int]] = []
        self._prune_at = _MOST_KEPT

    def threads(self) -> int:
        """Threads of ended attempts that still run."""
        self._threads = [one for one in self._threads if one.is_there()]
        return len(self._threads)

    def contexts(self) -> int:
        """Ended attempts that something holds on to, though the garbage collector has looked at everything since."""
        self._prune()
        rounds = _full_collections()
        return sum(1 for _, at in self._scopes if at < rounds)

    def follow(self, scope: Scope, clean: Callable[[], bool], clock: Any) -> None:
        """The attempt with that scope is over; what it has left is looked for soon, and whenever it makes more."""
        if len(self._scopes) >= self._prune_at:
            self._prune()
        self._scopes.append((ref(scope), _full_collections()))
        looking = _Looking(self, scope, clean, clock)
        scope.late = looking.soon
        if scope.made:
            looking.soon()

    def _prune(self) -> None:
        self._scopes = [one for one in self._scopes if one[0]() is not None]
        self._prune_at = max(_MOST_KEPT, 2 * len(self._scopes))

    def found(self, name: str | None, made: list[Made], *, cleaned: bool, late: bool) -> None:
        """Take down what an end has left; what comes later, of what it has left, is no news."""
        named = tuple(_describe(one, cleaned=cleaned) for one in made[:_MOST_KEPT])
        self._threads += [one for one in made if one.kind == "thread"]
        self.count += len(made)
        if late:
            _log.debug("made after its end: {left}", left=_listed(named, len(made)), component=name)
            return
        self.last = named
        _log.warn("left behind after its end: {left}", left=_listed(named, len(made)), component=name)


class _Looking:
    """Looks for what one attempt has left, once however many reasons there are in one turn."""

    __slots__ = ("_clean", "_clock", "_first", "_of", "_scope", "_set", "_told")

    def __init__(self, of: Leftovers, scope: Scope, clean: Callable[[], bool], clock: Any) -> None:
        self._of = of
        self._scope = ref(scope)
        self._clean = clean
        self._clock = clock
        self._told: set[int] = set()
        self._first = True
        self._set = False

    def soon(self) -> None:
        """Look in the next turn."""
        self._later(0, patient=True)

    def _later(self, seconds: float, *, patient: bool) -> None:
        if not self._set:
            self._set = True
            outside(self._clock.callLater, seconds, partial(self._look, patient=patient))

    def _look(self, *, patient: bool) -> None:
        self._set = False
        scope = self._scope()
        if scope is None or not scope.made:
            return
        there = [one for one in scope.made if one.is_there()]
        leaving = [one for one in there if patient and one.is_leaving()]
        left = [one for one in there if one not in leaving and id(one) not in self._told]
        clean = self._clean()
        if news := [one for one in left if not one.is_of_a_library()]:
            self._of.found(scope.account.name, news, cleaned=clean, late=not self._first)
            self._first = False
        if clean:
            scope.made = leaving
            for one in left:
                _take_away(one.thing)
        else:
            scope.made = there
            self._told = {id(one) for one in there if one not in leaving}
        if leaving:
            self._later(GRACE, patient=False)


def _take_away(thing: Any) -> None:
    """Cancel a timer, close a socket; whatever that runs into, the others are to go as well."""
    try:
        if isinstance(thing, DelayedCall):
            thing.cancel()
        elif not isinstance(thing, Thread):
            close = next(filter(None, (getattr(thing, name, None) for name in _CLOSING)), None)
            if close is not None:
                close()
    except Exception:  # noqa: BLE001 - see above
        _log.failure("a leftover could not be taken away")


_CLOSING = ("abortConnection", "stopListening", "loseConnection")
"""What connections, ports and pipes have, the quickest first."""


def _describe(made: Made, *, cleaned: bool) -> Leftover:
    thing, kind = made.thing, made.kind
    if kind == "timer":
        what = _name(called(thing), placed=made.place is not None)
    elif kind == "thread":
        what = f"`{thing.name}`"
    else:
        what = _socket(thing)
    return Leftover(kind=kind, what=what, place=made.place, cleaned=cleaned and kind != "thread")


def _name(function: Any, *, placed: bool) -> str:
    """What a timer is for: a function, that of a LoopingCall; and where that stands, if nothing else is known."""
    function = getattr(function, "f", function)  # LoopingCall
    name, code = getattr(function, "__qualname__", None), getattr(function, "__code__", None)
    stands = f" of {code.co_filename}:{code.co_firstlineno}" if code is not None and not placed else ""
    return f"`{name}`{stands}" if name else str(safe_repr(function))[:80]


def _socket(selectable: Any) -> str:
    """`to 127.0.0.1:8080`, or `listening on 127.0.0.1:8081`."""
    for asked, said in (("getPeer", "to"), ("getHost", "listening on")):
        try:
            address = getattr(selectable, asked)()
            where = f"{address.host}:{address.port}" if hasattr(address, "port") else safe_str(address.name)
        except Exception:  # noqa: BLE001, S112 - it has no address of that sort, or none any more
            continue
        return f"{said} {where}"
    return str(safe_repr(selectable))[:80]


def _listed(named: tuple[Leftover, ...], count: int) -> str:
    more = f"; and {count - len(named)} more" if count > len(named) else ""
    return "; ".join(str(one) for one in named) + more


def _full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])
