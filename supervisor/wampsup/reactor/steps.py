"""Coroutines and cooperative tasks: each step is a component's own, whoever's event it was that let it go on.

Twisted runs each step of a coroutine in the context in which that began; what is missing is that the step is charged to
whom the context belongs. Its one cooperator (`twisted.internet.task.cooperate`) steps everybody's tasks in one timer.
Both are taken over where Twisted looks them up; a test watches over the two private names.
"""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet import defer, task
from twisted.internet.defer import Deferred

from wampsup.reactor.ledger import OWN, ledger
from wampsup.reactor.scope import current, outside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def follow_steps() -> None:
    """Begin to; a second time changes nothing."""
    defer._copy_context = Steps  # type: ignore[assignment,attr-defined]  # noqa: SLF001 - see above
    if not isinstance(task._theCooperator, _Cooperator):  # noqa: SLF001 - see above
        task._theCooperator = _Cooperator(scheduler=_soon)  # noqa: SLF001


class Steps:
    """The context of a coroutine that begins now: a copy of the current one, whose component is charged."""

    __slots__ = ("_context", "account")

    def __init__(self) -> None:
        scope = current.get()
        self._context = copy_context()
        self.account = OWN if scope is None else scope.account

    @property
    def run(self) -> Callable[..., Any]:
        """What runs a step; where its component is charged already, it leaves no trace in a traceback."""
        if ledger.account is self.account:
            return self._context.run
        return partial(ledger.within, self.account, self._context.run)


class _Task(task.CooperativeTask[Any]):
    """A cooperative task that is stepped in the context of who began it."""

    def __init__(self, iterator: Iterator[Any], cooperator: task.Cooperator) -> None:
        self._steps = Steps()
        super().__init__(iterator, cooperator)

    def _oneWorkUnit(self) -> None:  # noqa: N802 - Twisted's name
        self._steps.run(super()._oneWorkUnit)


class _Cooperator(task.Cooperator):
    """Twisted's cooperator with such tasks."""

    def cooperate(self, iterator: Iterator[Any]) -> task.CooperativeTask[Any]:
        """See Twisted's."""
        return _Task(iterator, self)

    def coiterate(self, iterator: Iterator[Any], doneDeferred: Any = None) -> Any:  # noqa: N803 - Twisted's name
        """See Twisted's."""
        done = Deferred() if doneDeferred is None else doneDeferred
        _Task(iterator, self).whenDone().chainDeferred(done)
        return done


def _soon(function: Callable[[], object]) -> Any:
    """The supervisor's own timer, whoever's task is the first."""
    from twisted.internet import reactor  # noqa: PLC0415 - it is installed by now

    shared: Any = reactor
    return outside(shared.callLater, 1e-8, function)
