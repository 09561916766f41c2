"""Who is charged for what the reactor's thread does.

An event is what the reactor calls: a socket's doRead, a timer, the result of a thread. The processor time between the
ends of two events is charged to whom the second one belongs, the reactor's own work on its way there included; so one
look at the clock an event is enough. Within an event, code of another account (the supervisor starts a component, a
coroutine goes on that awaited another component) is charged to that other one.
"""

from __future__ import annotations

from threading import get_ident
from time import perf_counter_ns, thread_time_ns
from typing import TYPE_CHECKING, Any, TypeVar

from wampsup.reactor.account import Account

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

OWN = Account(None)
"""The supervisor's own account: what no component can be charged for."""


ENDLESS = 1 << 63
"""More nanoseconds than anything takes."""


def _nobody(_account: Account, _took: int, _function: Callable[..., object]) -> None:
    """Nobody wants to know."""


class Ledger:
    """The books of one thread, in which the reactor runs; no other thread writes to them.

    `account` is charged for the event that runs, which began at `began` of the monotonic clock, in nanoseconds; `None`
    and 0 where the reactor waits. `began` leaves out what was charged to others within the event. A thread that looks
    from outside reads `began`, `account`, and `began` again. `iterating` counts the events, one within the other, that
    wait for others by `reactor.iterate`.

    Of an event that took longer than `patience_ns`, `late` is told whose it was, how long it took, and what it called.
    """

    __slots__ = ("_charged_to", "account", "active", "began", "iterating", "late", "patience_ns", "thread")

    def __init__(self) -> None:
        self.account: Account | None = None
        self.began = 0
        self.active: list[Account] = []
        self.iterating = 0
        self.thread = 0
        self.patience_ns = ENDLESS
        self.late: Callable[[Account, int, Callable[..., object]], None] = _nobody
        self._charged_to = 0

    def open(self) -> None:
        """Begin to charge what this thread does from here on."""
        self.thread = get_ident()
        self._charged_to = thread_time_ns()

    def charge(self, account: Account, function: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
        """Call `function`, in the reactor's thread; the time that it takes is charged to `account`."""
        outer = self.account
        if outer is account:
            return function(*args, **kwargs)
        if outer is not None:
            self.settle(outer)
        outer_began, began = self.began, perf_counter_ns()
        self.began = began
        self.account = account
        try:
            return function(*args, **kwargs)
        finally:
            now = perf_counter_ns()
            took = now - self.began  # which leaves out what others did within
            self.account = outer
            self.began = outer_began and outer_began + now - began
            account.events += 1
            if took > account.longest_ns:  # noqa: PLR1730 - `max` takes three times as long
                account.longest_ns = took
            self.settle(account)
            if took > self.patience_ns:
                self.late(account, took, function)

    def within(self, account: Account, function: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
        """The same from any thread: a thread that is not the reactor's is not charged here."""
        if get_ident() != self.thread:
            return function(*args, **kwargs)
        return self.charge(account, function, *args, **kwargs)

    def settle(self, account: Account) -> None:
        """Charge what the reactor's thread has used since the last time to `account`."""
        now = thread_time_ns()
        account.in_loop_ns += now - self._charged_to
        self._charged_to = now
        if not account.active:
            self.activate(account)

    def activate(self, account: Account) -> None:
        """The account has used something since it was looked at; any thread may say so."""
        account.active = True
        self.active.append(account)


ledger = Ledger()
"""The books of this process: one reactor runs in it."""
