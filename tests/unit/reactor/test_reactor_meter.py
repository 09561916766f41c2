"""The meter: shares of windows, and what is left for the supervisor itself."""

from __future__ import annotations

import pytest

from wampsup.reactor.account import Account
from wampsup.reactor.ledger import OWN, Ledger
from wampsup.reactor.meter import Meter

SECOND = 10**9


class Bench:
    """A meter on clocks of its own; `use` is what the ledger or a thread writes."""

    def __init__(self) -> None:
        self.now = 0
        self.process = 0
        self.ledger = Ledger()
        self.meter = Meter(self.ledger, lambda: self.now, lambda: self.process)
        self.meter.begin()

    def use(self, account: Account, share: float) -> None:
        nanoseconds = int(share * SECOND)
        account.in_loop_ns += nanoseconds
        self.process += nanoseconds
        if not account.active:
            account.active = True
            self.ledger.active.append(account)

    def second(self, length: float = 1) -> None:
        self.now += int(length * SECOND)
        self.meter.tick()


@pytest.fixture(autouse=True)
def own_account_as_it_was() -> object:
    kept = OWN.in_1, OWN.in_10, OWN.in_60
    OWN.in_1 = OWN.in_10 = OWN.in_60 = 0
    yield
    OWN.in_1, OWN.in_10, OWN.in_60 = kept


def shares(bench: Bench, account: Account) -> list[float | None]:
    told = [bench.meter.share(account, seconds) for seconds in (1, 10, 60)]
    return [None if share is None else round(share, 4) for share in told]


def test_shares_are_as_of_a_tick() -> None:
    bench = Bench()
    assert bench.meter.moment is None  # nobody keeps accounts yet
    bench.ledger.open()
    moments = [bench.meter.moment]
    for _ in range(3):
        bench.second()
        moments.append(bench.meter.moment)
    assert moments == [0, 1, 2, 3]


def test_before_the_first_second_is_over_nothing_is_known() -> None:
    bench, clock = Bench(), Account("clock")
    bench.use(clock, 0.5)
    assert shares(bench, clock) == [None, None, None]


def test_a_young_fleet_has_shares_of_the_time_that_there_was() -> None:
    bench, clock = Bench(), Account("clock")
    bench.use(clock, 0.5)
    bench.second()
    assert shares(bench, clock) == [0.5, 0.5, 0.5]
    bench.second()
    assert shares(bench, clock) == [0.0, 0.25, 0.25]


def test_what_is_too_old_is_taken_off() -> None:
    bench, clock = Bench(), Account("clock")
    bench.use(clock, 0.6)
    bench.second()
    for _ in range(9):
        bench.second()
    assert shares(bench, clock) == [0.0, 0.06, 0.06]
    bench.second()
    assert shares(bench, clock) == [0.0, 0.0, round(0.6 / 11, 4)]
    for _ in range(49):
        bench.second()
    assert shares(bench, clock) == [0.0, 0.0, 0.01]
    bench.second()
    assert (clock.in_1, clock.in_10, clock.in_60) == (0, 0, 0)


def test_a_constant_share_stays_constant_for_ever() -> None:
    bench, clock = Bench(), Account("clock")
    for _ in range(200):
        bench.use(clock, 0.25)
        bench.second()
        assert shares(bench, clock) == [0.25, 0.25, 0.25]


def test_a_second_that_took_longer_counts_as_long_as_it_took() -> None:
    bench, clock = Bench(), Account("clock")
    bench.use(clock, 2)
    bench.second(4)
    assert shares(bench, clock) == [0.5, 0.5, 0.5]


def test_what_nobody_was_charged_for_is_the_supervisors_own() -> None:
    bench, clock = Bench(), Account("clock")
    bench.use(clock, 0.5)
    bench.use(OWN, 0.1)
    bench.process += SECOND // 5  # a thread of a library's
    assert bench.meter.own_busy_ns() == pytest.approx(0.3 * SECOND)
    bench.second()
    assert shares(bench, OWN) == [0.3, 0.3, 0.3]
    assert shares(bench, bench.meter.process) == [0.8, 0.8, 0.8]
    bench.use(clock, 0.5)
    assert bench.meter.own_busy_ns() == pytest.approx(0.3 * SECOND)


def test_who_rests_is_not_looked_at() -> None:
    bench, clock = Bench(), Account("clock")
    bench.use(clock, 0.5)
    bench.second()
    assert bench.ledger.active == []
    assert not clock.active
