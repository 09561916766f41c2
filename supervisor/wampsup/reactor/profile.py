"""A sampling profile of one component: a timer interrupts the reactor's thread many times a second, to see its stack.

The timer is the kernel's (ITIMER_REAL, SIGALRM), and is there only for as long as a profile is taken; before and after,
nothing is different. Python runs the signal's handler in the main thread, between two instructions of whatever code
runs there; the ledger says for whom. A second thread could look as well, but only when it gets Python's lock, which is
most often when the reactor waits: of a component whose events take less than a millisecond, it sees next to nothing.

Times are wall time, so that code that waits is seen as well. Threads that work for the component are looked at too.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from random import random
from threading import main_thread
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from twisted.internet.defer import Deferred, fail

from wampsup.errors import WampsupError
from wampsup.reactor.ledger import Ledger, ledger
from wampsup.reactor.samples import Function, Functions, Seen, Stacks, walk
from wampsup.reactor.threads import work_for, working

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import CodeType, FrameType

    from wampsup.reactor.account import Account

_ENDS: frozenset[CodeType] = frozenset({Ledger.charge.__code__, work_for.__code__})
"""What calls the component's code: what has called that is none of the component's."""

_LOST = 1.0
"""Seconds after which the timer fires again where a look came to nothing, as where the stack has no room left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What a component did for `seconds`, in which one looked `looks` times; `busy_seconds` is its processor time."""

    seconds: float
    looks: int
    busy_seconds: float
    functions: Sequence[Function]
    in_reactor: Seen
    in_threads: Seen


class Profiler:
    """Takes profiles in this process, one at a time; `books` and `workers` say who works for whom."""

    def __init__(self, reactor: Any, books: Ledger = ledger, workers: Mapping[int, Account] = working) -> None:
        self._reactor = reactor
        self._books = books
        self._workers = workers

    def profile(self, account: Account, seconds: float, rate: float) -> Deferred[Profile]:
        """Look for that many seconds at what runs for that account, about `rate` times a second.

        Fires with a Profile; cancelling it ends the profile. It fails with WampsupError where none can be taken now.
        """
        if problem := _problem(self._books):
            return fail(problem)
        looking = _Looking(account, self._books, self._workers, 1 / rate)

        def cancel(_: object) -> None:
            due.cancel()
            looking.end()

        done: Deferred[Profile] = Deferred(cancel)
        due = self._reactor.callLater(seconds, lambda: done.callback(looking.result()))
        looking.begin()
        return done


class _Looking:
    """One profile while it is taken."""

    under_way: ClassVar[_Looking | None] = None

    def __init__(self, account: Account, books: Ledger, workers: Mapping[int, Account], pause: float) -> None:
        self._account = account
        self._books = books
        self._workers = workers
        self._pause = pause
        self._in_reactor, self._in_threads = Stacks(), Stacks()
        self._looks = 0
        self._busy_before = account.busy_ns
        self._began = self._last = perf_counter()

    def begin(self) -> None:
        """Look until `end`."""
        _Looking.under_way = self
        signal.signal(signal.SIGALRM, _interrupted)
        signal.siginterrupt(signal.SIGALRM, False)  # noqa: FBT003 - what can go on where it was does so
        self._wind_up()

    def end(self) -> None:
        """Look no more. The handler stays: a signal that is under way would end the process without it."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        _Looking.under_way = None

    def result(self) -> Profile:
        """End, and tell what was seen."""
        self.end()
        functions = Functions(_modules())
        return Profile(
            in_reactor=self._in_reactor.told(functions),
            in_threads=self._in_threads.told(functions),
            functions=functions.told(),
            seconds=round(perf_counter() - self._began, 6),
            busy_seconds=round((self._account.busy_ns - self._busy_before) / 1e9, 6),
            looks=self._looks,
        )

    def look(self, frame: FrameType | None) -> None:
        """Look at what the reactor's thread, interrupted in `frame`, and other threads do for the component."""
        now = perf_counter()
        seconds, self._last = now - self._last, now
        self._looks += 1
        if self._books.account is self._account:
            _add(self._in_reactor, frame, seconds)
        if self._account in self._workers.values():
            frames = sys._current_frames()  # noqa: SLF001 - the documented way to look at other threads
            for thread, account in tuple(self._workers.items()):
                if account is self._account:
                    _add(self._in_threads, frames.get(thread), seconds)
        self._wind_up()

    def _wind_up(self) -> None:
        # Now sooner, now later: what comes round as regularly as we do would be seen always, or never.
        signal.setitimer(signal.ITIMER_REAL, self._pause * (0.5 + random()), _LOST)  # noqa: S311 - it keeps no secret


def _interrupted(_signal: int, frame: FrameType | None) -> None:
    """The handler of the signal; whoever's code it has interrupted must not hear of what goes wrong here."""
    if _Looking.under_way is not None:
        with suppress(Exception):
            _Looking.under_way.look(frame)


def _problem(books: Ledger) -> WampsupError | None:
    """Why no profile can be taken now."""
    if not books.thread:
        return WampsupError(
            "the reactor of this process does not tell for which component it works, so that none can be profiled",
            hint="`wampsup start` and `wampsup.run` bring one that does",
        )
    if books.thread != main_thread().ident:
        return WampsupError("the reactor does not run in its process's main thread, so that nothing can be profiled")
    if _Looking.under_way is not None:
        return WampsupError("a profile is being taken already, and there can be one at a time")
    handler = signal.getsignal(signal.SIGALRM)
    is_free = handler is _interrupted or handler in (signal.SIG_DFL, signal.SIG_IGN)
    if not is_free or any(signal.getitimer(signal.ITIMER_REAL)):
        return WampsupError("something in this process uses the signal SIGALRM, which a profile needs for itself")
    return None


def _add(stacks: Stacks, frame: FrameType | None, seconds: float) -> None:
    if frame is not None and (codes := walk(frame, _ENDS)):
        stacks.add(codes, frame.f_lineno or 0, seconds)


def _modules() -> dict[str, str]:
    """The names of all modules, by their files; what a module says of itself is taken, and no code of its own run."""
    files = ((name, getattr(module, "__dict__", {}).get("__file__")) for name, module in tuple(sys.modules.items()))
    return {file: name for name, file in files if isinstance(file, str)}
