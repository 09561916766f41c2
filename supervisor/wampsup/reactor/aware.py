"""What makes a reactor of Twisted's component-aware; each kind of reactor adds how it calls a socket (`kinds`).

Twisted's private names that this leans on are those methods alone; a test for each kind of reactor watches over them.
"""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from wampsup.reactor.ledger import OWN, ledger
from wampsup.reactor.scope import current, outside
from wampsup.reactor.threads import follow_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from wampsup.reactor.account import Account

_BOUND = "_wampsup_bound"
_OWNS: tuple[Context | None, Account] = (None, OWN)

_charge = ledger.charge


class Aware:
    """Runs each event in the context of the component that caused it, and charges its account; a mixin."""

    def startRunning(self, *args: Any, **kwargs: Any) -> None:  # noqa: N802 - Twisted's names, here and below
        """Begin to run, in this thread."""
        ledger.open()
        super().startRunning(*args, **kwargs)  # type: ignore[misc]

    def callLater(self, delay: float, function: Callable[..., object], /, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        """See IReactorTime."""
        scope = current.get()
        call_later = super().callLater  # type: ignore[misc]
        if scope is None:
            return call_later(delay, _charge, OWN, function, *args, **kwargs)
        call = call_later(delay, _charge, scope.account, copy_context().run, function, *args, **kwargs)
        scope.note(call)
        return call

    def callFromThread(self, function: Callable[..., object], /, *args: Any, **kwargs: Any) -> None:  # noqa: N802
        """See IReactorFromThreads."""
        scope = current.get()
        call = super().callFromThread  # type: ignore[misc]
        if scope is None:
            call(_charge, OWN, function, *args, **kwargs)
        else:
            call(_charge, scope.account, copy_context().run, function, *args, **kwargs)

    def getThreadPool(self) -> Any:
        """See IReactorThreads."""
        if getattr(self, "threadpool", None) is None:
            follow_pool(outside(super().getThreadPool))  # type: ignore[misc]
        return super().getThreadPool()  # type: ignore[misc]

    def addReader(self, reader: Any) -> None:  # noqa: N802
        """See IReactorFDSet."""
        _bind(reader)
        super().addReader(reader)  # type: ignore[misc]

    def addWriter(self, writer: Any) -> None:  # noqa: N802
        """See IReactorFDSet."""
        _bind(writer)
        super().addWriter(writer)  # type: ignore[misc]

    def spawnProcess(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        """See IReactorProcess."""
        process = super().spawnProcess(*args, **kwargs)  # type: ignore[misc]
        if current.get() is not None:
            process.reapProcess = _later(process.reapProcess)
        return process

    def addSystemEventTrigger(  # noqa: N802
        self, phase: str, event: str, function: Callable[..., object], /, *args: Any, **kwargs: Any
    ) -> Any:
        """See IReactorCore."""
        if current.get() is not None:
            function = _later(function)
        return super().addSystemEventTrigger(phase, event, function, *args, **kwargs)  # type: ignore[misc]


def event_of(work: Callable[..., object]) -> Callable[..., None]:
    """That method of a reactor, which handles an event of a socket or its like, for whoever the socket is bound to."""

    def event(reactor: Any, selectable: Any, *args: Any) -> None:
        context, account = getattr(selectable, _BOUND, _OWNS)
        if context is None:
            _charge(OWN, work, reactor, selectable, *args)
        else:
            _charge(account, context.run, work, reactor, selectable, *args)

    return event


def _bind(selectable: Any) -> None:
    """It belongs, for all of its life, to whoever has it read or written first."""
    if hasattr(selectable, _BOUND):
        return
    scope = current.get()
    bound = _OWNS if scope is None else (copy_context(), scope.account)
    try:
        setattr(selectable, _BOUND, bound)
    except AttributeError:  # it has slots, and is the supervisor's own by that
        return
    if scope is not None:
        scope.note(selectable)


def _later(function: Callable[..., object]) -> Callable[..., object]:
    """`function`, to be called when anybody's code runs, for the component whose code runs now."""
    scope = current.get()
    account = OWN if scope is None else scope.account
    return partial(ledger.within, account, copy_context().run, function)
