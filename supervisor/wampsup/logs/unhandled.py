"""Errors that nobody has taken: of Deferreds, threads, and finalizers. Each becomes one line, of the right component.

Twisted tells an unhandled error when its Deferred goes, which may be in the middle of another component's code. So it
is remembered whose the error is when it gets there: that of the coroutine which raised it, whoever had it go on.
Python would write errors of threads and finalizers to standard error, a line for each line of the traceback.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.reflect import safe_repr

from wampsup.logs import whose
from wampsup.reactor.scope import current

if TYPE_CHECKING:
    from contextvars import Context
    from types import FrameType

_log = Logger()
_COROUTINE = defer._inlineCallbacks.__code__  # noqa: SLF001 - how its frames are known
_NEAR = 6
"""Frames between a Deferred that takes its error and the coroutine that raised it, at most."""


class _Unhandled(defer.DebugInfo):
    """What a Deferred holds with its error, in place of Twisted's: remembers from whom that came."""

    _failure: Failure | None = None
    _component: str | None = None

    @property
    def failResult(self) -> Failure | None:  # noqa: N802 - Twisted's name
        """The error that nobody has taken so far."""
        return self._failure

    @failResult.setter
    def failResult(self, failure: Failure | None) -> None:  # noqa: N802 - Twisted's name
        self._failure = failure
        if failure is not None:
            self._component = _component_behind(sys._getframe(1))  # noqa: SLF001 - the fast way to who calls

    def __del__(self) -> None:
        """Tell the error, as Twisted does it, for whom it came from."""
        if self._failure is not None:
            with whose.said_by(self._component):
                super().__del__()


def _component_behind(frame: FrameType | None) -> str | None:
    """The component of the coroutine whose end is told in `frame`; else the one whose code runs."""
    for _ in range(_NEAR):
        if frame is None:
            break
        if frame.f_code is _COROUTINE:
            return _component_in(frame.f_locals["context"])
        frame = frame.f_back
    return whose.component_now()


def _component_in(context: Context) -> str | None:
    """The component of a coroutine that runs in that context."""
    scope = context.get(current)
    return None if scope is None else scope.account.name


def watch_deferreds() -> None:
    """Have Twisted tell the unhandled errors of Deferreds for whom they came from."""
    defer.DebugInfo = _Unhandled  # type: ignore[misc]


def watch_threads_and_finalizers() -> None:
    """Log the errors of threads, and those that Python can't raise, unless somebody else sees to them."""
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _of_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _of_finalizer


def _of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_type is not SystemExit:
        name = told.thread.name if told.thread else "?"
        _log.failure("thread `{name}` failed", _failure(told), name=name)


def _of_finalizer(told: sys.UnraisableHookArgs) -> None:
    what = told.err_msg or "an exception was ignored in"
    _log.failure("{what} {where}", _failure(told), what=what, where=safe_repr(told.object))


def _failure(told: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> Failure:
    value = told.exc_value or told.exc_type()
    return Failure(value, told.exc_type, told.exc_traceback)
