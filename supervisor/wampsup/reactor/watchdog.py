"""Sees from a thread of its own that an event does not come to its end, and whose it is: a stall.

The thread looks at the ledger some times a second, and once more at the moment at which the event that runs would
become a stall. It takes the stack while the reactor is stuck. How long a stall was in the end is told by the ledger, in
the reactor's thread: so those are known as well in which no other thread could run, and whose stack nobody has seen.

The time for which a process was stopped, or that an overloaded machine did not let it run, counts for nothing: see
`presence`. A reactor that is stuck beyond all bounds ends the process: see `stuck`.
"""

from __future__ import annotations

import os
from contextvars import Context
from functools import partial
from threading import Event, Lock, Thread
from types import BuiltinMethodType
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.logger import Logger

from wampsup.reactor.aware import Aware
from wampsup.reactor.ledger import ENDLESS, OWN, Ledger, ledger
from wampsup.reactor.presence import Presence
from wampsup.reactor.scope import Scope, current, outside
from wampsup.reactor.stack import Stack, stack_of
from wampsup.reactor.stall import Follower, Patience, Stall
from wampsup.reactor.stuck import STUCK, Heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.account import Account

_log = Logger()

_LOOKS = 4
"""So often it looks at least within the shortest time that makes a stall."""

_SHORTEST_REST, _LONGEST_REST = 5_000_000, 250_000_000
"""Nanoseconds between two looks."""

_LAST_WORDS = 1.0
"""Seconds for what is said before the process ends: whoever reads its log may be stuck as well."""


def begin_thread(work: Callable[..., object], *args: object) -> Thread:
    """Call `work` in a thread of the supervisor's own, which nobody waits for at the end."""
    thread = Thread(target=work, args=args, name="watchdog", daemon=True)
    outside(thread.start)
    return thread


class _Seen(NamedTuple):
    """A stall that has been told, at which time, and where it was then."""

    at: int
    stack: Stack | None


class Watchdog:
    """Watches over one ledger, for whoever follows it; `aside` starts a thread, and `end` ends the process.

    Several fleets in one process share it, and the patience of the most impatient one.
    """

    def __init__(
        self,
        of: Ledger,
        presence: Presence | None = None,
        aside: Callable[..., Thread] = begin_thread,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._ledger = of
        self._presence = presence or Presence()
        self._presence.collected = self._collected
        self._aside = aside
        self._end = end
        self._heartbeat = Heartbeat(self._presence.now)
        self._followers: dict[Follower, Patience] = {}
        self._reactor: Any = None
        self._ended: Event | None = None
        self._lock = Lock()
        self._seen: dict[Account, _Seen] = {}
        self._usual = self._shortest = ENDLESS
        self._of: dict[Account, int] = {}

    # What followers want.

    def follow(self, reactor: Any, follower: Follower, patience: Patience) -> Callable[[], None]:
        """Watch for `follower` until the result is called; of a reactor that keeps no accounts, nothing is known."""
        if not isinstance(reactor, Aware):
            return lambda: None
        self._reactor = reactor
        self._followers[follower] = patience
        self._set()
        return partial(self._leave, follower)

    def become(self, follower: Follower, patience: Patience) -> None:
        """That is the patience, from now on, of one who follows."""
        if follower in self._followers:
            self._followers[follower] = patience
            self._set()

    def _leave(self, follower: Follower) -> None:
        self._followers.pop(follower, None)
        self._set()

    def _set(self) -> None:
        known = tuple(self._followers.values())
        self._usual = min((_ns(one.usual) for one in known), default=ENDLESS)
        self._of = {account: _ns(seconds) for one in known for account, seconds in one.of.items()}
        self._shortest = min((self._usual, *self._of.values()))
        self._seen = {}
        self._ledger.late, self._ledger.patience_ns = self.late, self._shortest
        fatal = min((one.fatal for one in known if one.fatal), default=0.0)
        self._heartbeat.become(self._reactor, fatal)
        if self._shortest == ENDLESS and not fatal:
            self._stop()
        elif self._ended is None:
            self._begin()

    def _begin(self) -> None:
        self._ended = Event()
        self._presence.sleep(0)
        self._presence.begin()
        self._aside(self._run, self._ended)

    def _stop(self) -> None:
        if self._ended is not None:
            self._ended.set()
            self._ended = None
            self._presence.end()

    # In its own thread.

    def _run(self, ended: Event) -> None:
        rest = 0
        while not ended.wait(rest / 1e9):
            try:
                rest = self.look()
            except Exception:  # noqa: BLE001 - our own bugs must not blind it
                rest = _LONGEST_REST
                _log.failure("a bug of wampsup: the watchdog could not look")

    def look(self) -> int:
        """Look once; the nanoseconds until it is worth while to look again."""
        with self._lock:
            now = self._presence.wake()
        rest = min(max(self._shortest // _LOOKS, _SHORTEST_REST), _LONGEST_REST)
        began, account = self._ledger.began, self._ledger.account
        if account is not None and began == self._ledger.began != 0:
            left = self._patience(account) - self._held(now - began, now)
            if left > 0:
                rest = min(rest, left)
            else:
                self._blame(account, began, now)
        if self._heartbeat.limit and self._heartbeat.missing_ns(now, self._presence.absent) > 0:
            self._give_up()
        with self._lock:
            self._presence.sleep(rest)
        return rest

    def _blame(self, account: Account, began: int, now: int) -> None:
        """Tell of a stall, once; its event may come to its end at any moment."""
        seen = self._seen.get(account)
        if seen is not None and began <= seen.at:
            return
        stack = stack_of(self._ledger.thread)
        with self._lock:
            if (self._ledger.began, self._ledger.account) != (began, account):
                return
            self._seen[account] = _Seen(now, stack)
        stall = Stall(account=account, seconds=self._held(now - began, now) / 1e9, stack=stack)
        if (follower := self._follower_of(account)) is not None:
            self._aside(follower.stalled, stall)  # the log may be what is stuck

    def _give_up(self) -> None:
        """End the process."""
        blocker = self.blocker()
        follower = self._follower_of(None if blocker is None else blocker.account)
        if follower is not None:
            self._aside(follower.gives_up, blocker).join(_LAST_WORDS)
            self._end(STUCK)

    # In the reactor's thread.

    def late(self, account: Account, took: int, function: Callable[..., object]) -> None:
        """An event that took so long is over, which `function` was."""
        patience, follower = self._patience(account), self._follower_of(account)
        if took < patience or follower is None:
            return
        with self._lock:
            now = self._presence.now()
            held, alone = self._held(took, now), self._presence.late(now)
            seen = self._seen.pop(account, None)
            lived = took - self._presence.collecting(now - took, now)
        if held < patience:
            if lived >= patience:
                self._tell_later(follower.paused, account, took / 1e9)
            return
        account.stalls += 1
        account.longest_stall_ns = max(account.longest_stall_ns, held)
        stack, scope = None if seen is None else seen.stack, _scope_of(function)
        stall = Stall(account=account, seconds=held / 1e9, stack=stack, alone=alone, scope=scope)
        account.stalled_at = stall.place
        self._tell_later(follower.recovered, stall)

    def _tell_later(self, tell: Callable[..., object], *args: object) -> None:
        """As an event of its own: now may be in the midst of anything, the ledger's own work included."""
        Context().run(self._reactor.callFromThread, tell, *args)

    # In any thread.

    def _collected(self, took: int) -> None:
        """The garbage collector took so long: that is a stall of nobody's."""
        if took >= self._usual and (follower := self._follower_of(OWN)) is not None:
            OWN.stalls += 1
            OWN.longest_stall_ns = max(OWN.longest_stall_ns, took)
            stall = Stall(account=OWN, seconds=took / 1e9, collecting=True)
            self._tell_later(follower.recovered, stall)

    def blocker(self) -> Stall | None:
        """The event that runs now, if one does."""
        began, account, now = self._ledger.began, self._ledger.account, self._presence.now()
        stack = stack_of(self._ledger.thread)
        if account is None or began == 0 or began != self._ledger.began:
            return None
        return Stall(account=account, seconds=self._held(now - began, now) / 1e9, stack=stack)

    def _held(self, took: int, now: int) -> int:
        """For how much of an event that took so long until now the process was there."""
        return took - self._presence.absent(now - took, now)

    def _patience(self, account: Account) -> int:
        return self._of.get(account, self._usual)

    def _follower_of(self, account: Account | None) -> Follower | None:
        """The fleet of that component; the first one for what is nobody's, if there still is one."""
        followers = tuple(self._followers)
        owners = (one for one in followers if account is not None and one.owns(account))
        return next(owners, followers[0] if followers else None)


def _scope_of(function: Callable[..., object]) -> Scope | None:
    """Whose attempt an event was: most of them were run in a context; asyncio has left that for us to stand in."""
    context = function.__self__ if isinstance(function, BuiltinMethodType) else None
    return context.get(current) if isinstance(context, Context) else current.get()


def _ns(seconds: float) -> int:
    return min(int(seconds * 1e9), ENDLESS) if seconds else ENDLESS


watchdog = Watchdog(ledger)
"""The watchdog of this process."""
