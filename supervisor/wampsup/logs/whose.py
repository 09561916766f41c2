"""Whose line it is: that of the component in whose context the code runs, or nobody's where that may be wrong.

Three things are said in another context than that of who is behind them:

- What a finalizer says that the garbage collector calls: it runs in the middle of whatever needed memory just then.
  Such a line is nobody's.
- An exception that has left a component's code for the reactor, which logs it: the frames of its traceback tell whose
  context it came out of.
- An error that nobody has taken from a Deferred, which is told when the Deferred goes: see `unhandled`.
"""

from __future__ import annotations

import contextvars
import gc
from contextlib import contextmanager
from threading import get_ident
from typing import TYPE_CHECKING, Any

from wampsup.wamp.context import component_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

    from twisted.python.failure import Failure


class _Collector:
    """Which thread collects garbage now; told by Python, with two calls for each time."""

    thread: int | None = None

    def __call__(self, phase: str, _info: object) -> None:
        self.thread = get_ident() if phase == "start" else None


_collector = _Collector()


def watch_collector() -> None:
    """Know from now on when garbage is collected; a second time does nothing."""
    if _collector not in gc.callbacks:
        gc.callbacks.append(_collector)


def component_now() -> str | None:
    """The component whose code runs; `None` where that is nobody, or not sure."""
    if _collector.thread is not None and _collector.thread == get_ident():
        return None
    return component_name.get()


def component_of(failure: Failure) -> str | None:
    """The component whose code runs, or out of whose context that failure came."""
    name = component_now()
    traceback: TracebackType | None = failure.tb
    while name is None and traceback is not None:
        context = _local(traceback.tb_frame, "context")
        if isinstance(context, contextvars.Context):
            name = name_in(context)
        traceback = traceback.tb_next
    return name


def name_in(context: contextvars.Context) -> str | None:
    """The component whose context that is."""
    return context.copy().run(component_name.get)


@contextmanager
def sure() -> Iterator[None]:
    """Within, the context tells whose line it is also while garbage is collected."""
    thread, _collector.thread = _collector.thread, None
    try:
        yield
    finally:
        _collector.thread = thread


def _local(frame: FrameType, name: str) -> Any:
    code = frame.f_code
    return frame.f_locals.get(name) if name in code.co_varnames or name in code.co_freevars else None
