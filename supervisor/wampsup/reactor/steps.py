"""Coroutines, cooperative tasks and looping calls: each step is a component's own, whoever's event let it go on.

A Deferred has no context: its callbacks belong to whoever fires it. Where such a callback goes on with what a component
began before, Twisted runs the steps of a coroutine in the context in which that began, but nobody charges its
component; `task.cooperate` steps everybody's tasks in one timer; a LoopingCall that waited sets its next timer. These
are taken over where Twisted looks them up; a test watches over the private names.
"""

from __future__ import annotations

from contextvars import Context, copy_context
from typing import Any

from twisted.internet import defer, task

from wampsup.reactor.ledger import ledger
from wampsup.reactor.scope import outside, payer, way_into

_CONTEXT = "_wampsup_context"

_go_on = defer._gotResultInlineCallbacks  # noqa: SLF001 - see above
_begin_task = task.CooperativeTask.__init__
_step = task.CooperativeTask._oneWorkUnit  # noqa: SLF001
_start = task.LoopingCall.start
_schedule = task.LoopingCall._scheduleFrom  # noqa: SLF001


def follow_steps() -> None:
    """Begin to."""
    taken_over: list[tuple[object, str, object]] = [
        (defer, "_gotResultInlineCallbacks", _go_on_as_its_own),
        (task.CooperativeTask, "__init__", _begin_task_as_now),
        (task.CooperativeTask, "_oneWorkUnit", _step_as_its_own),
        (task, "_theCooperator", task.Cooperator(scheduler=_soon)),
        (task.LoopingCall, "start", _start_as_now),
        (task.LoopingCall, "_scheduleFrom", _schedule_as_its_own),
    ]
    for of, name, ours in taken_over:
        setattr(of, name, ours)


def _go_on_as_its_own(result: Any, waiting: list[Any], coroutine: Any, status: Any, context: Context) -> None:
    """A coroutine has what it waited for: it goes on, and so do the callbacks of its own result."""
    account = payer(context)
    if waiting[0] or ledger.account is account:  # it was there at once, or comes by an event of its own
        _go_on(result, waiting, coroutine, status, context)
    else:
        ledger.within(account, context.copy().run, _go_on, result, waiting, coroutine, status, context)


def _begin_task_as_now(began: Any, iterator: Any, cooperator: task.Cooperator) -> None:
    setattr(began, _CONTEXT, copy_context())
    _begin_task(began, iterator, cooperator)


def _step_as_its_own(stepped: Any) -> None:
    context: Context | None = getattr(stepped, _CONTEXT, None)
    if context is None:  # it is older than this
        _step(stepped)
    else:
        ledger.within(payer(context), way_into(context), _step, stepped)


def _start_as_now(loop: Any, interval: float, now: bool = True) -> Any:  # noqa: FBT001, FBT002 - Twisted's own
    setattr(loop, _CONTEXT, copy_context())
    return _start(loop, interval, now)


def _schedule_as_its_own(loop: Any, when: float) -> None:
    context: Context | None = getattr(loop, _CONTEXT, None)
    if context is None or payer(context) is payer():
        _schedule(loop, when)
    else:
        context.copy().run(_schedule, loop, when)


def _soon(function: Any) -> Any:
    """A timer of the supervisor's own, for the steps of everybody's tasks."""
    from twisted.internet import reactor  # noqa: PLC0415 - it is installed by now

    shared: Any = reactor
    return outside(shared.callLater, 1e-8, function)
