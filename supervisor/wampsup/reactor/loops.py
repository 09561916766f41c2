"""Event loops of asyncio that charge accounts, and Twisted's reactor on one of them.

asyncio hands contexts on by itself; what it calls in a component's context is the component's event. All else that the
loop does is the supervisor's own, and so is what uvloop's own transports call from C, which no Python sees, until a
task goes on with it.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from wampsup.reactor.aware import Aware, event_now, event_of
from wampsup.reactor.ledger import OWN, ledger
from wampsup.reactor.scope import payer

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.account import Account

_SOON = ("call_soon", "call_soon_threadsafe")

_Base: Any = AsyncioSelectorReactor
_nobodys = Context()


class AwareAsyncioReactor(Aware, _Base):  # type: ignore[misc]  # mypy is told nothing of it
    """Twisted's reactor on an event loop that charges accounts."""

    _readOrWrite = event_of(_Base._readOrWrite)  # noqa: N815, SLF001 - see `aware`

    def callFromThread(self, function: Callable[..., object], /, *args: Any, **kwargs: Any) -> None:  # noqa: N802
        """See IReactorFromThreads. Twisted makes a timer of it, which is to be nobody's."""
        timer = partial(_Base.callLater, self, 0, *event_now(function), *args, **kwargs)
        _nobodys.copy().run(self._asyncioEventloop.call_soon_threadsafe, timer)

    def _reschedule(self) -> None:
        """Set the loop's one timer for all of Twisted's, whoever's is the next."""
        _nobodys.copy().run(super()._reschedule)

    def _onTimer(self) -> None:  # noqa: N802
        ledger.settle(OWN)
        super()._onTimer()


def make_loop(kind: str) -> Any:
    """A new loop: `asyncio` is asyncio's own, `uvloop` that of the package.

    Raises:
        ImportError: uvloop is not installed.
    """
    if kind == "asyncio":  # its own transports use these two, and so do `add_reader` and `add_writer`
        return _charging(asyncio.SelectorEventLoop, timed="call_at", watched=("_add_reader", "_add_writer"))
    return _charging(import_module("uvloop").Loop, timed="call_later", watched=("add_reader", "add_writer"))


def _charging(base: Any, *, timed: str, watched: tuple[str, str]) -> Any:
    methods = {name: _soon(getattr(base, name)) for name in _SOON}
    methods |= {name: _watch(getattr(base, name)) for name in (*watched, "add_signal_handler")}
    methods[timed] = _timer(getattr(base, timed))  # the other one uses it
    return type(f"Aware{base.__name__}", (base,), methods)()


def _soon(usual: Callable[..., Any]) -> Callable[..., Any]:
    def soon(loop: Any, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:
        account = payer(context)
        if account is OWN:
            return usual(loop, callback, *args, context=context)
        return usual(loop, _charge, account, callback, *args, context=context)

    return soon


def _timer(usual: Callable[..., Any]) -> Callable[..., Any]:
    def timer(
        loop: Any, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Any:
        account = payer(context)
        if account is OWN:
            return usual(loop, when, callback, *args, context=context)
        return usual(loop, when, _charge, account, callback, *args, context=context)

    return timer


def _watch(usual: Callable[..., Any]) -> Callable[..., Any]:
    def watch(loop: Any, what: Any, callback: Callable[..., object], *args: Any) -> Any:
        account = payer()
        if account is OWN:
            return usual(loop, what, callback, *args)
        return usual(loop, what, _charge, account, callback, *args)

    return watch


def _charge(account: Account, callback: Callable[..., object], /, *args: Any) -> None:
    if ledger.account is None:  # what the loop has done since the last event, perhaps for others
        ledger.settle(OWN)
    ledger.charge(account, callback, *args)
