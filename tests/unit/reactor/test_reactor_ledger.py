"""The ledger: who is charged for what the thread of the reactor does."""

from __future__ import annotations

import threading
import time

import pytest

from wampsup.reactor.account import Account
from wampsup.reactor.ledger import Ledger

BURN = 0.01


@pytest.fixture
def books() -> Ledger:
    """Books of this thread."""
    books = Ledger()
    books.open()
    return books


def burn(seconds: float = BURN) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def ms(account: Account) -> float:
    return account.in_loop_ns / 1e6


def test_an_event_is_charged_with_what_it_uses(books: Ledger) -> None:
    clock = Account("clock")
    books.charge(clock, burn)
    assert ms(clock) == pytest.approx(10, rel=0.4)
    assert clock.events == 1
    assert clock.longest_ns >= 9.9e6
    assert books.active == [clock]


def test_an_event_that_sleeps_uses_nothing_and_takes_long(books: Ledger) -> None:
    clock = Account("clock")
    books.charge(clock, time.sleep, 0.02)
    assert ms(clock) < 5
    assert clock.longest_ns >= 19e6


def test_what_another_one_does_within_an_event_is_that_ones_own(books: Ledger) -> None:
    clock, feed = Account("clock"), Account("feed")

    def event() -> None:
        burn()
        books.charge(feed, burn)
        burn()

    began = time.perf_counter_ns()
    books.charge(clock, event)
    assert clock.longest_ns == pytest.approx(time.perf_counter_ns() - began - feed.longest_ns, abs=2e7)
    assert ms(clock) == pytest.approx(20, rel=0.4)
    assert ms(feed) == pytest.approx(10, rel=0.4)
    assert (clock.events, feed.events) == (1, 1)


def test_its_own_code_within_an_event_is_the_same_event(books: Ledger) -> None:
    clock = Account("clock")
    books.charge(clock, books.charge, clock, burn)
    assert clock.events == 1
    assert ms(clock) == pytest.approx(10, rel=0.4)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_event_that_raises_is_charged_like_others_and_leaves_the_books_in_order(
    books: Ledger, error: type[BaseException]
) -> None:
    clock, feed = Account("clock"), Account("feed")

    def fails() -> None:
        burn()
        raise error

    def event() -> None:
        with pytest.raises(error):
            books.charge(feed, fails)
        assert books.account is clock

    books.charge(clock, event)
    assert ms(feed) == pytest.approx(10, rel=0.4)
    assert (books.account, books.began) == (None, 0)


def test_what_the_reactor_does_on_its_way_to_an_event_belongs_to_that(books: Ledger) -> None:
    clock, feed = Account("clock"), Account("feed")
    books.charge(clock, burn, 0)
    burn()
    books.charge(feed, burn, 0)
    assert ms(clock) < 2
    assert ms(feed) == pytest.approx(10, rel=0.4)


def test_it_tells_who_is_at_work_since_when_without_what_others_did(books: Ledger) -> None:
    clock, feed = Account("clock"), Account("feed")
    told = []

    def look() -> None:
        told.append((books.account, time.perf_counter_ns() - books.began))

    def burn_and_look() -> None:
        burn(0.05)
        look()

    def event() -> None:
        burn()
        books.charge(feed, burn_and_look)
        look()

    books.charge(clock, event)
    (who, inner), (then, outer) = told
    assert (who, then) == (feed, clock)
    assert inner >= 50e6
    assert 10e6 <= outer < 40e6


def test_what_a_signal_does_in_the_middle_of_the_bookkeeping_leaves_no_endless_event(books: Ledger) -> None:
    clock, feed = Account("clock"), Account("feed")
    books.began = time.perf_counter_ns()  # as it is for a moment when an event begins
    books.charge(feed, burn, 0)
    assert books.began > 0
    books.began = 0
    books.charge(clock, burn, 0)
    assert clock.longest_ns < 1e9


def test_another_thread_is_charged_nowhere(books: Ledger) -> None:
    clock = Account("clock")
    thread = threading.Thread(target=books.within, args=(clock, burn))
    thread.start()
    thread.join()
    assert (ms(clock), clock.events) == (0, 0)
