"""Threads that run for a component: jobs of the reactor's pool, and threads that its code has started.

They run in the component's context, so that what they log carries its name, and what they hand to the reactor is its
event; and their processor time is charged to it.
"""

from __future__ import annotations

import threading
from contextvars import copy_context
from functools import partial
from time import thread_time_ns
from typing import TYPE_CHECKING, Any

from wampsup.reactor.ledger import ledger
from wampsup.reactor.scope import current, outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.account import Account

working: dict[int, Account] = {}
"""For whom the threads work, by their idents."""

_lock = threading.Lock()


def follow_pool(pool: Any) -> None:
    """Have that pool of Twisted's run each job for the component that gave it."""
    give = pool.callInThreadWithCallback

    def call(
        on_result: Callable[..., object] | None, function: Callable[..., object], /, *args: Any, **kw: Any
    ) -> None:
        scope = current.get()
        if scope is None:
            give(on_result, function, *args, **kw)
            return
        context = copy_context()
        told = None if on_result is None else partial(context.run, on_result)
        outside(give, told, work_for, scope.account, context.run, function, *args, **kw)

    pool.callInThreadWithCallback = call


def follow_threads() -> None:
    """Have threads that a component starts run for it; a second time changes nothing."""
    usual = threading.Thread.start
    if getattr(usual, "follows_components", False):
        return

    def start(self: threading.Thread) -> None:
        scope = current.get()
        if scope is not None:
            run = partial(work_for, scope.account, copy_context().run, self.run)
            self.run = run  # type: ignore[assignment,method-assign]
            scope.note(self)
        usual(self)

    start.follows_components = True  # type: ignore[attr-defined]
    threading.Thread.start = start  # type: ignore[method-assign]


def work_for(account: Account, function: Callable[..., object], /, *args: Any, **kwargs: Any) -> object:
    """Call `function` in this thread, which is not the reactor's, and charge its processor time to `account`."""
    ident, began = threading.get_ident(), thread_time_ns()
    working[ident] = account
    try:
        return function(*args, **kwargs)
    finally:
        working.pop(ident, None)
        with _lock:
            account.in_threads_ns += thread_time_ns() - began
            if not account.active:
                account.active = True
                ledger.active.append(account)
