"""Threads that run for a component: those that its code has started, and its jobs in pools of threads.

They run in the component's context, so that what they log carries its name, and what they hand to the reactor is its
event; and their processor time is charged to it: at the end, and whenever it is taken down (`collect`).
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from time import thread_time_ns
from typing import TYPE_CHECKING, Any

from twisted.python.threadpool import ThreadPool

from wampsup.reactor.ledger import ledger
from wampsup.reactor.scope import current, outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.account import Account

working: dict[int, Account] = {}
"""For whom the threads work, by their idents."""

_charged_to: dict[int, int] = {}
"""Up to which processor time of theirs, in nanoseconds, that has been charged."""

_lock = threading.Lock()

_start = threading.Thread.start
_call_in_pool = ThreadPool.callInThreadWithCallback
_submit = ThreadPoolExecutor.submit


def follow_threads() -> None:
    """Begin to."""
    taken_over: list[tuple[object, str, object]] = [
        (threading.Thread, "start", _start_for),
        (ThreadPool, "callInThreadWithCallback", _call_in_pool_for),
        (ThreadPoolExecutor, "submit", _submit_for),
    ]
    for of, name, ours in taken_over:
        setattr(of, name, ours)
    os.register_at_fork(after_in_child=_forget)


def work_for(account: Account, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call `function` in this thread, which is not the reactor's, and charge its processor time to `account`."""
    ident = threading.get_ident()
    with _lock:
        outer = working.get(ident)
        if outer is None:
            _charged_to[ident] = thread_time_ns()
        else:
            _charge(ident, outer, thread_time_ns())
        working[ident] = account
    try:
        return function(*args, **kwargs)
    finally:
        with _lock:
            _charge(ident, account, thread_time_ns())
            if outer is None:
                del working[ident], _charged_to[ident]
            else:
                working[ident] = outer


if hasattr(time, "pthread_getcpuclockid"):

    def collect() -> None:
        """Charge what threads that work on have used by now."""
        with _lock:  # none of them ends meanwhile: the clock of one that has would be no place to look at
            for ident, account in working.items():
                _charge(ident, account, time.clock_gettime_ns(time.pthread_getcpuclockid(ident)))

else:  # macOS

    def collect() -> None:
        """Nobody can look at another thread's clock here: it is charged at its end."""


def _charge(ident: int, account: Account, now: int) -> None:
    account.in_threads_ns += now - _charged_to[ident]
    _charged_to[ident] = now
    if not account.active:
        ledger.activate(account)


def _start_for(thread: threading.Thread) -> None:
    scope = current.get()
    if scope is not None:
        usual, context = thread.run, copy_context()

        def run() -> None:
            thread.__dict__.pop("run", None)  # else thread and context would keep each other
            work_for(scope.account, context.run, usual)

        thread.run = run  # type: ignore[method-assign]
        scope.note(thread)
    _start(thread)


def _call_in_pool_for(
    pool: ThreadPool,
    onResult: Callable[..., object] | None,
    func: Callable[..., object],
    *args: Any,
    **kw: Any,
) -> None:
    scope = current.get()
    if scope is None:
        _call_in_pool(pool, onResult, func, *args, **kw)
        return
    run = copy_context().run
    told = None if onResult is None else partial(run, onResult)
    outside(_call_in_pool, pool, told, partial(work_for, scope.account, run, func, *args, **kw))


def _submit_for(pool: ThreadPoolExecutor, function: Callable[..., object], /, *args: Any, **kwargs: Any) -> Any:
    scope = current.get()
    if scope is None:
        return _submit(pool, function, *args, **kwargs)
    return outside(_submit, pool, work_for, scope.account, copy_context().run, function, *args, **kwargs)


def _forget() -> None:
    """In a process that was forked, no other thread lives on; one of them may have held the lock."""
    global _lock  # noqa: PLW0603 - it is the new process's own
    _lock = threading.Lock()
    working.clear()
    _charged_to.clear()
    ledger.thread = 0
