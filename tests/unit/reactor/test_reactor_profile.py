"""Real samples of code that really runs, charged to accounts in the main thread; only the end is simulated."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock

from wampsup.errors import WampsupError
from wampsup.reactor.account import Account
from wampsup.reactor.ledger import Ledger
from wampsup.reactor.profile import Profile, Profiler
from wampsup.reactor.threads import work_for, working

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from twisted.internet.defer import Deferred

    from wampsup.reactor.samples import Seen

pytestmark = pytest.mark.timeout(60, method="thread")
"""By default it takes the signal that a profile needs."""

RATE = 500.0


class Scene:
    """The books of the main thread, an account in them, and a profile of it."""

    def __init__(self) -> None:
        self.books = Ledger()
        self.books.open()
        self.clock = Clock()
        self.account = Account("clock")
        self.profiler = Profiler(self.clock, self.books)

    def begin(self) -> Deferred[Profile]:
        return self.profiler.profile(self.account, 1.0, RATE)

    def profile(self, work: Callable[[], object], account: Account | None = None) -> Profile:
        """The profile that is taken while `work` is done for an account, by default the one that is profiled."""
        done = self.begin()
        self.books.charge(account or self.account, work)
        self.clock.advance(1.0)
        taken: Profile = result(done)
        return taken


@pytest.fixture
def scene() -> Scene:
    return Scene()


def result(done: Deferred[Profile]) -> Any:
    results: list[Any] = []
    done.addBoth(results.append)
    assert results, "the profile has not ended"
    return results[0]


def problem(done: Deferred[Profile]) -> str:
    failure = result(done)
    failure.trap(WampsupError)
    message: str = failure.value.message
    return message


def spin(times: int) -> None:
    for _ in range(times):
        pass


def slow() -> None:
    spin(70_000)


def fast() -> None:
    spin(30_000)


def work() -> None:
    for _ in range(600):
        slow()
        fast()


def waits() -> None:
    time.sleep(0.2)


def stacks(profile: Profile, seen: Seen) -> dict[tuple[str, ...], float]:
    """The share of each stack, by the names of its functions."""
    shares: dict[tuple[str, ...], float] = {}
    for stack in seen.stacks:
        names = tuple(profile.functions[function].name for function in stack.functions)
        shares[names] = shares.get(names, 0.0) + stack.seconds / seen.seconds
    return shares


def test_the_shares_of_short_functions_are_what_they_take(scene: Scene) -> None:
    profile = scene.profile(work)
    shares = stacks(profile, profile.in_reactor)
    assert shares["work", "slow", "spin"] == pytest.approx(0.7, abs=0.12)
    assert shares["work", "fast", "spin"] == pytest.approx(0.3, abs=0.12)
    assert profile.in_reactor.seconds == pytest.approx(profile.seconds, abs=0.15)
    assert profile.busy_seconds > 0.1
    assert profile.in_reactor.samples > 50


def test_a_function_is_told_with_its_module_and_place(scene: Scene) -> None:
    profile = scene.profile(work)
    spun = next(function for function in profile.functions if function.name == "spin")
    assert (spun.file, spun.line) == (__file__, spin.__code__.co_firstlineno)
    assert spun.module == __name__


def test_code_that_waits_is_seen(scene: Scene) -> None:
    profile = scene.profile(waits)
    assert stacks(profile, profile.in_reactor) == {("waits",): pytest.approx(1.0)}
    assert profile.in_reactor.samples > 10
    assert profile.in_reactor.seconds == pytest.approx(0.2, abs=0.15)


def test_what_others_do_is_not_seen(scene: Scene) -> None:
    profile = scene.profile(waits, account=Account("other"))
    assert profile.looks > 10
    assert (profile.in_reactor.samples, profile.functions) == (0, [])


def test_what_is_done_for_it_within_the_event_of_another_begins_there(scene: Scene) -> None:
    def for_another() -> None:
        scene.books.charge(scene.account, waits)

    profile = scene.profile(for_another, account=Account("other"))
    assert set(stacks(profile, profile.in_reactor)) == {("waits",)}


def test_a_thread_that_works_for_it_is_seen(scene: Scene) -> None:
    thread = threading.Thread(target=work_for, args=(scene.account, waits))
    done = scene.begin()
    thread.start()
    deadline = time.monotonic() + 10
    while thread.is_alive():  # the signals come to this thread
        assert time.monotonic() < deadline
        spin(10_000)
    scene.clock.advance(1.0)
    profile = result(done)
    assert set(stacks(profile, profile.in_threads)) == {("waits",)}
    assert profile.in_reactor.samples == 0
    assert not working


def test_code_at_the_limit_of_recursion_goes_on(scene: Scene) -> None:
    deepest = 0

    def deep(depth: int) -> None:
        nonlocal deepest
        deepest = depth
        spin(10_000)
        deep(depth + 1)

    def down() -> None:
        with pytest.raises(RecursionError):
            deep(0)

    profile = scene.profile(down)
    assert deepest > sys.getrecursionlimit() / 2
    assert profile.in_reactor.samples > 5


def test_what_no_look_found_is_no_profile_but_no_failure(scene: Scene) -> None:
    done = scene.begin()
    scene.clock.advance(1.0)
    assert result(done).in_reactor.samples == 0


def test_two_at_once_are_refused_and_one_after_the_other_are_not(scene: Scene) -> None:
    first = scene.begin()
    assert problem(scene.begin()) == "a profile is being taken already, and there can be one at a time"
    scene.clock.advance(1.0)
    assert isinstance(result(first), Profile)
    assert scene.profile(waits).in_reactor.samples


def test_one_that_is_cancelled_ends_at_once_and_leaves_nothing(scene: Scene) -> None:
    done = scene.begin()
    done.cancel()
    assert result(done).check(CancelledError)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert scene.clock.getDelayedCalls() == []
    assert scene.profile(waits).in_reactor.samples


def test_the_timer_ends_with_the_profile(scene: Scene) -> None:
    scene.profile(waits)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    signal.raise_signal(signal.SIGALRM)  # one that was on its way ends nothing


def test_a_reactor_that_keeps_no_books_is_refused(scene: Scene) -> None:
    scene.books.thread = 0
    assert problem(scene.begin()) == (
        "the reactor of this process does not tell for which component it works, so that none can be profiled"
    )


def test_a_reactor_in_another_thread_is_refused(scene: Scene) -> None:
    thread = threading.Thread(target=scene.books.open)
    thread.start()
    thread.join()
    assert problem(scene.begin()) == (
        "the reactor does not run in its process's main thread, so that nothing can be profiled"
    )


TAKEN = "something in this process uses the signal SIGALRM, which a profile needs for itself"


@contextmanager
def handled() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_process_that_handles_the_signal_itself_keeps_it(scene: Scene) -> None:
    with handled():
        assert problem(scene.begin()) == TAKEN
    assert scene.profile(waits).in_reactor.samples


def test_an_alarm_that_is_set_keeps_its_time(scene: Scene) -> None:
    signal.alarm(100)
    try:
        assert problem(scene.begin()) == TAKEN
    finally:
        assert signal.alarm(0) >= 99
