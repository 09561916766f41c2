"""How much of the last 1, 10 and 60 seconds each account was busy, and what is left for the supervisor itself.

Once a second, the meter takes down what each account that was active has used since; a second that grows too old is
taken off again. Accounts that rest cost nothing. What the process has used and nobody was charged for (Python's start,
the garbage collector's share of idle turns, threads of libraries) is the supervisor's own, so that all of it adds up to
the process's processor time.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter_ns, process_time_ns
from typing import TYPE_CHECKING, Any

from wampsup.reactor.account import Account
from wampsup.reactor.aware import Aware
from wampsup.reactor.histogram import Histogram
from wampsup.reactor.ledger import OWN, Ledger, ledger
from wampsup.reactor.scope import outside
from wampsup.reactor.threads import collect

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOWS = (1, 10, 60)
"""Seconds, or rather ticks."""

LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds by which ticks that came late are told apart."""


class Meter:
    """The meter of one ledger; `follow` has it tick.

    `process` is the account of the whole process; `lags` holds by how many seconds ticks came late, `longest_lag_ns` by
    how much one did at most.
    """

    def __init__(
        self,
        of: Ledger,
        clock_ns: Callable[[], int] = perf_counter_ns,
        process_ns: Callable[[], int] = process_time_ns,
    ) -> None:
        self._ledger = of
        self._clock_ns = clock_ns
        self._process_ns = process_ns
        self._ticks: deque[tuple[int, list[tuple[Account, int]]]] = deque()
        self._ticked = 0
        self._charged_ns = 0
        self._process_before = 0
        self._followers = 0
        self._timer: Any = None
        self.process = Account(None)
        self.lags = Histogram(LAGS)
        self.longest_lag_ns = 0

    def follow(self, reactor: Any) -> Callable[[], None]:
        """Tick once a second until the result is called; a reactor that keeps no accounts needs none."""
        if not isinstance(reactor, Aware):
            return lambda: None
        self._followers += 1
        if self._followers == 1:
            self.begin()
            outside(self._tick_later, reactor)
        return self._leave

    @property
    def counts(self) -> bool:
        """Whether accounts are kept at all."""
        return self._ledger.thread != 0

    @property
    def moment(self) -> int | None:
        """What shares are as of: the number of a tick, 0 before there are any; `None` where no accounts are kept."""
        return (self._ticked if len(self._ticks) > 1 else 0) if self.counts else None

    def share(self, account: Account, seconds: int) -> float | None:
        """The share of that window in which the account was busy, 1.0 for a whole processor; `None` at first."""
        if len(self._ticks) <= 1:
            return None
        ended, began = self._ticks[-1][0], self._ticks[max(-seconds - 1, -len(self._ticks))][0]
        return {1: account.in_1, 10: account.in_10, 60: account.in_60}[seconds] / max(ended - began, 1)

    def own_busy_ns(self) -> int:
        """Processor time of the process so far that no component was charged for."""
        since = sum(one.busy_ns - one.metered_ns for one in tuple(self._ledger.active) if one is not OWN)
        return max(self._process_ns() - self._charged_ns - since, 0)

    def begin(self) -> None:
        """The first second begins."""
        if not self._ticks:
            self._process_before = self._process_ns()
            self._ticks.append((self._clock_ns(), []))

    def tick(self) -> None:
        """A second is over."""
        if self._ticks:
            for account, _ in self._ticks[-1][1]:
                account.in_1 = 0
        spent = self._spent()
        for account, nanoseconds in spent:
            account.in_1 = nanoseconds
            account.in_10 += nanoseconds
            account.in_60 += nanoseconds
        self._ticks.append((self._clock_ns(), spent))
        self._ticked += 1
        self._forget()

    def _leave(self) -> None:
        self._followers -= 1
        if self._followers == 0 and self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _tick_later(self, reactor: Any) -> None:
        due = self._clock_ns() + 10**9

        def tick() -> None:
            lag = max(self._clock_ns() - due, 0)
            self.lags.add(lag / 1e9)
            self.longest_lag_ns = max(self.longest_lag_ns, lag)
            collect()
            self.tick()
            self._tick_later(reactor)

        self._timer = reactor.callLater(1, tick)

    def _spent(self) -> list[tuple[Account, int]]:
        """What each has used since the last tick, the supervisor's own included."""
        active = self._ledger.active
        count = len(active)
        batch = active[:count]
        del active[:count]  # threads add to it at any moment
        spent, charged = [], 0
        for account in batch:
            account.active = False
            nanoseconds = account.busy_ns - account.metered_ns
            account.metered_ns += nanoseconds
            if account is not OWN:
                spent.append((account, nanoseconds))
                charged += nanoseconds
        now = self._process_ns()
        process, self._process_before = now - self._process_before, now
        self._charged_ns += charged
        return [*spent, (OWN, max(process - charged, 0)), (self.process, process)]

    def _forget(self) -> None:
        """Take off what is older than the windows."""
        ticks = self._ticks
        if len(ticks) > WINDOWS[1] + 1:
            for account, nanoseconds in ticks[-WINDOWS[1] - 1][1]:
                account.in_10 -= nanoseconds
        if len(ticks) > WINDOWS[2] + 1:
            ticks.popleft()
            for account, nanoseconds in ticks[0][1]:
                account.in_60 -= nanoseconds
            ticks[0] = (ticks[0][0], [])


meter = Meter(ledger)
"""The meter of this process."""
