"""Threads that work for components."""

from __future__ import annotations

import gc
import multiprocessing
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from support.waiting import wait_until
from wampsup.reactor import threads
from wampsup.reactor.account import Account
from wampsup.reactor.scope import Scope, component_name, context_of, within
from wampsup.reactor.threads import collect, work_for

if TYPE_CHECKING:
    from collections.abc import Callable


def burn(seconds: float = 0.02) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def as_component(account: Account, function: Callable[..., Any], *args: Any) -> Any:
    return within(context_of(Scope(account)), function)(*args)


def in_thread(function: Callable[..., Any], *args: Any) -> None:
    thread = threading.Thread(target=function, args=args)
    thread.start()
    thread.join()


def ms(account: Account) -> float:
    return account.in_threads_ns / 1e6


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="nobody can look at another thread's clock")
def test_a_thread_is_charged_while_it_works_on() -> None:
    account, ends = Account("clock"), threading.Event()

    def work() -> None:
        burn(0.05)
        ends.wait()
        burn(0.05)

    thread = as_component(account, lambda: threading.Thread(target=work))
    as_component(account, thread.start)

    def charged() -> bool:
        collect()
        return ms(account) >= 50

    wait_until(charged, 10)
    assert ms(account) < 60
    ends.set()
    thread.join()
    assert ms(account) == pytest.approx(100, rel=0.4)
    assert thread.ident not in threads.working


def test_a_job_of_another_one_in_a_thread_is_charged_to_that_alone() -> None:
    mine, others = Account("mine"), Account("others")

    def job() -> None:
        burn()
        work_for(others, burn)
        burn()

    in_thread(work_for, mine, job)
    assert ms(mine) == pytest.approx(40, rel=0.4)
    assert ms(others) == pytest.approx(20, rel=0.4)


def test_a_job_that_fails_is_charged_and_its_thread_works_for_nobody_then() -> None:
    account = Account("clock")

    def fails() -> None:
        burn()
        raise SystemExit

    def job() -> None:
        with pytest.raises(SystemExit):
            work_for(account, fails)
        assert threading.get_ident() not in threads.working

    in_thread(job)
    assert ms(account) == pytest.approx(20, rel=0.4)


def test_a_shared_executor_works_for_who_gives_it_a_job() -> None:
    first, second = Account("first"), Account("second")
    with ThreadPoolExecutor(1) as pool:
        assert as_component(first, pool.submit, component_name).result() == "first"
        assert as_component(second, pool.submit, component_name).result() == "second"
        as_component(second, pool.submit, burn).result()
        assert pool.submit(component_name).result() is None
    assert ms(first) < 5
    assert ms(second) == pytest.approx(20, rel=0.4)


def test_a_thread_that_has_ended_holds_on_to_nothing() -> None:
    scope = Scope(Account("clock"))
    gc.collect()
    gc.disable()
    try:
        thread = threading.Thread(target=lambda: None)
        within(context_of(scope), thread.start)()
        thread.join()
        gone, of = weakref.ref(thread), weakref.ref(scope)
        del thread, scope
        assert (gone(), of()) == (None, None)
    finally:
        gc.enable()


def test_a_thread_can_be_started_once_as_ever() -> None:
    account = Account("clock")
    thread = threading.Thread(target=lambda: None)
    as_component(account, thread.start)
    with pytest.raises(RuntimeError, match="once"):
        as_component(account, thread.start)
    thread.join()


def test_a_component_may_put_its_own_in_place_of_how_threads_start(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, started, seen = threading.Thread.start, [], []

    def start(self: threading.Thread) -> None:
        started.append(self)
        usual(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    as_component(Account("clock"), in_thread, lambda: seen.append(component_name()))
    assert len(started) == 1
    assert seen == ["clock"]


def _forked(answers: Any) -> None:
    account = Account("child")
    in_thread(work_for, account, burn)
    thread = threading.Thread(target=burn)
    thread.start()
    thread.join()
    answers.put((ms(account) > 10, len(threads.working)))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_that_is_forked_keeps_books_of_its_own() -> None:
    context: Any = multiprocessing.get_context("fork")
    account, answers = Account("clock"), context.Queue()
    with threads._lock:  # as another thread may hold it at that moment
        process = as_component(account, lambda: context.Process(target=_forked, args=(answers,)))
        process.start()
    assert answers.get(timeout=20) == (True, 0)
    process.join(20)
    assert process.exitcode == 0
    assert ms(account) < 5
