"""What makes a reactor of Twisted's component-aware; each kind of reactor adds how it calls a socket (`kinds`).

What is made while a component's code runs is bound to the current context and to the component's account; the event
that comes of it runs there. Twisted's private names that this leans on are watched over by a test.
"""

from __future__ import annotations

from contextvars import Context, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from wampsup.reactor.ledger import OWN, ledger
from wampsup.reactor.scope import current, outside, payer, way_into, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.account import Account

_BOUND = "_wampsup_bound"

_charge = ledger.charge


class Bound(NamedTuple):
    """Whose the events of a selectable are, and where they run."""

    account: Account
    context: Context


class Timed(partial[Any]):
    """What a timer of Twisted's calls in place of its function, whose name it has: that is shown to people."""

    @property
    def function(self) -> Any:
        """What the timer is for."""
        return self.args[-1]

    @property
    def __name__(self) -> str:
        return str(self.function.__qualname__)


class Aware:
    """Runs each event in the context of the component that caused it, and charges its account; a mixin."""

    def startRunning(self, *args: Any, **kwargs: Any) -> None:  # noqa: N802 - Twisted's names, here and below
        """Begin to run, in this thread."""
        ledger.open()
        super().startRunning(*args, **kwargs)  # type: ignore[misc]

    def iterate(self, delay: float = 0.0) -> None:
        """See IReactorCore: an event waits for others, which are not its own."""
        ledger.iterating += 1
        try:
            outside(super().iterate, delay)  # type: ignore[misc]
        finally:
            ledger.iterating -= 1

    def callLater(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        """See IReactorTime."""
        call = super().callLater(*args, **kwargs)  # type: ignore[misc]
        scope = current.get()
        if scope is None:
            call.func = Timed(_charge, OWN, call.func)
        else:
            call.func = Timed(_charge, scope.account, copy_context().run, call.func)
            scope.note(call)
        return call

    def callFromThread(self, function: Callable[..., object], /, *args: Any, **kwargs: Any) -> None:  # noqa: N802
        """See IReactorFromThreads."""
        super().callFromThread(*event_now(function), *args, **kwargs)  # type: ignore[misc]

    def addReader(self, reader: Any) -> None:  # noqa: N802
        """See IReactorFDSet."""
        _bind(reader)
        super().addReader(reader)  # type: ignore[misc]

    def addWriter(self, writer: Any) -> None:  # noqa: N802
        """See IReactorFDSet."""
        _bind(writer)
        super().addWriter(writer)  # type: ignore[misc]

    def getThreadPool(self) -> Any:
        """See IReactorThreads: its threads are nobody's."""
        if getattr(self, "threadpool", None) is None:
            return outside(super().getThreadPool)  # type: ignore[misc]
        return super().getThreadPool()  # type: ignore[misc]

    def spawnProcess(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        """See IReactorProcess."""
        process = super().spawnProcess(*args, **kwargs)  # type: ignore[misc]
        if current.get() is not None:
            process.reapProcess = within(copy_context(), process.reapProcess)
        return process

    def addSystemEventTrigger(  # noqa: N802
        self, phase: str, event: str, function: Callable[..., object], /, *args: Any, **kwargs: Any
    ) -> Any:
        """See IReactorCore."""
        if current.get() is not None and callable(function):
            function = within(copy_context(), function)
        return super().addSystemEventTrigger(phase, event, function, *args, **kwargs)  # type: ignore[misc]


def event_now(function: Callable[..., object]) -> tuple[Any, ...]:
    """A function and its first arguments, which call `function` as an event of whoever's code runs now.

    Raises:
        TypeError: it can't be called.
    """
    if not callable(function):
        raise TypeError(f"{function} is not callable")
    scope = current.get()
    if scope is None:
        return _charge, OWN, function
    return _charge, scope.account, copy_context().run, function


def event_of(work: Callable[..., object]) -> Callable[..., None]:
    """That method of a reactor, which handles an event of a socket or its like, for whoever the socket is bound to."""

    def event(reactor: Any, selectable: Any, *args: Any) -> None:
        bound = getattr(selectable, _BOUND, None)
        if type(bound) is Bound:  # some answer to any name
            _charge(bound.account, way_into(bound.context), work, reactor, selectable, *args)
        else:
            _charge(OWN, work, reactor, selectable, *args)

    return event


def _bind(selectable: Any) -> None:
    """It belongs, for all of its life, to whoever has it read or written first."""
    if type(getattr(selectable, _BOUND, None)) is Bound:
        return
    try:
        setattr(selectable, _BOUND, Bound(payer(), copy_context()))
    except (AttributeError, TypeError):  # it has slots, and is the supervisor's own by that
        return
    if (scope := current.get()) is not None:
        scope.note(selectable)


def owner_of(selectable: Any) -> Account | None:
    """To whom the events of a selectable are charged, where that is known."""
    bound = getattr(selectable, _BOUND, None)
    return bound.account if type(bound) is Bound else None


def comes_within(selectable: Any, context: Context) -> bool:
    """Whether the events of a selectable run where `context` belongs: for the same attempt of a component."""
    bound = getattr(selectable, _BOUND, None)
    return type(bound) is Bound and bound.context.get(current) is context.get(current)
