"""What the ended attempts of a component have left behind: looked for, counted, named, and taken away.

A turn of the reactor after an attempt is over, whatever its code has made and is still there is a leftover; what goes
by itself, as connections do that are being closed in order, gets a second. Timers are cancelled and sockets closed,
unless the component is to be left alone (`cleanup = false`). A thread can't be ended, and is named while it runs.
"""

from __future__ import annotations

import gc
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any
from weakref import ref

from twisted.internet.base import DelayedCall
from twisted.logger import Logger

from wampsup.reactor.leftover import Leftover, describe
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
        named = tuple(describe(one, cleaned=cleaned) for one in made[:_MOST_KEPT])
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


def _listed(named: tuple[Leftover, ...], count: int) -> str:
    more = f"; and {count - len(named)} more" if count > len(named) else ""
    return "; ".join(str(one) for one in named) + more


def _full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])
