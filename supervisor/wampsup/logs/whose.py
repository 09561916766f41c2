"""Whose line it is: that of the component whose code runs, or nobody's where that may be wrong.

Three things are said elsewhere than in the code of who is behind them:

- What a finalizer says that the garbage collector calls: it runs in the middle of whatever needed memory just then.
  Such a line is nobody's.
- An exception that has left a component's code for the reactor, which logs it: its traceback leads through a frame of
  `reactor`, whose `account` tells whose code was called there.
- An error that nobody has taken from a Deferred, which is told when the Deferred goes: see `unhandled`.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from contextvars import ContextVar
from threading import get_ident
from typing import TYPE_CHECKING, Any

from wampsup.reactor.account import Account
from wampsup.reactor.scope import component_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from twisted.python.failure import Failure


class _Collector:
    """Which thread collects garbage now; told by Python, with two calls for each time."""

    thread: int | None = None

    def __call__(self, phase: str, _info: object) -> None:
        self.thread = get_ident() if phase == "start" else None


_collector = _Collector()
_speaker: ContextVar[tuple[str | None] | None] = ContextVar("speaker", default=None)


def watch_collector() -> None:
    """Know from now on when garbage is collected; a second time does nothing."""
    if _collector not in gc.callbacks:
        gc.callbacks.append(_collector)


def component_now() -> str | None:
    """The component whose code runs; `None` where that is nobody, or not sure."""
    speaker = _speaker.get()
    if speaker is not None:
        return speaker[0]
    if _collector.thread is not None and _collector.thread == get_ident():
        return None
    return component_name()


def component_of(failure: Failure) -> str | None:
    """The component whose code runs, or out of whose code that failure came."""
    name, traceback = component_now(), failure.tb
    if name is not None or _speaker.get() is not None:
        return name
    while traceback is not None:
        account = _local(traceback.tb_frame, "account")
        if isinstance(account, Account):
            name = account.name  # the innermost one counts
        traceback = traceback.tb_next
    return name


@contextmanager
def said_by(component: str | None) -> Iterator[None]:
    """Within, that component speaks, whoever's code runs."""
    token = _speaker.set((component,))
    try:
        yield
    finally:
        _speaker.reset(token)


def _local(frame: FrameType, name: str) -> Any:
    code = frame.f_code
    return frame.f_locals.get(name) if name in code.co_varnames or name in code.co_freevars else None
