"""Event loops of asyncio that charge accounts: what asyncio calls in a component's context is the component's event.

asyncio itself hands contexts on, so that nothing but the charging is to be done here. uvloop's own transports call
their protocols from C: what these do is the supervisor's own, until a task goes on with it.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from wampsup.reactor.ledger import OWN, ledger
from wampsup.reactor.scope import current

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from wampsup.reactor.account import Account

_TIMELESS = ("call_soon", "call_soon_threadsafe")
_TIMED = ("call_later", "call_at")


def make_loop(kind: str) -> Any:
    """A new loop: `asyncio` is asyncio's own, `uvloop` that of the package.

    Raises:
        ImportError: uvloop is not installed.
    """
    if kind == "asyncio":  # its own transports use these two, and so do `add_reader` and `add_writer`
        return _charging(asyncio.SelectorEventLoop, "_add_reader", "_add_writer")
    return _charging(import_module("uvloop").Loop, "add_reader", "add_writer")


def _charging(base: Any, *watches: str) -> Any:
    methods = {name: _soon(getattr(base, name)) for name in _TIMELESS}
    methods |= {name: _later(getattr(base, name)) for name in _TIMED}
    methods |= {name: _watch(getattr(base, name)) for name in watches}
    return type(f"Aware{base.__name__}", (base,), methods)()


def _soon(usual: Callable[..., Any]) -> Callable[..., Any]:
    def soon(loop: Any, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:
        return usual(loop, ledger.charge, _payer(context), callback, *args, context=context)

    return soon


def _later(usual: Callable[..., Any]) -> Callable[..., Any]:
    def later(
        loop: Any, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Any:
        return usual(loop, when, ledger.charge, _payer(context), callback, *args, context=context)

    return later


def _watch(usual: Callable[..., Any]) -> Callable[..., Any]:
    def watch(loop: Any, fd: Any, callback: Callable[..., object], *args: Any) -> Any:
        return usual(loop, fd, ledger.charge, _payer(None), callback, *args)

    return watch


def _payer(context: Context | None) -> Account:
    scope = current.get() if context is None else context.get(current)
    return OWN if scope is None else scope.account
